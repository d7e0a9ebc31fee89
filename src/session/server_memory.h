/* SPDX-License-Identifier: MIT */
/*
 * server_memory - one word about a server that a run leaves for later runs.
 *
 * Each word has a small file of its own in $XDG_CACHE_HOME/postrider, or else ~/.cache/postrider
 * (os/private_cache). It is valid for SERVER_MEMORY_SECONDS and for the EHLO keywords with which it
 * was learnt. Without a folder that is ours alone nothing is remembered, and only time is lost.
 */
#ifndef SESSION_SERVER_MEMORY_H
#define SESSION_SERVER_MEMORY_H

#include "base/attr.h"

#include <stdint.h>

enum { SERVER_MEMORY_SECONDS = 30 * 24 * 3600 };

/* What is known of whom. The texts are borrowed. */
struct server_memory {
	const char *kind; /* of knowledge; the files' names end in it */
	const char *host; /* or the path of the socket */
	unsigned port;
	const char *account; /* its name; NULL: it holds for every account */
	uint32_t keywords;   /* as in struct capabilities */
};

/* Which of the words is remembered; 0, whose word stands for not knowing, if none is. */
size_t server_memory_read(
	const struct server_memory *about, const char *const *words, size_t count);
/* Remembers the word instead of what was known. NULL: nothing is known any more. */
void server_memory_write(const struct server_memory *about, const char *word);

#endif

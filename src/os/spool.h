/* SPDX-License-Identifier: MIT */
/*
 * spool - octets written once and read from the start as often as needed.
 *
 * Up to SPOOL_MEMORY octets stay in memory; beyond that all of it moves to a file in $TMPDIR,
 * /var/tmp or /tmp (the first that works) that never has a name or is unlinked at once: nobody can
 * open it and nothing is left behind. Not enough room is ERR_TEMPORARY, naming the folder.
 */
#ifndef OS_SPOOL_H
#define OS_SPOOL_H

#include "base/buf.h"
#include "base/err.h"

enum { SPOOL_MEMORY = 1 << 20 };

struct spool {
	struct buf memory;
	int fd; /* -1: all in memory */
	const char *folder;
	int spare;         /* the same file for another spool; -1: none */
	uint64_t size, at; /* octets in all; where reading goes on */
};

void spool_init(struct spool *s);
/*
 * Opens the file now that another will need that takes this one's place, where there is no
 * opening files then. spool_follow() initialises that other one.
 */
void spool_reserve(struct spool *s);
void spool_follow(struct spool *s, struct spool *before);
void spool_done(struct spool *s);
bool spool_write(struct spool *s, struct str bytes, struct err *e);
void spool_rewind(struct spool *s);
/* The next octets, at most size; none at the end. */
bool spool_read(struct spool *s, char *to, size_t size, size_t *ret_n, struct err *e);

#endif

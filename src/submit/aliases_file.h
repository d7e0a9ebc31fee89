/* SPDX-License-Identifier: MIT */
/*
 * aliases_file - the account's aliases file, read only when a name is first looked up.
 *
 * Names without a domain are looked up, and those at this host: localhost, and its own name with
 * and without what follows the first dot. Nobody else may be able to change the file and the files
 * it includes (os/file). All failures are ERR_CONFIG, with two exceptions: a preset file that is
 * missing or cannot be read counts as no file, with a warning, and so do mistakes in lines that no
 * look-up reaches.
 *
 * Initialise only path and preset, and do not move the struct afterwards.
 */
#ifndef SUBMIT_ALIASES_FILE_H
#define SUBMIT_ALIASES_FILE_H

#include "mail/alias_expand.h"
#include "os/host.h"

struct aliases_file {
	const char *path; /* borrowed; NULL: there is none */
	bool preset;      /* path is the default, not configured by the user */
	bool was_read, failed;
	size_t mistakes;
	struct err why; /* the error, if failed */
	struct buf text;
	struct aliases table;
	char host[HOST_NAME_OCTETS], label[HOST_NAME_OCTETS];
	const char *hosts[4];
};

void aliases_file_done(struct aliases_file *f);

/* Whether the address is looked up in the file. */
bool aliases_file_concerns(struct aliases_file *f, const struct addr *a);
/*
 * Calls take with each address, bare or not, that a stands for; with a itself if it has no alias.
 * False if take returns false or the file fails.
 */
bool aliases_file_expand(struct aliases_file *f, const struct addr *a,
	bool (*take)(void *ctx, const struct addr *a, struct err *e), void *ctx, struct err *e);
/* Whether the file, once it was read, has an entry of that name. */
bool aliases_file_has(const struct aliases_file *f, const struct addr *a);
/* Reports to tell every mistake in the file, preset or not, and in the files it includes. */
void aliases_file_check(struct aliases_file *f, alias_report *tell, void *ctx);

#endif

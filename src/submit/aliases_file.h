/* SPDX-License-Identifier: MIT */
/*
 * aliases_file - the account's file of aliases, read when a name is first looked up, and not
 * before.
 *
 * Names are those without a domain, and those at this host: localhost, and its own name with and
 * without what follows the first dot. The file and what it includes must not be anyone else's to
 * change (os/file). All failures are ERR_CONFIG; but a file that was not asked for and that is
 * missing or cannot be read is as good as none, with a warning. What is wrong with lines that were
 * not reached is a warning too.
 *
 * Begin with path and preset alone; do not move it then.
 */
#ifndef SUBMIT_ALIASES_FILE_H
#define SUBMIT_ALIASES_FILE_H

#include "mail/alias_expand.h"
#include "os/host.h"

struct aliases_file {
	const char *path; /* borrowed; NULL: there is none */
	bool preset;      /* it was not asked for */
	bool was_read, failed;
	size_t mistakes;
	struct err why; /* it failed */
	struct buf text;
	struct aliases table;
	char host[HOST_NAME_OCTETS], label[HOST_NAME_OCTETS];
	const char *hosts[4];
};

void aliases_file_done(struct aliases_file *f);

/* Would the address be looked up? */
bool aliases_file_concerns(struct aliases_file *f, const struct addr *a);
/* Whom it stands for, one at a time, bare or not: itself, if nothing is known of it. */
bool aliases_file_expand(struct aliases_file *f, const struct addr *a,
	bool (*take)(void *ctx, const struct addr *a, struct err *e), void *ctx, struct err *e);
/* Tells everything that is wrong with the file, preset or not, and with what it includes. */
void aliases_file_check(struct aliases_file *f, alias_report *tell, void *ctx);

#endif

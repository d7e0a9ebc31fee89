/* SPDX-License-Identifier: MIT */
/*
 * rcfile - the grammar of configuration files, which is msmtp's.
 *
 *   line    = *WSP [ "#" anything / command [1*WSP argument] ] *WSP
 *   command = "defaults" / "account" name [":" name *("," name)] / setting
 *
 * An argument that as a whole stands in double quotes loses them; there are no escapes and no
 * comments behind arguments. Lines may be as long as they need to be, end in LF or CRLF; a BOM in
 * front is skipped. `defaults` begins settings for the accounts that follow; an account starts with
 * these and takes what its parents set themselves or inherited. Lines before any of the two belong
 * to an account named default.
 *
 * What is wrong with a line is kept with its account, as "file:line: ..." with the nearest known
 * name: it stops only the mail of that account (rcfile_problems()).
 */
#ifndef CONF_RCFILE_H
#define CONF_RCFILE_H

#include "conf/setting.h"

enum { RCFILE_MAX = 4 << 20, RCFILE_ACCOUNTS = 10000 };

struct rcblock {
	char *name;
	struct settings defaults, own; /* own wins */
	struct buf problems;           /* one a line */
};

struct rcfile {
	char *path;
	struct rcblock *blocks; /* the accounts in file order */
	size_t count;
	struct settings defaults; /* as they stand at the end */
	struct buf problems;      /* of lines outside accounts: they concern every account */
	bool has_secrets;         /* a password, or a command that is run */
};

void rcfile_parse(struct rcfile *ret, const char *path, struct str text);
void rcfile_done(struct rcfile *rc);
const struct rcblock *rcfile_find(const struct rcfile *rc, struct str name);
/* All problems that concern that account, one a line; empty if there are none. */
void rcfile_problems(const struct rcfile *rc, const struct rcblock *block, struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * rcfile - the grammar of configuration files, which is msmtp's, with include.
 *
 *   line    = *WSP [ "#" anything / command [1*WSP argument] ] *WSP
 *   command = "defaults" / "account" name [":" name *("," name)] / "include" files /
 *             "eval" shell-command / setting
 *
 * An argument that as a whole stands in double quotes loses them; there are no escapes and no
 * comments behind arguments. Lines may be as long as they need to be, end in LF or CRLF; a BOM in
 * front is skipped. `defaults` begins settings for the accounts that follow; an account starts with
 * these and takes what its parents set themselves or inherited. Lines before any of the two belong
 * to an account named default. Lines of a list add up within their block; the first of a block
 * replaces what the block inherited. An included file is read as if it stood there; its name may
 * have wildcards and is relative to the file that names it. The line that a command of eval
 * prints is a setting of the block; commands run only when rcfile_evaluate() is asked to.
 *
 * What is wrong with a line is kept with its account, as "file:line: ..." with the nearest known
 * name: it stops only the mail of that account (rcfile_problems()). A file that holds secrets or
 * commands must not be anyone else's to change, nor to read if it is a user's (not root's).
 */
#ifndef CONF_RCFILE_H
#define CONF_RCFILE_H

#include "conf/setting.h"

enum {
	RCFILE_MAX = 4 << 20,
	RCFILE_ACCOUNTS = 10000,
	RCFILE_DEPTH = 8,    /* of includes */
	RCFILE_FILES = 1000, /* included in all */
	RCFILE_EVALS = 100,  /* of one account */
	RCFILE_EVAL_SECONDS = 120,
};

/* A line `eval`, not yet run. */
struct rceval {
	char *command, *place;     /* place: "file:line" */
	struct setting_set later;  /* what lines behind it have set, and so keep */
	struct setting_set beside; /* lists that lines of its block have begun */
	bool inherited;            /* from a parent */
};

struct rcevals {
	struct rceval *rows;
	size_t count;
};

struct rcblock {
	char *name;
	struct settings defaults, own; /* own wins */
	struct rcevals default_evals, own_evals;
	struct buf problems; /* one a line */
};

struct rcfile {
	char *path;
	struct rcblock *blocks; /* the accounts in file order */
	size_t count;
	struct settings defaults; /* as they stand at the end */
	struct rcevals default_evals;
	struct buf problems; /* of lines outside accounts: they concern every account */
	bool has_secrets;    /* a password, or a command that is run; in any of its files */
};

/*
 * Reads the file and what it includes. False with *e if the file itself cannot be read, and then
 * *ret_missing says whether it is there; or if its rights will not do (ERR_CONFIG).
 */
bool rcfile_read(struct rcfile *ret, const char *path, bool *ret_missing, struct err *e);
/* The same for a text that the caller has; an include line is a problem then. */
void rcfile_parse(struct rcfile *ret, const char *path, struct str text);
void rcfile_done(struct rcfile *rc);
const struct rcblock *rcfile_find(const struct rcfile *rc, struct str name);
/* All problems that concern that account, one a line; empty if there are none. */
void rcfile_problems(const struct rcfile *rc, const struct rcblock *block, struct buf *out);
/* The `from` lines of an account as they are written, '\n' between; "" if it has none. */
struct str rcfile_from(const struct rcblock *block);
/* Runs the block's eval lines, each once; what they print is set. */
bool rcfile_evaluate(struct rcblock *block, struct err *e);

#endif

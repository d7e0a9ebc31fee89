/* SPDX-License-Identifier: MIT */
/*
 * rcfile - parses configuration files: msmtp's grammar, and `include`.
 *
 *   line    = *WSP [ "#" anything / command [1*WSP argument] ] *WSP
 *   command = "defaults" / "account" name [":" name *("," name)] / "include" files /
 *             "eval" shell-command / setting
 *
 * An argument wholly in double quotes loses them; there are no escapes, and no comments after
 * arguments. Lines of any length end in LF or CRLF; a BOM at the start is skipped. `defaults`
 * begins settings for all later accounts; an account starts with these and then takes what its
 * parents set or inherited. Lines before the first `defaults` or `account` belong to an account
 * named default. The lines of a list accumulate within a block; the first one in a block replaces
 * what the block inherited. An included file is read in place of its line; its name may have
 * wildcards and is relative to the including file. The line that an eval command prints is a
 * setting of the block; commands run only in rcfile_evaluate().
 *
 * A mistake is kept with its account as "file:line: ..." with the nearest known name, and stops
 * only the mail of that account (rcfile_problems()). Nobody else may be able to change a file with
 * secrets or commands, nor to read it if it is a user's (not root's).
 */
#ifndef CONF_RCFILE_H
#define CONF_RCFILE_H

#include "base/lookup.h"
#include "conf/setting.h"

enum {
	RCFILE_MAX = 4 << 20, /* octets */
	RCFILE_ACCOUNTS = 10000,
	RCFILE_DEPTH = 8,    /* nested includes */
	RCFILE_FILES = 1000, /* included files altogether */
	RCFILE_EVALS = 100,  /* of one account */
	RCFILE_EVAL_SECONDS = 120,
};

/* An `eval` line that has not run. */
struct rceval {
	char *command, *place;     /* place: "file:line" */
	struct setting_set later;  /* settings of later lines, which the command must not change */
	struct setting_set beside; /* lists that other lines of its block have begun */
	bool inherited;            /* the line comes from a parent */
};

struct rcevals {
	struct rceval *rows;
	size_t count;
};

struct rcblock {
	char *name;
	struct settings defaults, own; /* own has priority */
	struct rcevals default_evals, own_evals;
	struct buf problems; /* one per line */
};

struct rcfile {
	char *path;
	struct rcblock *blocks; /* the accounts in file order */
	size_t count, cap;
	struct lookup names;      /* private */
	struct settings defaults; /* as they are at the end of the file */
	struct rcevals default_evals;
	struct buf problems; /* of lines outside accounts, which concern every account */
	struct buf doubts;   /* what is hardly meant, one per line: a setting that is there twice */
	bool has_secrets;    /* it or a file it includes has a password, or a command to run */
};

/*
 * Reads the file and the files it includes. False if the file itself cannot be read (*ret_missing:
 * it does not exist), or with ERR_CONFIG if others have rights to it that they must not have.
 */
bool rcfile_read(struct rcfile *ret, const char *path, bool *ret_missing, struct err *e);
/* Parses text as rcfile_read() does a file named path; an include line is a mistake here. */
void rcfile_parse(struct rcfile *ret, const char *path, struct str text);
void rcfile_done(struct rcfile *rc);
/* The account of that name, or NULL. */
const struct rcblock *rcfile_find(const struct rcfile *rc, struct str name);
/* Appends all mistakes that concern that account, one per line. */
void rcfile_problems(const struct rcfile *rc, const struct rcblock *block, struct buf *out);
/* The `from` lines of an account as they are written, joined by '\n'; "" if it has none. */
struct str rcfile_from(const struct rcblock *block);
/* Runs the block's eval lines, each once, and assigns the settings that they print. */
bool rcfile_evaluate(struct rcblock *block, struct err *e);

#endif

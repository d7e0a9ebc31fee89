/* SPDX-License-Identifier: MIT */
/*
 * account - the files, the account in use, and its settings made complete and checked.
 *
 * Files: FILE of -C; else the first that exists of $XDG_CONFIG_HOME/postrider/config, ~/.msmtprc,
 * $XDG_CONFIG_HOME/msmtp/config; and under it /etc/postrider/config, else /etc/msmtprc. A file of
 * our own that exists and cannot be read is an error, and so is one with secrets that others may
 * read. A system file that cannot be read is skipped, and named if no account is found.
 *
 * The account: the one named; else the first, in file order, whose `from` matches the sender (`*`,
 * `?` and [...] are wildcards, case does not matter); else `default`; else the only one. --host
 * needs none. Everything wrong is ERR_CONFIG.
 */
#ifndef CONF_ACCOUNT_H
#define CONF_ACCOUNT_H

#include "conf/setting.h"

struct account_wish {
	const char *file;   /* -C, or NULL */
	const char *name;   /* -a, or NULL */
	const char *sender; /* -f in wire form, or NULL */
	bool msmtp;         /* called by msmtp's name: its defaults hold without a file too */
	const struct settings *cli;
};

struct account {
	char *name; /* "" when it is made of the command line */
	char *file; /* "" too */
	bool msmtp; /* msmtp's defaults were used */
	struct settings s;
};

bool account_choose(const struct account_wish *wish, struct account *ret, struct err *e);
void account_done(struct account *a);

/* Is the setting a pattern, so that it cannot be a sender itself? */
bool account_is_pattern(const char *from);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * account - chooses the account to use, and completes and checks its settings.
 *
 * The account is the one named; otherwise the first, in file order, whose `from` matches the sender
 * (conf/pattern); otherwise the one named default, the only one, or one made from $EMAIL and
 * $SMTPSERVER. `eval` lines run only if no `from` line matches, and only in accounts without a
 * `from` line. With --host no account is needed. All errors are ERR_CONFIG, and all mistakes in the
 * file are listed together.
 */
#ifndef CONF_ACCOUNT_H
#define CONF_ACCOUNT_H

#include "conf/config_files.h"

struct account_wish {
	const char *name;   /* -a, or NULL */
	const char *sender; /* the sender of the mail in wire form, or NULL */
	bool msmtp;         /* called as msmtp: msmtp's defaults apply even without a file */
	bool sendmail;      /* called as sendmail */
	const struct settings *cli;
};

struct account {
	char *name; /* "" if made from the command line or the environment */
	char *file; /* the file it comes from; "" for the command line */
	char *from; /* its own address in wire form: the first `from` without wildcards, or NULL */
	char *show; /* for hints, how to see its settings: a command, if it has a name and file */
	bool complete;         /* all settings are known and valid */
	bool secret_by_option; /* the password or its source is from the command line */
	bool from_header;      /* `from %F`: the sender is the address in the From field */
	struct settings s;
};

/*
 * Reads the configuration, once, unless --host in cli makes it unnecessary. A failure is kept in
 * files for account_choose() to return. named: the file of -C, or NULL.
 */
void account_load_files(struct config_files *files, const char *named, const struct settings *cli);
/*
 * Chooses among the accounts of files, which must be loaded; reads no file, and runs each eval line
 * at most once. After a failure *ret holds what is known of the account, such as its logs. Free
 * *ret with account_done() in either case.
 */
bool account_choose(struct config_files *files, const struct account_wish *wish,
	struct account *ret, struct err *e);
/* Whether the files that were read have no mistake, not even in accounts that are not used. */
bool account_check_files(struct config_files *files, struct err *e);
/*
 * Replaces ERR_SHOW in the hint of *e by the account's `show`. Without a file, lines of it become
 * options (conf/option_hint).
 */
void account_complete_hint(const struct account *a, struct err *e);
void account_done(struct account *a);

#endif

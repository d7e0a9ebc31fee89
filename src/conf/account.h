/* SPDX-License-Identifier: MIT */
/*
 * account - the account in use, its settings complete and checked.
 *
 * It is the one named; else the first, in file order, whose `from` matches the sender
 * (conf/pattern; `eval` lines run only where no written `from` matches, in accounts that have
 * none); else `default`; else the only one; else one made of $EMAIL and $SMTPSERVER. --host needs
 * none. All errors are ERR_CONFIG, and all mistakes in the file are listed at once.
 */
#ifndef CONF_ACCOUNT_H
#define CONF_ACCOUNT_H

#include "conf/config_files.h"

struct account_wish {
	const char *name;   /* -a, or NULL */
	const char *sender; /* whom the mail is from, in wire form; or NULL */
	bool msmtp;         /* called by msmtp's name: its defaults hold without a file too */
	bool sendmail;      /* called by that name */
	const struct settings *cli;
};

struct account {
	char *name;    /* "" when it is made of the command line or the environment */
	char *file;    /* where it is from; "" for the command line */
	char *from;    /* its own address in wire form: the first `from` that is one; NULL: none */
	char *show;    /* the words that show its settings: a command, where a file names it */
	bool complete; /* all is known, and right */
	bool from_header; /* `from %F`: the sender is whom the From field names */
	struct settings s;
};

/*
 * Reads the configuration, once, unless --host in cli makes it needless. What is wrong with it is
 * kept in files for account_choose(). named: the file of -C, or NULL.
 */
void account_load_files(struct config_files *files, const char *named, const struct settings *cli);
/*
 * Chooses among the accounts of files, which must be loaded; no file is read, and each eval line
 * runs once. On failure *ret has what is known of the account, its logs above all.
 */
bool account_choose(struct config_files *files, const struct account_wish *wish,
	struct account *ret, struct err *e);
/* Is all well in the files that were read, also in accounts that are not in use? */
bool account_check_files(struct config_files *files, struct err *e);
/* Completes a hint that says ERR_SHOW. */
void account_complete_hint(const struct account *a, struct err *e);
void account_done(struct account *a);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * run - what the modes that look at an account or a message share: one run of the program.
 *
 * A mode fills `cli` and `as`, lets the functions below find the account and read the message, and
 * has run_report() tell what became of it: in the log, at the terminal, and as JSON. All functions
 * that return false say why in *e.
 */
#ifndef CMD_RUN_H
#define CMD_RUN_H

#include "cmd/unsent.h"
#include "conf/cli.h"
#include "conf/compose_options.h"
#include "submit/deliver.h"
#include "submit/delivery_log.h"
#include "submit/read_message.h"

/* How we were called, as far as it changes defaults. */
struct run_as {
	bool sendmail, msmtp;
};

/* Called for each recipient: as it was named, and its address. */
struct run_view {
	void (*recipient)(void *ctx, const char *asked, const char *address);
	void *ctx;
};

/* One run: what it is made of, and what came of it. */
struct run {
	const struct cli *cli;
	const struct run_as *as;
	struct config_files files;
	struct account account;
	bool has_account;
	struct read_message_options options;
	struct addr sender;             /* from the header; the options borrow it */
	char *sender_name;              /* of -f; the options borrow it too */
	struct compose_options compose; /* where a message is composed */
	struct message message;
	bool has_message;
	struct unsent unsent;
	struct outcome outcome;
	struct delivery_log entry;
	const struct run_view *view; /* of -bv; NULL: none */
};

void run_done(struct run *r);

/*
 * What arguments say of the account; -f, which the caller keeps in *sender, may choose it. --host
 * and -a together are ERR_USAGE.
 */
bool run_account_wish(const struct cli *cli, const struct run_as *as, struct addr *sender,
	struct account_wish *ret, struct err *e);
/* The account for this command line. On failure its logs are known as far as they can be. */
bool run_choose_account(struct run *r, struct err *e);
/* --read-envelope-from without -f: the account waits for the header. */
bool run_asks_header(const struct run *r);
/* Is it said which message goes to whom? */
bool run_check_usage(const struct cli *cli, struct err *e);
bool run_read_message(struct run *r, int fd, struct err *e);
/* The same from --message, else from standard input. */
bool run_read_message_file(struct run *r, struct err *e);
/* What the command line asks for each message. */
struct deliver_wishes run_deliver_wishes(const struct cli *cli);
/* For a process with one account, which gives up its rights before it connects. */
struct upstream run_upstream(const struct run *r);
/*
 * Logs r->outcome, ends the session and keeps what was learnt from it (NULL: there was none), and
 * prints the outcome, in this order: what has been sent is never missing from the log because of
 * what comes behind it.
 */
void run_report(struct run *r, struct upstream *upstream);
/* "account NAME: where it sends to", a line. */
void run_account_line(const struct account *a, struct buf *out);

#endif

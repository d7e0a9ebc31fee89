/* SPDX-License-Identifier: MIT */
/*
 * send - read a message from standard input and submit it; or show what would be used (-P), or what
 * would be sent (--dry-run); or whether the files are right (-bC); or have the server send what it
 * holds (--rmqs).
 */
#ifndef CMD_SEND_H
#define CMD_SEND_H

#include "conf/cli.h"
#include "submit/deliver.h"
#include "submit/read_message.h"

/* How we were called, as far as it changes defaults. */
struct send_as {
	bool sendmail, msmtp;
};

/* Is told the recipients one by one (submit/build_envelope), then the rest. */
struct send_view {
	void (*recipient)(void *ctx, const char *asked, const char *address);
	void (*rest)(void *ctx, const struct account *a, const struct envelope *env);
	void *ctx;
};

/*
 * What arguments say of the account; -f, which the caller keeps in *sender, may choose it. --host
 * and -a together are ERR_USAGE.
 */
bool send_wish(const struct cli *cli, const struct send_as *as, struct addr *sender,
	struct account_wish *ret, struct err *e);
/* All that send_run() finds out before it would send; standard input is read with -t alone. */
bool send_look(const struct cli *cli, const struct send_as *as, const struct send_view *view,
	struct err *e);
/* "account NAME: where it sends to", a line. */
void send_account_line(const struct account *a, struct buf *out);

/* What the command line asks for each message. */
struct deliver_wishes send_wishes(const struct cli *cli);
/* All return the exit status. The arguments would not do: that is logged, and told as JSON where it
 * was asked for. */
int send_refused(const struct cli *cli, const struct send_as *as, const struct err *e);
int send_run(const struct cli *cli, const struct send_as *as);
int etrn_run(const struct cli *cli, const struct send_as *as);
/* -bC: silent if there is an account and no file has a mistake in it. */
int check_files_run(const struct cli *cli, const struct send_as *as);
int pretend_run(const struct cli *cli, const struct send_as *as);

#endif

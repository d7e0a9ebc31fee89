/* SPDX-License-Identifier: MIT */
/*
 * send - read a message from standard input and submit it; or show what would be used (-P), or what
 * would be sent (--dry-run); or whether the files are right (-bC); or have the server send what it
 * holds (--rmqs).
 */
#ifndef CMD_SEND_H
#define CMD_SEND_H

#include "conf/cli.h"

/* How we were called, as far as it changes defaults. */
struct send_as {
	bool sendmail, msmtp;
};

/* All return the exit status. The arguments would not do: that is logged, and told as JSON where it
 * was asked for. */
int send_refused(const struct cli *cli, const struct send_as *as, const struct err *e);
int send_run(const struct cli *cli, const struct send_as *as);
int etrn_run(const struct cli *cli, const struct send_as *as);
/* -bC: silent if a message could be sent and no file has a mistake in it. */
int check_files_run(const struct cli *cli, const struct send_as *as);
int pretend_run(const struct cli *cli, const struct send_as *as);

#endif

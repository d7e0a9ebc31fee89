/* SPDX-License-Identifier: MIT */
/*
 * send - read a message from standard input and submit it; or print what would be used (-P).
 */
#ifndef CMD_SEND_H
#define CMD_SEND_H

#include "conf/cli.h"

/* The exit status. msmtp: called by that name. */
int send_run(const struct cli *cli, bool msmtp);
int pretend_run(const struct cli *cli, bool msmtp);

#endif

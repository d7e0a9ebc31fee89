/* SPDX-License-Identifier: MIT */
/*
 * send - read a message, or compose one, and submit it; with --dry-run only show it.
 */
#ifndef CMD_SEND_H
#define CMD_SEND_H

#include "cmd/run.h"

/* Both return the exit status. */
int send_run(const struct cli *cli, const struct run_as *as);
/* For arguments that were refused: logs that, and prints it as JSON if requested. */
int send_refused(const struct cli *cli, const struct run_as *as, const struct err *e);

#endif

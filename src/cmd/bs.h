/* SPDX-License-Identifier: MIT */
/*
 * bs - speak SMTP on standard input and output (-bs).
 *
 * Standard output carries only replies: log lines for the file "-" go to standard error.
 */
#ifndef CMD_BS_H
#define CMD_BS_H

#include "cmd/run.h"

/* Returns the exit status. */
int bs_run(const struct cli *cli, const struct run_as *as);

#endif

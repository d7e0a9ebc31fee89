/* SPDX-License-Identifier: MIT */
/*
 * pretend - show the settings of the account in use, secrets hidden (-P).
 */
#ifndef CMD_PRETEND_H
#define CMD_PRETEND_H

#include "cmd/run.h"

/* Returns the exit status. */
int pretend_run(const struct cli *cli, const struct run_as *as);

#endif

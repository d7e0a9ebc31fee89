/* SPDX-License-Identifier: MIT */
/*
 * etrn - have the server send what it holds for a node (--rmqs, RFC 1985).
 */
#ifndef CMD_ETRN_H
#define CMD_ETRN_H

#include "cmd/run.h"

/* Returns the exit status. */
int etrn_run(const struct cli *cli, const struct run_as *as);

#endif

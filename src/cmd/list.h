/* SPDX-License-Identifier: MIT */
/*
 * list - the accounts of the configuration, or their addresses, one a line: for shells that
 * complete them, and for scripts.
 *
 * Addresses are those of `from` lines that are no patterns, each once. No command is run, and what
 * cannot be understood in a file is left out.
 */
#ifndef CMD_LIST_H
#define CMD_LIST_H

#include "cmd/run.h"

int list_run(const struct cli *cli, const struct run_as *as);

#endif

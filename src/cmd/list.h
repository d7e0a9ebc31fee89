/* SPDX-License-Identifier: MIT */
/*
 * list - print the configured accounts, or their addresses, one per line, for shell completion and
 * scripts.
 *
 * Addresses are those of `from` lines without patterns, each once. No command is run, and lines
 * with mistakes are left out.
 */
#ifndef CMD_LIST_H
#define CMD_LIST_H

#include "cmd/run.h"

int list_run(const struct cli *cli, const struct run_as *as);

#endif

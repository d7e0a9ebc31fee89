/* SPDX-License-Identifier: MIT */
/*
 * show_recipients - show account, sender and recipients after aliases (-bv); send nothing.
 *
 * Standard output gets one line for each recipient; if it is replaced by another address, that
 * follows after "->". Standard input is read only with -t.
 */
#ifndef CMD_SHOW_RECIPIENTS_H
#define CMD_SHOW_RECIPIENTS_H

#include "cmd/run.h"

int show_recipients_run(const struct cli *cli, const struct run_as *as);

#endif

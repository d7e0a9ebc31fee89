/* SPDX-License-Identifier: MIT */
/*
 * show_recipients - show account, sender and recipients after aliases (-bv); send nothing.
 *
 * One line a recipient on standard output, behind "->" what became of it where that is another.
 * Standard input is read with -t alone.
 */
#ifndef CMD_SHOW_RECIPIENTS_H
#define CMD_SHOW_RECIPIENTS_H

#include "cmd/run.h"

int show_recipients_run(const struct cli *cli, const struct run_as *as);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * help - --help and --version, written from the tables.
 *
 * The short help has 40 lines of 80 columns at most: examples, and the options that its readers
 * need first. --help=all has every option and exit status, --help=settings every setting that is
 * an option.
 */
#ifndef UI_HELP_H
#define UI_HELP_H

#include "base/buf.h"
#include "conf/cli.h"

void help_write(enum cli_help which, struct buf *out);
void help_version(struct buf *out);

#endif

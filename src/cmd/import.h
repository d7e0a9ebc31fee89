/* SPDX-License-Identifier: MIT */
/*
 * import - print another program's configuration in our own form (--import).
 *
 * FILE may be a file, with those beside it that the program reads too, a folder with them, or "-":
 * standard input. A file that is missing is 66, one that is no program's 65. An account that could
 * not be used as it is printed is 78, and what is printed stays.
 */
#ifndef CMD_IMPORT_H
#define CMD_IMPORT_H

#include "conf/cli.h"

/* Returns the exit status. */
int import_run(const struct cli *cli);

#endif

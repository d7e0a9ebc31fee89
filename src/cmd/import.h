/* SPDX-License-Identifier: MIT */
/*
 * import - print another program's configuration in our own form (--import).
 *
 * FILE is a file (the program's other files beside it are read too), a folder with such files, or
 * "-" for standard input. The status is 66 if the file is missing, 65 if it is no known program's,
 * and 78 if an account could not be used as it is printed; the configuration is printed even so.
 */
#ifndef CMD_IMPORT_H
#define CMD_IMPORT_H

#include "conf/cli.h"

/* Returns the exit status. */
int import_run(const struct cli *cli);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * check_files - check the configuration files (-bC).
 *
 * Prints nothing if there is an account and no file has a mistake.
 */
#ifndef CMD_CHECK_FILES_H
#define CMD_CHECK_FILES_H

#include "cmd/run.h"

/* Returns the exit status. */
int check_files_run(const struct cli *cli, const struct run_as *as);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * aliases - check the file of aliases and what it includes (-bi, newaliases).
 *
 * The file is --aliases, else that of the account; under sendmail's names /etc/aliases where
 * neither is known. No account is needed unless -C or -a asks for one. All mistakes go to standard
 * error: 78, also for a file that is there and cannot be read. None, or no file: silence and 0.
 */
#ifndef CMD_ALIASES_H
#define CMD_ALIASES_H

#include "cmd/run.h"

int aliases_run(const struct cli *cli, const struct run_as *as);

#endif

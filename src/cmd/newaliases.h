/* SPDX-License-Identifier: MIT */
/*
 * newaliases - check the aliases file and the files it includes (-bi, newaliases).
 *
 * The file is --aliases, or else the account's; when called as sendmail, /etc/aliases if neither is
 * known. No account is needed unless -C or -a asks for one. All mistakes are printed on standard
 * error and the status is 78, also if the file exists but cannot be read. Without a mistake, or
 * without a file, nothing is printed and the status is 0.
 */
#ifndef CMD_NEWALIASES_H
#define CMD_NEWALIASES_H

#include "cmd/run.h"

int newaliases_run(const struct cli *cli, const struct run_as *as);

#endif

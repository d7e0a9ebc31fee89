/* SPDX-License-Identifier: MIT */
/*
 * ssmtp - reads ssmtp.conf (KEY=VALUE, keys are case-insensitive) and revaliases
 * (USER:ADDRESS:HUB).
 *
 * A user of revaliases becomes an account of that name, which inherits the settings of the default
 * account. Whatever is left out becomes a note.
 */
#ifndef IMPORT_SSMTP_H
#define IMPORT_SSMTP_H

#include "import/converted.h"

/* Whether only such files have a line like this. */
bool ssmtp_knows(struct str line);
void ssmtp_read(struct converted *d);

#endif

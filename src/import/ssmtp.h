/* SPDX-License-Identifier: MIT */
/*
 * ssmtp - reads ssmtp.conf (KEY=VALUE, case of keys does not matter) and revaliases
 * (USER:ADDRESS:HUB).
 *
 * A user of revaliases becomes an account of that name, which begins with the default one's
 * settings. What is left out becomes a note.
 */
#ifndef IMPORT_SSMTP_H
#define IMPORT_SSMTP_H

#include "import/converted.h"

/* Is it a line that only such files have? */
bool ssmtp_knows(struct str line);
void ssmtp_read(struct converted *d);

#endif

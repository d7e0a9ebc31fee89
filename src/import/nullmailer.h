/* SPDX-License-Identifier: MIT */
/*
 * nullmailer - reads the files of /etc/nullmailer: remotes, and one value a file.
 *
 * A line of remotes is split as a shell splits words. Servers with the same options are one list of
 * hosts; any other becomes an account of its own.
 * What is left out becomes a note.
 */
#ifndef IMPORT_NULLMAILER_H
#define IMPORT_NULLMAILER_H

#include "import/converted.h"

/* Is it a line that only such files have? */
bool nullmailer_knows(struct str line);
void nullmailer_read(struct converted *d);

#endif

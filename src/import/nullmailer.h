/* SPDX-License-Identifier: MIT */
/*
 * nullmailer - reads the files of /etc/nullmailer: remotes, and files with one value each.
 *
 * A line of remotes is split into words as by a shell. Servers with the same options become one
 * list of hosts; any other server becomes an account of its own. Whatever is left out becomes a
 * note.
 */
#ifndef IMPORT_NULLMAILER_H
#define IMPORT_NULLMAILER_H

#include "import/converted.h"

/* Whether only such files have a line like this. */
bool nullmailer_knows(struct str line);
void nullmailer_read(struct converted *d);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * esmtp - reads esmtprc: KEY = VALUE, with quotes and the escapes of C, in identities.
 *
 * An identity becomes an account; the one that is used where none is asked for is named default.
 * What is left out becomes a note.
 */
#ifndef IMPORT_ESMTP_H
#define IMPORT_ESMTP_H

#include "import/converted.h"

/* Is it a line that only such files have? */
bool esmtp_knows(struct str line);
void esmtp_read(struct converted *d);

#endif

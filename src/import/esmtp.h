/* SPDX-License-Identifier: MIT */
/*
 * esmtp - reads esmtprc: KEY = VALUE, with quotes and the escapes of C, in identities.
 *
 * An identity becomes an account; the one that esmtp uses by default is named default. Whatever is
 * left out becomes a note.
 */
#ifndef IMPORT_ESMTP_H
#define IMPORT_ESMTP_H

#include "import/converted.h"

/* Whether only such files have a line like this. */
bool esmtp_knows(struct str line);
void esmtp_read(struct converted *d);

#endif

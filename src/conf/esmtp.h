/* SPDX-License-Identifier: MIT */
/*
 * esmtp - reads esmtprc: KEY = VALUE, with quotes and the escapes of C, in identities.
 *
 * An identity becomes an account; the one that is used where none is asked for is named default.
 * What is left out becomes a note.
 */
#ifndef CONF_ESMTP_H
#define CONF_ESMTP_H

#include "conf/draft.h"

/* Is it a line that only such files have? */
bool esmtp_knows(struct str line);
void esmtp_read(struct draft *d);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * recode - a spooled message re-encoded for the wire (mail/mime).
 *
 * The message is read once to learn what it holds. When something has to change it is read again
 * and written to a new spool, which takes the place of the old one; on failure the old one stays.
 * Failures: ERR_DATA when the message cannot be made 7-bit, those of sys/spool. Whoever knows that
 * a message is 7-bit and has no long line need not call this at all.
 */
#ifndef SUBMIT_RECODE_H
#define SUBMIT_RECODE_H

#include "mail/mime.h"
#include "sys/spool.h"

/* content: canonical. wanted: MIME_SEVENBIT, MIME_LONG_LINES. */
bool recode(struct spool *content, unsigned wanted, struct mime_outcome *ret, struct err *e);

#endif

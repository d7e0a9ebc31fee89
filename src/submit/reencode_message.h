/* SPDX-License-Identifier: MIT */
/*
 * reencode_message - a spooled message re-encoded for the wire (mime/reencode).
 *
 * The message is read once to learn what it holds. When something has to change it is read again
 * and written to a new spool, which takes the place of the old one; on failure the old one stays.
 * Failures: ERR_DATA when the message cannot be made 7-bit, those of os/spool. Whoever knows that
 * a message is 7-bit and has no long line need not call this at all.
 */
#ifndef SUBMIT_REENCODE_MESSAGE_H
#define SUBMIT_REENCODE_MESSAGE_H

#include "mime/reencode.h"
#include "os/spool.h"

/* content: canonical. wanted: REENCODE_SEVENBIT, REENCODE_LONG_LINES. */
bool reencode_message(
	struct spool *content, unsigned wanted, struct reencode_outcome *ret, struct err *e);

#endif

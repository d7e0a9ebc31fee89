/* SPDX-License-Identifier: MIT */
/*
 * reencode_message - a message re-encoded for the wire (mime/reencode).
 *
 * The message is read once to learn what it holds. If something has to change it is read again and
 * written behind itself (os/spool), and then takes its own place; on failure it stays as it was.
 * Fails with ERR_DATA when the message cannot be made 7-bit, and as os/spool does. A message that
 * is known to be 7-bit and to have no long line need not be given to this function at all.
 */
#ifndef SUBMIT_REENCODE_MESSAGE_H
#define SUBMIT_REENCODE_MESSAGE_H

#include "mime/reencode.h"
#include "submit/message.h"

/* wanted: REENCODE_SEVENBIT, REENCODE_LONG_LINES. */
bool reencode_message(
	struct message *m, unsigned wanted, struct reencode_outcome *ret, struct err *e);

#endif

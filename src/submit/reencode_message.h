/* SPDX-License-Identifier: MIT */
/*
 * reencode_message - re-encodes a message for the wire (mime/reencode).
 *
 * The message is read once to learn what it holds. If something must change, it is read again, and
 * the new version is written after the old one in the same spool (os/spool) and then replaces it.
 * After a failure the message is unchanged. Fails with ERR_DATA if the message cannot be made
 * 7-bit, and as os/spool does. A message known to be 7-bit without long lines need not be given.
 */
#ifndef SUBMIT_REENCODE_MESSAGE_H
#define SUBMIT_REENCODE_MESSAGE_H

#include "mime/reencode.h"
#include "submit/message.h"

/* wanted: REENCODE_SEVENBIT, REENCODE_LONG_LINES, or both. */
bool reencode_message(
	struct message *m, unsigned wanted, struct reencode_outcome *ret, struct err *e);

#endif

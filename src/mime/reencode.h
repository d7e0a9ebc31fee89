/* SPDX-License-Identifier: MIT */
/*
 * reencode - a message made fit for the wire: parts re-encoded as quoted-printable (RFC 2045,
 * 2046).
 *
 * Two passes over the canonical message (mail/body), fed in any pieces:
 *
 *   reencode_survey()   learns what is in each part
 *   reencode_decide()   says what will be changed, or why it cannot be: mime/reencode_plan
 *   reencode_copy()  copies the message with these changes, as much as `out` has room for;
 *                   reencode_copy_end() until it is true
 *
 * A leaf that is re-encoded keeps its line ends, and its content decodes to the octets it had. Its
 * Content-Transfer-Encoding is replaced where it stood; what is missing is added at the end of its
 * header: MIME-Version to the messages around it, and to text without a Content-Type one with the
 * charset UTF-8, or us-ascii if that is all it has. A field that is there is never changed
 * otherwise. Everything else is copied octet for octet, and the result is canonical.
 *
 * Memory: 100 octets for each part (limits: mime/part_walk) and the largest header a few times.
 */
#ifndef MIME_REENCODE_H
#define MIME_REENCODE_H

#include "mime/reencode_plan.h"

struct reencode;

struct reencode *reencode_new(void);
void reencode_free(struct reencode *m);

void reencode_survey(struct reencode *m, struct str canonical);
/* Once, after all of the message. wanted: MIME_...; without changes there is no second pass. */
bool reencode_decide(
	struct reencode *m, unsigned wanted, struct reencode_outcome *ret, struct err *e);
/* The same message again; how many octets were taken. */
size_t reencode_copy(struct reencode *m, struct str canonical, struct buf *out);
/* False: out is full, empty it and call again. */
bool reencode_copy_end(struct reencode *m, struct buf *out);

#endif

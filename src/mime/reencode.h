/* SPDX-License-Identifier: MIT */
/*
 * reencode - re-encodes parts of a message as quoted-printable (RFC 2045, 2046).
 *
 * It makes two passes over the canonical message (mail/body), fed in pieces of any size:
 *
 *   reencode_survey()   learns what is in each part
 *   reencode_decide()   decides what to change, or why that is impossible (mime/reencode_plan)
 *   reencode_copy()     copies the message with these changes, as much as `out` has room for;
 *                       then call reencode_copy_end() until it is true
 *
 * A re-encoded leaf keeps its line ends, and its content decodes to the same octets. Its
 * Content-Transfer-Encoding is replaced in place. Missing fields are added at the end of headers:
 * MIME-Version to the messages around the leaf, and to text without a Content-Type one with the
 * charset UTF-8, us-ascii if the text is ASCII, or unknown-8bit (RFC 1428). Other fields that exist
 * are not changed. Everything else is copied octet for octet, and the result is canonical.
 *
 * Memory: 100 octets for each part (limits: mime/part_walk), and a few times the largest header.
 */
#ifndef MIME_REENCODE_H
#define MIME_REENCODE_H

#include "mime/reencode_plan.h"

struct reencode;

struct reencode *reencode_new(void);
void reencode_free(struct reencode *m);

void reencode_survey(struct reencode *m, struct str canonical);
/* Call it once, after the whole message. wanted: REENCODE_...; no changes: no second pass. */
bool reencode_decide(
	struct reencode *m, unsigned wanted, struct reencode_outcome *ret, struct err *e);
/* Takes the same message again; returns how many octets it took. */
size_t reencode_copy(struct reencode *m, struct str canonical, struct buf *out);
/* Returns false while out is full: empty it and call again. */
bool reencode_copy_end(struct reencode *m, struct buf *out);

#endif

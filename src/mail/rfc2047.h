/* SPDX-License-Identifier: MIT */
/*
 * rfc2047 - text for header fields: display names and encoded-words (RFC 5322, RFC 2047).
 *
 * Text outside ASCII becomes encoded-words in base64 of at most 75 octets. No character is cut in
 * two, and each word begins and ends before column 78, which is counted from the last line end in
 * `out`. The charset is UTF-8 if the text is UTF-8, and unknown-8bit (RFC 1428) otherwise; the
 * locale plays no part.
 */
#ifndef MAIL_RFC2047_H
#define MAIL_RFC2047_H

#include "base/buf.h"

/* All of the text as encoded-words. */
void rfc2047_encode(struct buf *out, struct str text);
/* A display name: words as they are, else a quoted-string, else encoded-words. */
void rfc2047_phrase(struct buf *out, struct str name);
/*
 * The value of a field: words outside ASCII become encoded-words, all else is copied. A word ends
 * at a blank and before and behind any of `specials`.
 */
void rfc2047_text(struct buf *out, struct str value, const char *specials);

#endif

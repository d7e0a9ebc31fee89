/* SPDX-License-Identifier: MIT */
/*
 * rfc2047 - writes display names and encoded-words for header fields (RFC 5322, RFC 2047).
 *
 * Text outside ASCII becomes encoded-words in base64 of at most 75 octets each. No character is
 * split, and each word ends before column 78, counted from the last line end in `out`. The charset
 * is UTF-8 if the text is UTF-8, and unknown-8bit (RFC 1428) otherwise; the locale is not used.
 */
#ifndef MAIL_RFC2047_H
#define MAIL_RFC2047_H

#include "base/buf.h"

/* Appends all of the text as encoded-words. */
void rfc2047_encode(struct buf *out, struct str text);
/* Appends a display name: as plain words if possible, or a quoted-string, or encoded-words. */
void rfc2047_phrase(struct buf *out, struct str name);
/*
 * Appends the value of a field: words outside ASCII become encoded-words, all else is copied. A
 * word ends at white space and at any of `specials`.
 */
void rfc2047_text(struct buf *out, struct str value, const char *specials);

#endif

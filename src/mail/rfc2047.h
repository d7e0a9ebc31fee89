/* SPDX-License-Identifier: MIT */
/*
 * rfc2047 - writes display names and encoded-words for header fields (RFC 5322, RFC 2047).
 *
 * Text outside ASCII becomes encoded-words in base64 of at most 75 octets each. No character is
 * split, and each word ends before column 78, counted from the last line end in `out`.
 *
 * Text that is UTF-8 is labelled so. Other text is labelled with `charset`, which the message
 * declares for its own text, or with unknown-8bit (RFC 1428) if that is NULL; the locale is not
 * used. Characters of several octets are known in the charsets of East Asia.
 */
#ifndef MAIL_RFC2047_H
#define MAIL_RFC2047_H

#include "base/buf.h"

/* Appends all of the text as encoded-words. */
void rfc2047_encode(struct buf *out, struct str text, const char *charset);
/* The name for text in that charset, as above. */
const char *rfc2047_charset(struct str text, const char *charset);
/* Appends a display name: as plain words if possible, or a quoted-string, or encoded-words. */
void rfc2047_phrase(struct buf *out, struct str name, const char *charset);
/*
 * Appends an encoded-word to a display name. What only a comment or text allows in one becomes
 * "=XX", and the word is split if it gets too long; one that cannot be changed so is text.
 */
void rfc2047_phrase_word(struct buf *out, struct str word, const char *charset);
/*
 * Appends the value of a field: words outside ASCII become encoded-words, all else is copied. A
 * word ends at white space and at any of `specials`. An encoded-word with such octets in it, which
 * the writer forgot to encode, gets them as "=XX" (RFC 2047 section 4.2).
 */
void rfc2047_text(struct buf *out, struct str value, const char *specials, const char *charset);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * rfc2047 - text for header fields: display names and encoded-words (RFC 5322, RFC 2047).
 *
 * Text outside ASCII becomes encoded-words in base64 of at most 75 octets, no character cut in two,
 * folded so that each begins and ends before column 78: in UTF-8 if it is that, else in the charset
 * unknown-8bit (RFC 1428). The locale plays no part. Lines are told from what stands in out
 * already.
 */
#ifndef MAIL_RFC2047_H
#define MAIL_RFC2047_H

#include "base/buf.h"

enum { /* octets of a line, without CRLF (RFC 5322 section 2.1.1) */
	HEADER_LINE_MAX = 998,
	HEADER_LINE = 78, /* what it should be */
};

/*
 * Folds the line at the end of out, where white space may stand, if `more` octets would go beyond
 * column 78; blanks at its end become part of the fold (RFC 5322 section 2.2.3).
 */
void header_fold(struct buf *out, size_t more);

/*
 * Folds the lines of out, from octet `from` on, that are longer than `longest`: at blanks that
 * are there, and in a list of addresses behind commas too. What the field says stays the same (RFC
 * 5322 section 2.2.3). A line that has no such place stays as it is.
 */
void header_fold_long(struct buf *out, size_t from, size_t longest, bool addresses);

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

/* SPDX-License-Identifier: MIT */
/*
 * header_fold - folds long lines of a header (RFC 5322 section 2.2.3), which changes no meaning.
 */
#ifndef MAIL_HEADER_FOLD_H
#define MAIL_HEADER_FOLD_H

#include "base/buf.h"

enum { /* octets of a line, without CRLF (RFC 5322 section 2.1.1) */
	HEADER_LINE_MAX = 998,
	HEADER_LINE = 78, /* the recommended limit */
};

/* Octets of the line at the end of out, counted up to HEADER_LINE_MAX. */
size_t header_column(const struct buf *out);
/*
 * Folds the line at the end of out if `more` octets would go beyond column 78; spaces at its end
 * become part of the fold. Call it only where white space is allowed.
 */
void header_fold(struct buf *out, size_t more);

/*
 * Folds the lines of out, from octet `from` on, that are longer than `longest`: at existing spaces
 * and, in a list of addresses, also after commas. A line without such a place does not change.
 */
void header_fold_long(struct buf *out, size_t from, size_t longest, bool addresses);

#endif

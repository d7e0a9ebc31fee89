/* SPDX-License-Identifier: MIT */
/*
 * header_fold - long lines of a header, folded (RFC 5322 section 2.2.3). Folding changes no
 * meaning.
 */
#ifndef MAIL_HEADER_FOLD_H
#define MAIL_HEADER_FOLD_H

#include "base/buf.h"

enum { /* octets of a line, without CRLF (RFC 5322 section 2.1.1) */
	HEADER_LINE_MAX = 998,
	HEADER_LINE = 78, /* what it should be */
};

/* Octets of the line at the end of out, counted up to HEADER_LINE_MAX. */
size_t header_column(const struct buf *out);
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

#endif

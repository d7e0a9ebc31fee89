/* SPDX-License-Identifier: MIT */
/*
 * dot_stuffing - the dots of DATA (RFC 5321 section 4.5.2).
 *
 * struct stuff puts a second dot before each dot that begins a line while canonical text
 * (mail/body) is copied to the wire, and writes the end of the data. struct unstuff reads such text
 * back off the wire, up to and with the line that is a lone dot.
 *
 * Both take as much as `out` has room for and return how much they took, so memory is constant.
 */
#ifndef SMTP_DOT_STUFFING_H
#define SMTP_DOT_STUFFING_H

#include "base/buf.h"

struct stuff {
	bool in_line; /* the last octet was not the end of a line */
};

size_t stuff_feed(struct stuff *s, struct str canonical, struct buf *out);
/* Writes "." CRLF, and before it a CRLF if the text did not end in one. */
void stuff_end(struct stuff *s, struct buf *out);

enum unstuff_at { UNSTUFF_START, UNSTUFF_DOT, UNSTUFF_DOT_CR, UNSTUFF_IN_LINE, UNSTUFF_CR };

struct unstuff {
	bool lf;    /* lines end in LF, not in CRLF; the other kind of line end is text */
	bool ended; /* the line that is a lone dot was read */
	enum unstuff_at at;
};

/* Copies wire to out without the stuffed dots; takes nothing after the line with the lone dot. */
size_t unstuff_feed(struct unstuff *u, struct str wire, struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * body - makes raw input canonical: line ends, size and other facts.
 *
 * struct canon turns raw input into the form that SMTP carries (RFC 5321 section 2.3.8): every line
 * ends in CRLF, and there is no other CR or LF. An LF with any run of CRs before it is one line
 * end; a CR that no LF follows is a line end too. NUL becomes '?'. canon_end() adds the CRLF that
 * the last line may lack. The result is the same however the input is divided into pieces.
 *
 * canon_feed() takes as much as `out` has room for and returns how much, so memory is constant.
 */
#ifndef MAIL_BODY_H
#define MAIL_BODY_H

#include "base/buf.h"
#include "base/err.h"

struct body_facts {
	uint64_t size;    /* octets of the canonical form */
	uint64_t longest; /* octets of the longest line, without CRLF */
	bool has_8bit;    /* an octet above 127 */
	bool has_nul;     /* a NUL was replaced */
	bool has_lone_cr; /* a CR without LF was converted */
};

struct canon {
	struct body_facts facts;
	uint64_t crs;  /* CRs read and not yet known to be part of a line end */
	uint64_t line; /* octets of the current line */
};

/*
 * Octets of a line, without CRLF, that arrive as they are. RFC 5321 section 4.5.3.1.6 allows 998,
 * but there are servers that split lines of 991 and more.
 */
enum { BODY_LINE = 990 };

enum { CANON_ROOM = 64 }; /* canon_feed() makes progress when out has this much room */

/* The octets at which it shows that a text is UTF-16 or UTF-32. */
enum { BODY_START = 4 };
/*
 * Refuses UTF-16 and UTF-32, whose NULs no server would take, with ERR_DATA. start: the first
 * BODY_START octets, or all there are. They have a byte order mark, or a NUL in every second octet.
 */
bool body_check_start(struct str start, struct err *e);

size_t canon_feed(struct canon *c, struct str raw, struct buf *out);
/* False: out is full, empty it and call again. */
bool canon_end(struct canon *c, struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * header - parses the header of a message, fed in pieces of any size (RFC 5322 section 2.2).
 *
 * Feed raw input until `done`; what header_feed() did not take is body. The header is kept whole
 * and canonical in `text`: every line ends in CRLF; any run of CRs before an LF belongs to the line
 * end; NUL becomes '?', or is dropped in the name of a field. A CR that no LF follows becomes a
 * space, never a new field; the names of what would be fields are noted in `hidden`. But if the
 * first HEADER_CR_OCTETS of a caller's message have no LF, a CR is a line end. A header ends at the
 * empty line, which is dropped too, or before the first line that is neither a field nor a
 * continuation: the raw line is then put in `stray` and begins the body. White space before the
 * colon (RFC 5322 section 4.5) is accepted, so "Bcc :" is a Bcc everywhere. The code that reads
 * recipients and the code that removes Bcc use this one parser.
 *
 * Leading lines that are no part of a header are dropped: a byte order mark, mbox's `From ` line,
 * and in a caller's message any number of lines that match `>*From ` or are blanks alone. There a
 * `From ` line with its date is dropped between fields, too.
 *
 * Limit: HEADER_MAX octets, `too_large` beyond it. No system calls. Free with header_done().
 */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include "base/buf.h"

enum {
	HEADER_MAX = 8 << 20, /* a To with as many people as an envelope may have */
	HEADER_CR_OCTETS = 1 << 16,
};

struct field {
	size_t at, name_len; /* where the field begins in text; octets of its name */
	size_t value_at;     /* position after the colon */
	size_t end;          /* position after the last CRLF */
};

struct header {
	struct buf text;
	struct field *fields;
	size_t count, cap;
	bool is_input; /* a caller's message */
	bool done, too_large, has_nul, has_8bit, has_lone_cr, had_mbox_line;
	size_t lines;      /* how many were read, those that were dropped included */
	struct buf hidden; /* "LINE NAME\n" for each name of a field that stands after a lone CR */
	struct buf stray;  /* the raw line, no field, that ended the header and begins the body */
	struct buf rest;   /* raw octets of the body after it that were taken already */
	struct buf line;   /* the current line, raw; private, as what follows */
	bool seen_lf, has_cr_lines, after_cr;
};

void header_init(struct header *h);
void header_done(struct header *h);

/* Takes octets until the header ends, and returns how many it took. */
size_t header_feed(struct header *h, struct str raw);
/* The input has ended: takes what there is of the current line as a whole line. */
void header_finish(struct header *h);

/* The name of the field that begins with this line, by the same rules; empty if none does. */
struct str header_line_name(struct str line);

struct str field_name(const struct header *h, const struct field *f);
/* The value as written, with folds and outer white space, without the last CRLF. */
struct str field_value(const struct header *h, const struct field *f);
struct str field_whole(const struct header *h, const struct field *f);
bool field_is(const struct header *h, const struct field *f, const char *name);
/* The first field of that name, or NULL. */
const struct field *header_find(const struct header *h, const char *name);

#endif

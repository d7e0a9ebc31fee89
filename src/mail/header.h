/* SPDX-License-Identifier: MIT */
/*
 * header - parses the header of a message, fed in pieces of any size (RFC 5322 section 2.2).
 *
 * Feed raw input until `done`; what header_feed() did not take is body. The header is kept whole
 * and canonical in `text`: every line ends in CRLF; any run of CRs before an LF belongs to the line
 * end; a CR that no LF follows becomes a space (never a new field); NUL becomes '?', or is dropped
 * in the name of a field. A byte order mark and mbox's `From ` line in front are dropped. A header
 * ends at the empty line, which is dropped too, or before the first line that is neither a field
 * nor a continuation: the raw line is then put in `stray` and begins the body. White space before
 * the colon (RFC 5322 section 4.5) is accepted, so "Bcc :" is a Bcc everywhere. The code that reads
 * recipients and the code that removes Bcc use this one parser.
 *
 * Limit: HEADER_MAX octets, `too_large` beyond it. No system calls. Free with header_done().
 */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include "base/buf.h"

enum { HEADER_MAX = 1 << 20 };

struct field {
	size_t at, name_len; /* where the field begins in text; octets of its name */
	size_t value_at;     /* position after the colon */
	size_t end;          /* position after the last CRLF */
};

struct header {
	struct buf text;
	struct field *fields;
	size_t count, cap;
	bool is_input; /* a caller's message: a byte order mark at its start is dropped */
	bool done, too_large, has_nul, has_8bit, has_lone_cr, had_mbox_line;
	struct buf line;  /* the current line, raw; private */
	struct buf stray; /* raw octets that begin the body */
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

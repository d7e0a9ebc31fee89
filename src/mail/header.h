/* SPDX-License-Identifier: MIT */
/*
 * header - the header of a message, scanned from bytes fed in any pieces (RFC 5322 section 2.2).
 *
 * Feed raw input until `done`; what header_feed() did not take is body. The header is kept whole
 * in `text`, canonical: every line ends in CRLF; any run of CRs before an LF belongs to the line
 * end; a CR that no LF follows becomes a space (never a new field); NUL becomes '?', or nothing in
 * the name of a field. A byte order mark and a `From ` line of mbox in front are dropped. A header
 * ends at the empty line, which is dropped too, or before the first line that is neither a field
 * nor a continuation: that line, raw, is then in `stray` and is the start of the body. Space before
 * the colon (RFC 5322 section 4.5) is understood, so that "Bcc :" is a Bcc everywhere. One
 * parser serves extraction and removal.
 *
 * Limit: HEADER_MAX octets in all, `too_large` beyond it. No system calls, owned by header_done().
 */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include "base/buf.h"

enum { HEADER_MAX = 1 << 20 };

struct field {
	size_t at, name_len; /* where the field begins in text; octets of its name */
	size_t value_at;     /* behind the colon */
	size_t end;          /* behind the last CRLF */
};

struct header {
	struct buf text;
	struct field *fields;
	size_t count, cap;
	bool is_input; /* a caller's: a byte order mark in front may be there, and is dropped */
	bool done, too_large, has_nul, has_8bit, has_lone_cr, had_mbox_line;
	struct buf line;  /* the current line, raw; private */
	struct buf stray; /* raw octets that begin the body */
};

void header_init(struct header *h);
void header_done(struct header *h);

/* Takes octets until the header ends; how many were taken. */
size_t header_feed(struct header *h, struct str raw);
/* The input ended: what there is of the current line is a whole line. */
void header_finish(struct header *h);

/* The name of the field that a line begins, by the same rules; empty if it begins none. */
struct str header_line_name(struct str line);

struct str field_name(const struct header *h, const struct field *f);
/* As written, folds and outer white space included, without the last CRLF. */
struct str field_value(const struct header *h, const struct field *f);
struct str field_whole(const struct header *h, const struct field *f);
bool field_is(const struct header *h, const struct field *f, const char *name);
/* The first field of that name, or NULL. */
const struct field *header_find(const struct header *h, const char *name);

#endif

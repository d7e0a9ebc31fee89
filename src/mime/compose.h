/* SPDX-License-Identifier: MIT */
/*
 * compose - a message made from text and files (RFC 2045, RFC 2046, RFC 2183).
 *
 *   compose_begin()   the last fields of the header: MIME-Version; or those of a multipart/mixed
 *   compose_part()    the header of the next part, the empty line too
 *   compose_feed()    its octets, in any pieces
 *   compose_end()
 *
 * Fields that have to do with whom a message is from and what it is about stand before that and are
 * the caller's. A message that is no multipart has one part, whose header is the end of its own.
 * Everything is added to out, lines end in CRLF, and what is fed goes as its part's encoding says:
 * to 7bit, 8bit and quoted-printable, text that is canonical (mail/body); to base64, anything. No
 * file is opened here, and nothing is kept but the current line.
 */
#ifndef MIME_COMPOSE_H
#define MIME_COMPOSE_H

#include "mime/part_header.h"
#include "mime/quoted_printable.h"

enum {
	COMPOSE_RANDOM = 26,      /* characters that make a boundary no text has */
	COMPOSE_BASE64_LINE = 57, /* octets in a line of base64 (RFC 2045 section 6.8) */
};

struct compose_part {
	struct str type;      /* as in Content-Type, maybe with parameters */
	const char *charset;  /* a further parameter; NULL: none */
	bool attachment;      /* Content-Disposition says so */
	struct str file_name; /* of an attachment, in any octets; empty: none */
	enum mime_encoding encoding;
};

struct compose {
	char boundary[COMPOSE_RANDOM + 8]; /* "": no multipart */
	enum mime_encoding encoding;       /* of the current part */
	bool in_part, eightbit;
	struct qp qp;
	size_t carried;
	char carry[COMPOSE_BASE64_LINE];
};

/* What a message is: one part. Or several: random is COMPOSE_RANDOM letters and digits, new for
 * each message; without `eightbit` no part may be 8bit (RFC 2045 section 6.4). */
void compose_begin(struct compose *c, struct buf *out);
void compose_begin_multipart(struct compose *c, bool eightbit, const char *random, struct buf *out);
void compose_part(struct compose *c, const struct compose_part *part, struct buf *out);
void compose_feed(struct compose *c, struct str octets, struct buf *out);
void compose_end(struct compose *c, struct buf *out);

/*
 * Is all of that file text that may go as it is, octet for octet? Lines end in LF (with `crlf` in
 * CRLF too) and have at most 998 octets; it is UTF-8 without control characters; and no line begins
 * as a mailbox file's separator does, before which some mail systems put a '>'.
 */
bool compose_is_text(struct str octets, bool crlf);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * compose - writes a message made from text and files (RFC 2045, RFC 2046, RFC 2183).
 *
 *   compose_begin()   writes the last fields of the header: MIME-Version
 *   compose_begin_multipart()   or those of a multipart/mixed
 *   compose_part()    writes the header of the next part, with the empty line
 *   compose_feed()    writes the part's octets, fed in pieces of any size
 *   compose_end()     ends the message
 *
 * The caller writes the other header fields (From, Subject, ...) before. A message that is not
 * multipart has one part, whose header ends the message's header. All output is appended to out
 * with CRLF. Feed canonical text (mail/body) to a part in 7bit, 8bit or quoted-printable, and any
 * octets to a part in base64. No file is opened here, and only the current line is kept.
 */
#ifndef MIME_COMPOSE_H
#define MIME_COMPOSE_H

#include "mime/part_header.h"
#include "mime/quoted_printable.h"

enum {
	COMPOSE_RANDOM = 26,      /* random characters that make a boundary unique */
	COMPOSE_BASE64_LINE = 57, /* octets in a line of base64 (RFC 2045 section 6.8) */
};

struct compose_part {
	struct str type;      /* as in Content-Type, perhaps with parameters */
	const char *charset;  /* the parameter charset to add; NULL: none */
	bool attachment;      /* add Content-Disposition: attachment */
	struct str file_name; /* name of the attachment, in any octets; empty: none */
	enum mime_encoding encoding;
};

struct compose {
	char boundary[COMPOSE_RANDOM + 8]; /* "": not multipart */
	enum mime_encoding encoding;       /* of the current part */
	bool in_part, eightbit;
	struct qp qp;
	size_t carried;
	char carry[COMPOSE_BASE64_LINE];
};

/*
 * Begin a message of one part, or of several. random: COMPOSE_RANDOM letters and digits, new for
 * each message. Without `eightbit` no part may be 8bit (RFC 2045 section 6.4).
 */
void compose_begin(struct compose *c, struct buf *out);
void compose_begin_multipart(struct compose *c, bool eightbit, const char *random, struct buf *out);
void compose_part(struct compose *c, const struct compose_part *part, struct buf *out);
void compose_feed(struct compose *c, struct str octets, struct buf *out);
void compose_end(struct compose *c, struct buf *out);

/*
 * Whether a file, given whole, is text that arrives unchanged if it is not encoded: lines end in LF
 * (or CRLF, with `crlf`) and have at most BODY_LINE octets; it is UTF-8 without control characters;
 * and no line begins with "From ", before which some mail systems put a '>'.
 */
bool compose_is_text(struct str octets, bool crlf);

#endif

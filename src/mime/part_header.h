/* SPDX-License-Identifier: MIT */
/*
 * part_header - reads what the header of a message or part says about its content (RFC 2045, 2046).
 *
 * It reads type, encoding and boundary, with the defaults of RFC 2045 section 5.2 and, in a
 * multipart/digest, of RFC 2046 section 5.1.5. If mail readers could disagree about the meaning,
 * nothing is guessed: `flaw` names the problem, the entity counts as a leaf, and its content must
 * not be changed. A composite with an encoding that RFC 2045 section 6.4 forbids is a leaf too.
 */
#ifndef MIME_PART_HEADER_H
#define MIME_PART_HEADER_H

#include "mail/header.h"

enum {
	PART_TYPE_MAX = 31,     /* octets of "type/subtype" that are kept */
	PART_BOUNDARY_MAX = 70, /* RFC 2046 section 5.1.1 */
	PART_CHARSET_MAX = 40,
};

enum part_header_kind { PART_LEAF, PART_MULTIPART, PART_MESSAGE };

enum mime_encoding {
	ENCODING_7BIT, /* also if none is named */
	ENCODING_8BIT,
	ENCODING_BINARY,
	ENCODING_QP,
	ENCODING_BASE64,
	ENCODING_OTHER,
};

struct part_header {
	enum part_header_kind kind;
	enum mime_encoding encoding;
	char type[PART_TYPE_MAX + 1]; /* in lower case, cut to fit; "" if it cannot be read */
	bool labelled;                /* there is a Content-Type */
	bool text;                    /* the type is text/..., perhaps by default */
	bool sealed;                  /* multipart/signed or multipart/encrypted */
	bool digest;                  /* multipart/digest */
	char boundary[PART_BOUNDARY_MAX + 1];
	/* Of text: the parameter charset; "" if there is none, or if it is not ASCII with more. */
	char charset[PART_CHARSET_MAX + 1];
	const char *flaw; /* NULL: none */
};

void part_header_read(struct part_header *ret, const struct header *h, bool in_digest);
/* Whether the content is not encoded: 7bit, 8bit or binary. */
bool encoding_is_identity(enum mime_encoding encoding);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * reencode_plan - which parts of a message are re-encoded, from what is known of them, or why they
 * cannot be.
 *
 *   REENCODE_SEVENBIT    the result is 7-bit: every leaf with 8-bit octets becomes
 * quoted-printable, text or not, and 8-bit text in the headers of parts is encoded. What cannot be
 * is ERR_DATA with the part, the reason and a hint, and nothing is changed. REENCODE_LONG_LINES
 * text with a line over REENCODE_LINE octets becomes quoted-printable where that is possible; other
 * long lines pass and are counted.
 *
 * Never touched: what is inside multipart/signed and multipart/encrypted, all of a message with a
 * DKIM-Signature, a part whose structure is unclear (mime/part_header) or whose encoding is not
 * 7bit, 8bit or binary, text without a Content-Type that is not UTF-8, and the octets between the
 * parts of a multipart (no encoding exists for these). A composite labelled 8bit or binary becomes
 * 7bit when it holds something that was re-encoded and nothing is left that needs the label.
 */
#ifndef MIME_REENCODE_PLAN_H
#define MIME_REENCODE_PLAN_H

#include "base/err.h"
#include "mime/part_header.h"

enum { REENCODE_SEVENBIT = 1, REENCODE_LONG_LINES = 2 };

enum {
	REENCODE_LINE = 998, /* RFC 5322 section 2.1.1 */
	REENCODE_TOP = -1,   /* the message itself has no parent */
};

struct reencode_part {
	/* facts */
	int parent;
	unsigned number; /* among its parent's children, from 1 */
	char type[PART_TYPE_MAX + 1];
	const char *flaw; /* of the entity */
	enum mime_encoding encoding;
	bool composite, text, labelled;
	bool message;   /* the message, or one in a message/rfc822 */
	bool versioned; /* has MIME-Version */
	bool sealed;    /* within multipart/signed or multipart/encrypted */
	bool header_8bit, body_8bit, outside_8bit;
	bool header_stuck;     /* 8-bit text in its header cannot be encoded (mail/header_encode) */
	bool not_utf8;         /* looked for in text without a label alone */
	uint64_t longest;      /* line of its content */
	uint64_t longest_else; /* line between its parts, or of its header if it is inside */
	/* decisions */
	bool reencode_message; /* content becomes quoted-printable */
	bool encode_header;    /* 8-bit text of the header */
	bool relabel;          /* the composite's encoding becomes 7bit */
	bool add_version;
	bool changed_below, needs_8bit; /* some of its content */
};

struct reencode_facts {
	struct reencode_part *parts; /* parents before their children */
	size_t count;
	bool dkim;         /* the message has a DKIM-Signature */
	bool has_8bit;     /* anywhere in it */
	const char *limit; /* a limit of mime/part_walk was reached: parts are not all there */
};

struct reencode_outcome {
	size_t recoded; /* parts whose content becomes quoted-printable */
	size_t passed;  /* parts with long lines that stay */
	bool changes;   /* anything is changed at all */
	bool has_8bit;  /* after the changes */
};

bool reencode_plan_decide(
	struct reencode_facts *f, unsigned wanted, struct reencode_outcome *ret, struct err *e);

#endif

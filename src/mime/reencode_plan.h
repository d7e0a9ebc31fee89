/* SPDX-License-Identifier: MIT */
/*
 * reencode_plan - decides which parts of a message to re-encode, or why that is impossible.
 *
 *   REENCODE_SEVENBIT     The result is 7-bit: every leaf with 8-bit octets becomes
 *                         quoted-printable, text or not, and 8-bit text in the headers of parts
 *                         is encoded. In content labelled quoted-printable stray 8-bit octets
 *                         become "=XX"; between the parts of a multipart, where no encoding
 *                         exists and no reader looks, they become '?'. If something cannot be
 *                         encoded, the error is ERR_DATA with the part, the reason and a hint,
 *                         and nothing is changed.
 *   REENCODE_LONG_LINES   Text with a line over BODY_LINE octets becomes quoted-printable if
 *                         possible; other long lines stay and are counted.
 *
 * Never changed are: the inside of multipart/signed and multipart/encrypted, a message with a
 * DKIM-Signature, and a part whose structure is unclear (mime/part_header) or whose encoding is
 * base64 or unknown. A composite labelled 8bit or binary becomes
 * 7bit if something in it was re-encoded and nothing left in it needs the label.
 */
#ifndef MIME_REENCODE_PLAN_H
#define MIME_REENCODE_PLAN_H

#include "base/err.h"
#include "mime/part_header.h"

enum { REENCODE_SEVENBIT = 1, REENCODE_LONG_LINES = 2 };

enum { REENCODE_TOP = -1 }; /* the message itself has no parent */

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
	bool sealed;    /* inside multipart/signed or multipart/encrypted */
	bool header_8bit, body_8bit, outside_8bit;
	bool has_parts;        /* it has a child: what stands outside is not all there is */
	bool header_stuck;     /* 8-bit text in its header cannot be encoded (mail/header_encode) */
	bool not_utf8;         /* known only of text that is not labelled */
	uint64_t longest;      /* octets of the longest line of its content */
	uint64_t longest_else; /* and of lines between its parts; if not top, of its header */
	/* decisions */
	bool reencode_message; /* content becomes quoted-printable */
	bool mend_body;        /* its stray octets become "=XX": the content is quoted-printable */
	bool mask_outside;     /* octets between its parts become '?' */
	bool encode_header;    /* 8-bit text of the header */
	bool relabel;          /* the composite's encoding becomes 7bit */
	bool add_version;
	bool changed_below, needs_8bit; /* whether some of its content is changed, or needs 8bit */
};

struct reencode_facts {
	struct reencode_part *parts; /* parents before their children */
	size_t count;
	bool dkim;         /* the message has a DKIM-Signature */
	bool has_8bit;     /* anywhere in it */
	const char *limit; /* the limit of mime/part_walk exceeded, so parts are missing; or NULL */
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

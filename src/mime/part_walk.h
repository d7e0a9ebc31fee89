/* SPDX-License-Identifier: MIT */
/*
 * part_walk - walks the parts of a message in order (RFC 2046).
 *
 * Feed it a canonical message (every line ends in CRLF) in pieces of any size. It passes every
 * octet to the sink, once and in order, with its kind:
 *
 *   HEADER      a line of a header, or the empty line after it
 *   HEADER_END  no octets: `header`, `entity` and `has_blank` are complete
 *   BODY        content of a leaf
 *   OUTSIDE     delimiter lines, preamble, epilogue: they belong to the multipart
 *
 * `part` is the part that the octets belong to: 0 is the message, and others are numbered in the
 * order of their headers. A part of a multipart, and the message in a message/rfc822, is a part of
 * its own. A delimiter line is a boundary followed only by white space. The innermost open
 * multipart is tried first; a delimiter of an outer one closes those inside it, and the end of the
 * message closes all. It is a flaw of the entity if its body begins without an empty line.
 *
 * Limits: PART_WALK_PARTS, PART_WALK_DEPTH, HEADER_MAX for one header. If one is exceeded, `limit`
 * says which, and nothing more reaches the sink. Memory: one header and one line of it.
 */
#ifndef MIME_PART_WALK_H
#define MIME_PART_WALK_H

#include "mime/part_header.h"

enum {
	PART_WALK_PARTS = 10000,
	PART_WALK_DEPTH = 100, /* nested composites */
	PART_WALK_LINE = 1000, /* octets of a delimiter line */
};

enum part_walk_what {
	PART_WALK_HEADER,
	PART_WALK_HEADER_END,
	PART_WALK_BODY,
	PART_WALK_OUTSIDE,
};

typedef void part_walk_sink(void *ctx, enum part_walk_what what, struct str octets);

/* A composite whose content is being read. */
struct part_walk_frame {
	size_t part;
	unsigned children; /* how many of its parts have begun */
	bool message;      /* message/rfc822, with one child and no boundary */
	bool digest, sealed, closed;
	char boundary[PART_BOUNDARY_MAX + 1];
};

struct part_walk_state {
	part_walk_sink *sink;
	void *ctx;
	size_t part, count;
	struct header header;
	struct part_header entity;
	bool has_blank; /* the header ended with an empty line */
	const char *limit;
	struct part_walk_frame frames[PART_WALK_DEPTH];
	size_t depth;
	/* private */
	enum part_walk_what state; /* the kind of the lines that come */
	struct buf line;           /* the start of a line that may be a header or delimiter */
	bool in_line;              /* inside a line that is neither */
};

void part_walk_init(struct part_walk_state *w, part_walk_sink *sink, void *ctx);
void part_walk_done(struct part_walk_state *w);
void part_walk_feed(struct part_walk_state *w, struct str canonical);
void part_walk_end(struct part_walk_state *w);

/* The composite that holds the current part (NULL: message); valid until its HEADER_END passed. */
const struct part_walk_frame *part_walk_parent(const struct part_walk_state *w);

#endif

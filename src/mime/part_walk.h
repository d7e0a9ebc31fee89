/* SPDX-License-Identifier: MIT */
/*
 * part_walk - the parts of a message, met in their order (RFC 2046), fed in any pieces.
 *
 * Fed a canonical message (every line ends in CRLF), it hands every octet of it to the sink, once
 * and in order, with what it is:
 *
 *   HEADER      a line of a header, the empty line behind it included
 *   HEADER_END  no octets: `header`, `entity` and `has_blank` are complete
 *   BODY        content of a leaf
 *   OUTSIDE     delimiter lines, preamble, epilogue: they belong to the multipart
 *
 * `part` is the part it belongs to: 0 is the message, then in the order of their headers. Parts of
 * a multipart and the message in a message/rfc822 have their own. A delimiter line is the boundary
 * with nothing but blanks behind it; that of the innermost open multipart wins, that of an outer
 * one closes those within it, and a missing last one is the end. Text that begins before the empty
 * line that ends a header is a flaw of the entity.
 *
 * Limits: PART_WALK_PARTS, PART_WALK_DEPTH, HEADER_MAX for one header. Beyond one, `limit` says
 * which and nothing is handed on any more. Memory: one header and one line of it.
 */
#ifndef MIME_PART_WALK_H
#define MIME_PART_WALK_H

#include "mime/part_header.h"

enum {
	PART_WALK_PARTS = 10000,
	PART_WALK_DEPTH = 100, /* composites within each other */
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
	bool message;      /* message/rfc822: one child and no boundary */
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
	enum part_walk_what state; /* of the lines that come */
	struct buf line;           /* the start of a line that may be special */
	bool in_line;              /* within one that is not */
};

void part_walk_init(struct part_walk_state *w, part_walk_sink *sink, void *ctx);
void part_walk_done(struct part_walk_state *w);
void part_walk_feed(struct part_walk_state *w, struct str canonical);
void part_walk_end(struct part_walk_state *w);

/* Of the current part, until its HEADER_END was handed on: what it is in, NULL for the message. */
const struct part_walk_frame *part_walk_parent(const struct part_walk_state *w);

#endif

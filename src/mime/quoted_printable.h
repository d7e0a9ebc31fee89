/* SPDX-License-Identifier: MIT */
/*
 * quoted_printable - encodes canonical text as quoted-printable (RFC 2045 section 6.7).
 *
 * Line ends stay line ends; spaces and tabs before them are encoded; no line is longer than QP_LINE
 * octets. With `in_multipart` no line begins with two hyphens, so that none can be taken for a
 * delimiter, whatever the boundary is and wherever a soft line break falls.
 *
 * Begin with all zero, and feed pieces of any size. qp_feed() keeps the current line and writes it
 * when it is complete, so nothing is left after the final CRLF. It writes at most QP_GROWTH times
 * the octets fed, plus QP_MORE.
 */
#ifndef MIME_QUOTED_PRINTABLE_H
#define MIME_QUOTED_PRINTABLE_H

#include "base/buf.h"

enum { QP_LINE = 76, QP_GROWTH = 4, QP_MORE = 84 };

struct qp {
	bool in_multipart;
	size_t len;
	char line[QP_LINE];
};

void qp_feed(struct qp *q, struct str canonical, struct buf *out);

#endif

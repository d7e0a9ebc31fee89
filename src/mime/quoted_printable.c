/* SPDX-License-Identifier: MIT */
#include "mime/quoted_printable.h"

#include <string.h>

static void put_line(struct qp *q, struct str end, struct buf *out)
{
	buf_bytes(out, q->line, q->len);
	buf_add(out, end);
	q->len = 0;
}

/* Adds an octet, plain or as "=XX", and keeps room for the "=" of a soft line break. */
static void put_encoded(struct qp *q, char c, bool encoded, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned octet = (unsigned char)c;

	if (q->len + (encoded ? 3 : 1) >= QP_LINE)
		put_line(q, STR("=\r\n"), out);
	if (encoded) {
		memcpy(q->line + q->len, (char[]) { '=', digits[octet >> 4], digits[octet & 15] },
			3);
		q->len += 3;
	} else {
		q->line[q->len++] = c;
	}
}

/* Whether c is the second of two hyphens that begin a line. */
static bool makes_delimiter(const struct qp *q, char c)
{
	return q->in_multipart && c == '-' && q->len == 1 && q->line[0] == '-';
}

static void end_line(struct qp *q, struct buf *out)
{
	char last = q->len ? q->line[q->len - 1] : '\0';

	if (chr_is_blank(last)) {
		q->len--;
		put_encoded(q, last, true, out);
	}
	put_line(q, STR("\r\n"), out);
}

void qp_feed(struct qp *q, struct str canonical, struct buf *out)
{
	for (size_t i = 0; i < canonical.len; i++) {
		char c = canonical.p[i];
		bool plain = (c > ' ' && c < 0x7f && c != '=') || chr_is_blank(c);
		if (c == '\n')
			end_line(q, out);
		else if (c != '\r') /* a CR comes only before LF */
			put_encoded(q, c, !plain || makes_delimiter(q, c), out);
	}
}

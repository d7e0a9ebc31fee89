/* SPDX-License-Identifier: MIT */
#include "smtp/dot_stuffing.h"

size_t stuff_feed(struct stuff *s, struct str canonical, struct buf *out)
{
	size_t used = 0;

	while (used < canonical.len && buf_room(out) >= 2) {
		struct str rest = str_head(str_from(canonical, used), buf_room(out) - 1);
		if (!s->in_line && rest.p[0] == '.')
			buf_char(out, '.');
		/* Copy up to the end of a line that a dot follows, in one piece. */
		size_t n = 0;
		do {
			struct str ahead = str_from(rest, n);
			size_t to_lf = str_find(ahead, '\n');
			s->in_line = to_lf == ahead.len;
			n += to_lf + !s->in_line;
		} while (n < rest.len && rest.p[n] != '.');
		buf_add(out, str_head(rest, n));
		used += n;
	}
	return used;
}

void stuff_end(struct stuff *s, struct buf *out)
{
	if (s->in_line)
		buf_add(out, STR("\r\n"));
	buf_add(out, STR(".\r\n"));
	s->in_line = false;
}

/* A dot, and a CR after it, are held back until it is known whether they end the text. */
static bool hold_back(struct unstuff *u, char c)
{
	if (u->at == UNSTUFF_START && c == '.')
		u->at = UNSTUFF_DOT;
	else if (u->at == UNSTUFF_DOT && !u->lf && c == '\r')
		u->at = UNSTUFF_DOT_CR;
	else if (u->at == (u->lf ? UNSTUFF_DOT : UNSTUFF_DOT_CR) && c == '\n')
		u->ended = true;
	else
		return false;
	return true;
}

/* Takes one octet in the current state; in the middle of a line most octets are only copied. */
static void unstuff_octet(struct unstuff *u, char c, struct buf *out)
{
	bool cr = u->at == UNSTUFF_CR || u->at == UNSTUFF_DOT_CR;

	if (hold_back(u, c))
		return;
	if (u->at == UNSTUFF_DOT_CR)
		buf_char(out, '\r');
	buf_char(out, c);
	if (c == '\n' && (u->lf || cr))
		u->at = UNSTUFF_START;
	else
		u->at = c == '\r' && !u->lf ? UNSTUFF_CR : UNSTUFF_IN_LINE;
}

size_t unstuff_feed(struct unstuff *u, struct str wire, struct buf *out)
{
	size_t used = 0;

	while (used < wire.len && buf_room(out) >= 2 && !u->ended) {
		struct str rest = str_head(str_from(wire, used), buf_room(out) - 1);
		size_t n = u->at == UNSTUFF_IN_LINE ? str_find(rest, u->lf ? '\n' : '\r') : 0;
		buf_add(out, str_head(rest, n));
		used += n;
		if (n < rest.len)
			unstuff_octet(u, wire.p[used++], out);
	}
	return used;
}

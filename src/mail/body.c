/* SPDX-License-Identifier: MIT */
#include "mail/body.h"

#include <string.h>

/* Octets examined together, so that one rare octet slows down no more than these. */
enum { WINDOW = 4096 };

/* Whether any octet is above 127. Eight at a time, as every octet of every message passes here. */
static bool has_high(struct str s)
{
	size_t i = 0;

	for (; i + 8 <= s.len; i += 8) {
		uint64_t word;
		memcpy(&word, s.p + i, 8);
		if (word & 0x8080808080808080ULL)
			return true;
	}
	return !str_is_ascii(str_from(s, i));
}

static void end_line(struct canon *c, struct buf *out)
{
	buf_add(out, STR("\r\n"));
	c->facts.size += 2;
	if (c->line > c->facts.longest)
		c->facts.longest = c->line;
	c->line = 0;
}

static void plain(struct canon *c, struct str text, struct buf *out)
{
	size_t at = out->len;

	buf_add(out, text);
	c->facts.size += text.len;
	c->line += text.len;
	if (!c->facts.has_8bit)
		c->facts.has_8bit = has_high(text);
	for (size_t n = str_find(text, '\0'); n < text.len; n++) {
		if (text.p[n])
			continue;
		out->data[at + n] = '?';
		c->facts.has_nul = true;
	}
}

static size_t count_crs(struct str s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] == '\r')
		n++;
	return n;
}

/* Takes text without LF; the CRs at its end wait for the next octet. */
static void text_part(struct canon *c, struct str text, struct buf *out)
{
	while (text.len) {
		size_t n = str_find(text, '\r');
		plain(c, str_head(text, n), out);
		text = str_from(text, n);
		size_t crs = count_crs(text);
		text = str_from(text, crs);
		if (!text.len) {
			c->crs = crs;
			return;
		}
		c->facts.has_lone_cr = true;
		while (crs--)
			end_line(c, out);
	}
}

/* Writes line ends for CRs that no LF followed; false while out has no room for all of them. */
static bool pay_crs(struct canon *c, struct buf *out)
{
	while (c->crs && buf_room(out) >= CANON_ROOM) {
		end_line(c, out);
		c->facts.has_lone_cr = true;
		c->crs--;
	}
	return c->crs == 0;
}

/* Takes lines and parts of lines without CR or NUL: nearly all of nearly every message. */
static void clean_part(struct canon *c, struct str text, struct buf *out)
{
	const char *from = text.p, *end = text.p + text.len;
	char *to = out->data + out->len;

	while (from < end) {
		const char *lf = memchr(from, '\n', (size_t)(end - from));
		size_t n = (size_t)((lf ? lf : end) - from);
		memcpy(to, from, n);
		to += n;
		from += n;
		c->line += n;
		if (!lf)
			break;
		*to++ = '\r';
		*to++ = '\n';
		from++;
		if (c->line > c->facts.longest)
			c->facts.longest = c->line;
		c->line = 0;
	}
	size_t len = (size_t)(to - out->data);
	c->facts.size += len - out->len;
	c->facts.has_8bit = c->facts.has_8bit || has_high(text);
	out->len = len;
	*to = '\0';
}

static bool is_clean(const struct canon *c, struct str text)
{
	return !c->crs && str_find(text, '\r') == text.len && str_find(text, '\0') == text.len;
}

size_t canon_feed(struct canon *c, struct str raw, struct buf *out)
{
	size_t used = 0;

	buf_reserve(out, out->limit);
	while (used < raw.len && buf_room(out) >= CANON_ROOM) {
		/* A lone CR takes two octets: half the room is always enough. */
		struct str rest = str_head(str_from(raw, used), buf_room(out) / 2 - 2);
		rest = str_head(rest, WINDOW);
		if (is_clean(c, rest)) {
			clean_part(c, rest, out);
			used += rest.len;
			continue;
		}
		if (c->crs && rest.p[0] == '\r') { /* a run of CRs that was cut */
			size_t more = count_crs(rest);
			c->crs += more;
			used += more;
			continue;
		}
		if (c->crs && rest.p[0] != '\n') {
			if (!pay_crs(c, out))
				break;
			continue; /* there is less room now */
		}
		size_t n = str_find(rest, '\n');
		bool ended = n < rest.len;
		text_part(c, str_head(rest, n), out);
		if (ended) {
			c->crs = 0;
			end_line(c, out);
		}
		used += n + ended;
	}
	return used;
}

bool canon_end(struct canon *c, struct buf *out)
{
	if (!pay_crs(c, out) || buf_room(out) < CANON_ROOM)
		return false;
	if (c->line)
		end_line(c, out);
	return true;
}

static bool has_mark(struct str start)
{
	return str_starts(start, STR("\xff\xfe")) || str_starts(start, STR("\xfe\xff")) ||
	       str_eq(start, str_n("\0\0\xfe\xff", BODY_START));
}

/* Two characters of ASCII in UTF-16. */
static bool has_every_second_nul(struct str start)
{
	return start.len == BODY_START &&
	       (start.p[0] && start.p[2] ? !start.p[1] && !start.p[3]
					 : start.p[1] && start.p[3] && !start.p[0] && !start.p[2]);
}

bool body_check_start(struct str start, struct err *e)
{
	bool marked = has_mark(start);

	if (!marked && !has_every_second_nul(start))
		return true;
	bool is_32 =
		marked && start.len == BODY_START && (!start.p[0] || (!start.p[2] && !start.p[3]));
	const char *name = is_32 ? "UTF-32" : "UTF-16";
	err_set(e, ERR_DATA, "the message is %s, which mail cannot carry as it is", name);
	return err_hint(e, "nothing was sent; convert it first: iconv -f %s -t UTF-8", name);
}

/* SPDX-License-Identifier: MIT */
#include "smtp/reply.h"

#include "base/printable.h"

#include <string.h>

void reply_init(struct reply_reader *r)
{
	*r = (struct reply_reader) {
		.reply.text = BUF_INIT(REPLY_MAX),
		.line = BUF_INIT(REPLY_LINE_AUTH),
		.max_lines = REPLY_LINES,
		.max_kept = REPLY_LINE_KEPT,
	};
	/* Reserve now, so that an ordinary reply to the message needs no further memory. */
	buf_reserve(&r->reply.text, 1024);
	buf_reserve(&r->line, 1024);
}

void reply_done(struct reply_reader *r)
{
	buf_done(&r->reply.text);
	buf_done(&r->line);
}

void reply_again(struct reply_reader *r)
{
	struct buf text = r->reply.text, line = r->line;

	buf_clear(&text);
	buf_clear(&line);
	*r = (struct reply_reader) {
		.reply.text = text,
		.line = line,
		.max_lines = REPLY_LINES,
		.max_kept = REPLY_LINE_KEPT,
	};
}

bool reply_is_empty(const struct reply_reader *r)
{
	return r->state == REPLY_PARTIAL && r->octets == 0;
}

static void bad(struct reply_reader *r, const char *why)
{
	r->state = REPLY_BAD;
	r->why_bad = why;
}

/* The code, whose first digit is 2 to 5 and second 0 to 5 (RFC 5321 section 4.2); 0 if none. */
static int code_of(struct str line)
{
	if (line.len < 3 || line.p[0] < '2' || line.p[0] > '5' || line.p[1] < '0' ||
		line.p[1] > '5' || !chr_is_digit(line.p[2]))
		return 0;
	return (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + (line.p[2] - '0');
}

/* One part of "class.subject.detail": 1 to 3 digits, no leading zero (RFC 3463 section 2). */
static bool is_part(struct str s)
{
	uint64_t n;

	return s.len <= 3 && str_number(s, &n) && (s.len == 1 || s.p[0] != '0');
}

/* Takes the enhanced status in front of the text, if it is well-formed and of the code's class. */
static void find_enhanced(struct reply *reply, struct str text)
{
	struct str whole = str_head(text, str_find(text, ' ')), rest = whole;
	struct str class = str_cut(&rest, '.'), subject = str_cut(&rest, '.');

	if (whole.len >= sizeof(reply->enhanced) || class.len != 1 || !is_part(subject) ||
		!is_part(rest) || class.p[0] - '0' != reply->code / 100)
		return;
	memcpy(reply->enhanced, whole.p, whole.len);
}

static void take_reply_line(struct reply_reader *r)
{
	struct str line = str_chop(buf_str(&r->line), '\r');
	int code = code_of(line);
	char mark = line.len > 3 ? line.p[3] : ' ';
	if (!code || (mark != ' ' && mark != '-')) {
		bad(r, "what the server says is not an SMTP reply");
		return;
	}
	if (r->reply.code && code != r->reply.code) {
		bad(r, "the lines of one reply have different codes");
		return;
	}
	r->reply.code = code;
	struct str text = str_from(line, 4);
	if (r->lines)
		buf_char(&r->reply.text, '\n');
	else
		find_enhanced(&r->reply, text);
	printable_add(&r->reply.text, text);
	if (mark == ' ')
		r->state = REPLY_COMPLETE;
	else if (++r->lines >= r->max_lines)
		bad(r, "the reply has too many lines");
}

/* Keeps only the beginning of a line that is too long. */
static void keep_line_start(struct reply_reader *r, struct str part)
{
	size_t room = r->max_kept > r->line.len ? r->max_kept - r->line.len : 0;

	if (part.len > room)
		r->reply.cut = true;
	buf_add(&r->line, str_head(part, room));
}

size_t reply_feed(struct reply_reader *r, struct str in)
{
	size_t used = 0;

	while (r->state == REPLY_PARTIAL && used < in.len) {
		struct str rest = str_from(in, used);
		size_t n = str_find(rest, '\n');
		bool ended = n < rest.len;
		keep_line_start(r, str_head(rest, n));
		used += n + ended;
		r->line_octets += n;
		r->octets += n + ended;
		if (r->octets > REPLY_MAX || r->line_octets > REPLY_LINE_MAX) {
			bad(r, "a line of the server's reply does not end");
			r->endless = true;
		} else if (ended) {
			take_reply_line(r);
			r->line_octets = 0;
			buf_clear(&r->line);
		}
	}
	return used;
}

bool reply_decide(struct reply_reader *r)
{
	struct str line = buf_str(&r->line);

	if ((r->state != REPLY_PARTIAL && !r->endless) || line.len < 4 || line.p[3] != ' ')
		return false;
	take_reply_line(r);
	return r->state == REPLY_COMPLETE;
}

bool reply_is_misread(const struct reply *r)
{
	return r->code == 500 || r->code == 502 || r->code == 503;
}

bool reply_is_unsupported(const struct reply *r)
{
	return r->code == 504 || str_eq(str_of(r->enhanced), STR("5.7.4"));
}

static bool is_base64(char c)
{
	return chr_is_alpha(c) || chr_is_digit(c) || c == '+' || c == '/' || c == '=';
}

void reply_hide(struct reply *r, struct str secret)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(2 * REPLY_MAX);
	struct str rest = buf_str(&r->text);

	if (!secret.len)
		return;
	while (rest.len) {
		size_t n = 0;
		while (n < rest.len && is_base64(rest.p[n]))
			n++;
		buf_add(&shown, n && str_tells(str_head(rest, n), secret, REPLY_TELLING)
					? STR("(hidden)")
					: str_head(rest, n));
		if (n < rest.len)
			buf_char(&shown, rest.p[n]);
		rest = str_from(rest, n + 1);
	}
	buf_wipe(&r->text);
	buf_add(&r->text, buf_str(&shown));
}

/* The line without the enhanced status, which stands on each line of a reply (RFC 2034 section 4).
 */
static struct str without_enhanced(const struct reply *r, struct str line)
{
	struct str enhanced = str_of(r->enhanced);

	if (!enhanced.len || !str_starts(line, enhanced))
		return line;
	struct str rest = str_from(line, enhanced.len);
	return rest.len && !chr_is_blank(rest.p[0]) ? line : str_trim(rest);
}

bool reply_err(const struct reply *r, struct err *e, enum err_kind kind, const char *what)
{
	struct buf said CLEAN_UP(buf_done) = BUF_INIT(sizeof(e->said) - 1);
	struct str text = buf_str(&r->text);

	buf_fmt(&said, "%d", r->code);
	for (bool first = true; text.len && !said.over; first = false) {
		struct str line = str_cut(&text, '\n');
		if (!first)
			line = without_enhanced(r, line);
		if (!line.len)
			continue;
		buf_char(&said, ' ');
		buf_add(&said, str_head(line, buf_room(&said)));
	}
	err_set(e, kind, "%s", what);
	return err_said(e, r->code, r->enhanced, buf_str(&said));
}

enum { PASSWORD_TOLD = 4 };

void reply_hide_password(struct reply *r, struct str password)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(4 * REPLY_MAX);
	struct str rest = buf_str(&r->text);
	const char *found;

	if (password.len < PASSWORD_TOLD || !memmem(rest.p, rest.len, password.p, password.len))
		return;
	while (rest.len && (found = memmem(rest.p, rest.len, password.p, password.len))) {
		buf_add(&shown, str_head(rest, (size_t)(found - rest.p)));
		buf_add(&shown, STR("(hidden)"));
		rest = str_from(rest, (size_t)(found - rest.p) + password.len);
	}
	buf_add(&shown, rest);
	buf_wipe(&r->text);
	buf_add(&r->text, buf_str(&shown));
}

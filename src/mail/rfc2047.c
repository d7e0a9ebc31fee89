/* SPDX-License-Identifier: MIT */
#include "mail/rfc2047.h"

#include "base/mem.h"
#include "mail/addr.h"

#include <string.h>

enum { LINE_OF_WORDS = 76, WORD_OCTETS = 39, LONG_NAME = 60 };

/* Octets of the line at the end of out, counted up to a line's limit. */
static size_t column_of(const struct buf *out)
{
	struct str all = buf_str(out);
	struct str tail = str_from(all, all.len > HEADER_LINE_MAX ? all.len - HEADER_LINE_MAX : 0);
	size_t lf = str_rfind(tail, '\n');

	return lf == tail.len ? tail.len : tail.len - lf - 1;
}

void header_fold(struct buf *out, size_t more)
{
	size_t len = out->len;

	while (len && chr_is_blank(out->data[len - 1]))
		len--;
	if (column_of(out) + more <= HEADER_LINE || !len || out->data[len - 1] == '\n')
		return;
	buf_cut(out, len);
	buf_add(out, STR("\r\n "));
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (chr_is_ctl(s.p[i]))
			return true;
	return false;
}

/* How many octets of text one encoded-word takes. */
static size_t word_length(struct str text, bool utf8, size_t most)
{
	size_t n = 0;

	while (n < text.len) {
		uint32_t code;
		size_t step = utf8 ? str_utf8_char(str_from(text, n), &code) : 1;
		if (n && n + step > most)
			break;
		n += step;
	}
	return n;
}

/* "=?" charset "?B?" text "?=" (RFC 2047 section 2), as many as it takes. */
void rfc2047_encode(struct buf *out, struct str text)
{
	bool utf8 = str_is_utf8(text);
	const char *charset = utf8 ? "UTF-8" : "unknown-8bit";
	size_t around = strlen(charset) + 7, column = column_of(out);

	for (bool first = true; text.len; first = false) {
		size_t room = LINE_OF_WORDS - 1;
		if (first && column + around + 8 < room)
			room -= column;
		size_t most = (room - around) / 4 * 3;
		size_t n = word_length(text, utf8, most < WORD_OCTETS ? most : WORD_OCTETS);
		buf_fmt(out, "%s=?%s?B?", first ? "" : "\r\n ", charset);
		buf_base64(out, str_head(text, n));
		buf_add(out, STR("?="));
		text = str_from(text, n);
	}
}

/* Words of atext with single spaces between may stand as they are (RFC 5322 phrase). */
static bool is_plain_phrase(struct str name)
{
	while (name.len) {
		if (!addr_is_dot_atom(str_cut(&name, ' ')))
			return false;
	}
	return true;
}

/* "=?" as plain text: many readers would decode it, in quotes too. */
static bool looks_encoded(struct str s)
{
	return s.len > 1 && memmem(s.p, s.len, "=?", 2);
}

void rfc2047_phrase(struct buf *out, struct str name)
{
	if (!str_is_ascii(name) || has_control(name) || name.len > LONG_NAME || looks_encoded(name))
		rfc2047_encode(out, name);
	else if (is_plain_phrase(name))
		buf_add(out, name);
	else
		addr_quote(out, name);
}

static bool is_break(char c, const char *specials)
{
	return chr_is_white(c) || (c && strchr(specials, c));
}

static size_t word_end(struct str text, const char *specials)
{
	size_t n = 0;

	while (n < text.len && !is_break(text.p[n], specials))
		n++;
	return n;
}

static size_t blanks(struct str text)
{
	size_t n = 0;

	while (n < text.len && chr_is_blank(text.p[n]))
		n++;
	return n;
}

/* Octets from one word outside ASCII to the last of those that follow it directly. */
static size_t run_length(struct str text, const char *specials)
{
	size_t end = word_end(text, specials);

	for (;;) {
		size_t gap = blanks(str_from(text, end));
		size_t n = word_end(str_from(text, end + gap), specials);
		if (!gap || !n || str_is_ascii(str_head(str_from(text, end + gap), n)))
			return end;
		end += gap + n;
	}
}

/* White space between two encoded-words is not shown: it must be part of one of them. */
static void encode_run(struct buf *out, struct str run, struct str behind)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(run.len + 2);
	struct str before = str_trim_lines(buf_str(out));
	size_t gap = blanks(behind);

	if (str_ends_same(before, STR("?=")) && before.len < out->len)
		buf_char(&text, ' ');
	buf_add(&text, run);
	if (behind.len && chr_is_white(behind.p[0]) &&
		str_starts(str_trim_lines(behind), STR("=?")))
		buf_char(&text, ' ');
	if (out->len && out->data[out->len - 1] == ':')
		buf_char(out, ' ');
	header_fold(out, 30);
	rfc2047_encode(out, buf_str(&text));
	/* It touches no special but those of a comment (RFC 2047 section 5). */
	if (behind.len && !gap && !strchr("()\r\n", behind.p[0]))
		buf_char(out, ' ');
}

void rfc2047_text(struct buf *out, struct str value, const char *specials)
{
	while (value.len) {
		size_t n = word_end(value, specials);
		if (n && !str_is_ascii(str_head(value, n))) {
			n = run_length(value, specials);
			encode_run(out, str_head(value, n), str_from(value, n));
		} else {
			n += n == 0;
			buf_add(out, str_head(value, n));
		}
		value = str_from(value, n);
	}
}

/* --- lines that are too long --- */

/* What a comma means at some place of a line (RFC 5322 section 3.2). */
struct lexer {
	bool quoted, escaped;
	unsigned comments;
};

static bool is_separator(struct lexer *l, char c)
{
	if (l->escaped) {
		l->escaped = false;
		return false;
	}
	l->escaped = c == '\\';
	if (c == '"' && !l->comments)
		l->quoted = !l->quoted;
	else if (c == '(' && !l->quoted)
		l->comments++;
	else if (c == ')' && !l->quoted && l->comments)
		l->comments--;
	return c == ',' && !l->quoted && !l->comments;
}

/*
 * Where a line is folded: before a blank or behind a comma, at the last such place before column
 * 78, else at the next one. Not behind the field's name, and not where only blanks would be left.
 * 0: nowhere.
 */
static size_t fold_at(struct str line, size_t from, bool addresses, struct lexer *l)
{
	struct lexer at_fold = *l;
	size_t at = 0;
	bool text = false;

	for (size_t i = from; i + 1 < line.len && !(at && i >= HEADER_LINE); i++) {
		bool blank = chr_is_blank(line.p[i]), more = !chr_is_white(line.p[i + 1]);
		bool separates = addresses && is_separator(l, line.p[i]);
		if (text && more && (blank || separates)) {
			at = separates ? i + 1 : i;
			at_fold = *l;
		}
		text |= !blank;
	}
	*l = at_fold;
	return at;
}

static void add_folded(struct buf *out, struct str line, bool addresses)
{
	struct lexer l = { 0 };
	/* Behind the name of the field, where it stands in this line. */
	size_t from = chr_is_blank(line.p[0]) ? 0 : str_find(line, ':') + 1, at;

	for (; line.len > HEADER_LINE && (at = fold_at(line, from, addresses, &l)); from = 0) {
		buf_add(out, str_head(line, at));
		buf_add(out, STR("\r\n"));
		line = str_from(line, at);
		if (!chr_is_blank(line.p[0]))
			buf_char(out, ' ');
	}
	buf_add(out, line);
}

static bool has_long(struct str text, size_t longest)
{
	while (text.len)
		if (str_cut(&text, '\n').len > longest + 1)
			return true;
	return false;
}

void header_fold_long(struct buf *out, size_t from, size_t longest, bool addresses)
{
	struct str was = str_from(buf_str(out), from);

	if (!has_long(was, longest))
		return;
	char *copy CLEAN_UP(mem_free_at) = mem_dup(was.p, was.len);
	struct str rest = str_n(copy, was.len);
	buf_cut(out, from);
	while (rest.len) {
		struct str line = str_head(rest, str_find(rest, '\n') + 1);
		rest = str_from(rest, line.len);
		if (line.len > longest + 2)
			add_folded(out, line, addresses);
		else
			buf_add(out, line);
	}
}

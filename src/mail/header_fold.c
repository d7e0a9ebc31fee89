/* SPDX-License-Identifier: MIT */
#include "mail/header_fold.h"

#include "base/mem.h"

size_t header_column(const struct buf *out)
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
	if (header_column(out) + more <= HEADER_LINE || !len || out->data[len - 1] == '\n')
		return;
	buf_cut(out, len);
	buf_add(out, STR("\r\n "));
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
 * Where to fold a line: before a space or after a comma, at the last such place before column 78,
 * or else at the next one; but not after the field's name, and not where only spaces would be left.
 * 0 if there is no such place.
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
	/* Start after the name of the field, if this line holds it. */
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

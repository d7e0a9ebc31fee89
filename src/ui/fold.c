/* SPDX-License-Identifier: MIT */
#include "ui/fold.h"

/* SGR: ESC "[" parameters "m" */
static size_t sgr_length(struct str s)
{
	size_t n = 2;

	if (!str_starts(s, STR("\x1b[")))
		return 0;
	while (n < s.len && (chr_is_digit(s.p[n]) || s.p[n] == ';'))
		n++;
	return n < s.len && s.p[n] == 'm' ? n + 1 : 0;
}

static size_t width(struct str s)
{
	size_t columns = 0;

	while (s.len) {
		uint32_t code;
		size_t n = sgr_length(s);
		if (!n) {
			n = str_utf8_char(s, &code);
			columns++;
		}
		s = str_from(s, n ? n : 1);
	}
	return columns;
}

static struct str take_spaces(struct str *s)
{
	size_t n = 0;

	while (n < s->len && s->p[n] == ' ')
		n++;
	struct str spaces = str_head(*s, n);
	*s = str_from(*s, n);
	return spaces;
}

static struct str take_word(struct str *s)
{
	struct str word = str_head(*s, str_find(*s, ' '));

	*s = str_from(*s, word.len);
	return word;
}

void fold_line(struct str text, size_t columns, size_t hang, struct buf *out)
{
	if (!columns) {
		buf_add(out, text);
		return;
	}
	struct str spaces = take_spaces(&text);
	size_t indent = spaces.len, used = 0;

	while (spaces.len + text.len) {
		struct str word = take_word(&text);
		size_t wide = width(word);
		if (used && used + spaces.len + wide > columns) {
			buf_fmt(out, "\n%*s", (int)(indent + hang), "");
			used = indent + hang;
		} else {
			buf_add(out, spaces);
			used += spaces.len;
		}
		buf_add(out, word);
		used += wide;
		spaces = take_spaces(&text);
	}
}

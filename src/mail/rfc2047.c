/* SPDX-License-Identifier: MIT */
#include "mail/rfc2047.h"

#include "base/mem.h"
#include "mail/addr.h"
#include "mail/header_fold.h"

#include <string.h>

enum { LINE_OF_WORDS = 76, WORD_OCTETS = 39, LONG_NAME = 60 };

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (chr_is_ctl(s.p[i]))
			return true;
	return false;
}

/* How many octets of text fit into one encoded-word. */
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
	size_t around = strlen(charset) + 7, column = header_column(out);

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

/* Whether this is words of atext with single spaces between, which need no quotes (RFC 5322). */
static bool is_plain_phrase(struct str name)
{
	while (name.len) {
		if (!addr_is_dot_atom(str_cut(&name, ' ')))
			return false;
	}
	return true;
}

/* Whether plain text holds "=?", which many mail readers would decode, even in quotes. */
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

/* Octets from a word outside ASCII to the end of the last such word that directly follows. */
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

/* Encodes adjacent words together, as white space between two encoded-words is not shown. */
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
	/* An encoded-word may touch only the specials of a comment (RFC 2047 section 5). */
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

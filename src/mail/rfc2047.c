/* SPDX-License-Identifier: MIT */
#include "mail/rfc2047.h"

#include "base/mem.h"
#include "mail/addr.h"
#include "mail/header_fold.h"

#include <string.h>

enum {
	LINE_OF_WORDS = 76,
	WORD_MAX = 75,    /* octets of an encoded-word */
	WORD_OCTETS = 39, /* of text in one */
	LONG_NAME = 60,
	FOLD_ROOM = 30, /* octets that should be left in a line for the first word */
};

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (chr_is_ctl(s.p[i]))
			return true;
	return false;
}

const char *rfc2047_charset(struct str text, const char *charset)
{
	if (str_is_utf8(text))
		return "UTF-8";
	return charset && !str_same(str_of(charset), STR("UTF-8")) ? charset : "unknown-8bit";
}

/* Octets of the character at the start of s, which has one or several, as the charset has it. */
static size_t char_length(struct str s, const char *charset)
{
	static const struct {
		const char *start; /* of the charset's name */
		bool four;         /* a digit as second octet: a character of four */
		bool kana;         /* A1 to DF are characters of one octet */
	} rows[] = {
		{ "gb18030", true, false },
		{ "gb", false, false },
		{ "big5", false, false },
		{ "euc-", false, false },
		{ "ks_c_5601", false, false },
		{ "shift_jis", false, true },
		{ "windows-31j", false, true },
	};
	unsigned char lead = (unsigned char)s.p[0];
	struct str name = str_of(charset);
	uint32_t code;
	size_t n = 1;

	if (str_same(name, STR("UTF-8")))
		return str_utf8_char(s, &code);
	for (size_t i = 0; i < ARRAY_LEN(rows) && lead > 0x80 && n == 1; i++) {
		if (!str_starts_same(name, str_of(rows[i].start)))
			continue;
		if (rows[i].kana && lead >= 0xa1 && lead <= 0xdf)
			break;
		n = rows[i].four && s.len > 1 && chr_is_digit(s.p[1]) ? 4 : 2;
		if (lead == 0x8f && str_same(name, STR("euc-jp")))
			n = 3;
	}
	return n < s.len ? n : s.len;
}

/* How many octets of text fit into one encoded-word. */
static size_t word_length(struct str text, const char *charset, size_t most)
{
	size_t n = 0;

	while (n < text.len) {
		size_t step = char_length(str_from(text, n), charset);
		if (n && n + step > most)
			break;
		n += step;
	}
	return n;
}

/* "=?" charset "?B?" text "?=" (RFC 2047 section 2), as many as it takes. */
void rfc2047_encode(struct buf *out, struct str text, const char *charset)
{
	charset = rfc2047_charset(text, charset);
	size_t around = strlen(charset) + 7, column = header_column(out);

	for (bool first = true; text.len; first = false) {
		size_t room = LINE_OF_WORDS - 1;
		if (first && column + around + 8 < room)
			room -= column;
		size_t most = (room - around) / 4 * 3;
		size_t n = word_length(text, charset, most < WORD_OCTETS ? most : WORD_OCTETS);
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

void rfc2047_phrase(struct buf *out, struct str name, const char *charset)
{
	if (!str_is_ascii(name) || has_control(name) || name.len > LONG_NAME || looks_encoded(name))
		rfc2047_encode(out, name, charset);
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
		struct str next = str_from(text, end + gap);
		if (!gap || !n || str_is_ascii(str_head(next, n)) || addr_encoded_word(next))
			return end;
		end += gap + n;
	}
}

/* Encodes adjacent words together, as white space between two encoded-words is not shown. */
static void encode_run(struct buf *out, struct str run, struct str behind, const char *charset)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(run.len + 2);
	size_t gap = blanks(behind), next = 0, len = out->len;

	while (len && chr_is_white(out->data[len - 1]))
		len--;
	while (next < behind.len && chr_is_white(behind.p[next]))
		next++;
	if (len < out->len && str_ends_same(str_head(buf_str(out), len), STR("?=")))
		buf_char(&text, ' ');
	buf_add(&text, run);
	if (next && str_starts(str_from(behind, next), STR("=?")))
		buf_char(&text, ' ');
	if (out->len && out->data[out->len - 1] == ':')
		buf_char(out, ' ');
	header_fold(out, FOLD_ROOM);
	rfc2047_encode(out, buf_str(&text), charset);
	/* An encoded-word may touch only the specials of a comment (RFC 2047 section 5). */
	if (behind.len && !gap && !strchr("()\r\n", behind.p[0]))
		buf_char(out, ' ');
}

/* Whether it is an encoded-word in the encoding Q, which can take any octet as "=XX". */
static bool is_q_word(struct str word)
{
	struct str text = str_from(word, 2 + str_find(str_from(word, 2), '?'));

	return str_starts_same(text, STR("?Q?"));
}

/* The octets that it stands for. */
static void decode_q_word(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		int high = -1, low = -1;
		if (text.p[i] == '=' && i + 2 < text.len) {
			high = chr_hex(text.p[i + 1]);
			low = chr_hex(text.p[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			buf_char(out, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_char(out, text.p[i] == '_' ? ' ' : text.p[i]);
		}
	}
}

/* One that would be too long becomes several. */
static void split_q_word(struct buf *out, struct str word)
{
	struct buf charset CLEAN_UP(buf_done) = BUF_INIT(100),
			   text CLEAN_UP(buf_done) = BUF_INIT(word.len);
	struct str inside = str_n(word.p + 2, word.len - 4);

	buf_add(&charset, str_cut(&inside, '?'));
	(void)str_cut(&inside, '?');
	decode_q_word(&text, inside);
	rfc2047_encode(out, buf_str(&text), buf_text(&charset));
}

/* Whether the octet may stand in an encoded-word of a phrase (RFC 2047 section 5 (3)). */
static bool is_of_phrase(char c)
{
	return chr_is_alpha(c) || chr_is_digit(c) || (c && strchr("!*+-/=_", c));
}

static bool are_of_phrase(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_of_phrase(s.p[i]))
			return false;
	return true;
}

/* Whether octet i of a word is to be written as "=XX"; from `strict` on all that no phrase allows.
 */
static bool needs_mending(struct str word, size_t i, size_t strict)
{
	return (unsigned char)word.p[i] > 0x7f ||
	       (i >= strict && i < word.len - 2 && !is_of_phrase(word.p[i]));
}

static void mend_q_word(struct buf *out, struct str word, bool in_phrase)
{
	size_t text = 2 + str_find(str_from(word, 2), '?') + STR("?Q?").len;
	size_t strict = in_phrase ? text : word.len, len = word.len;

	for (size_t i = 0; i < word.len; i++)
		len += needs_mending(word, i, strict) ? 2 : 0;
	/* Words of the other charsets depend on what stands before them. */
	if (len > WORD_MAX && len > word.len && !str_starts_same(word, STR("=?iso-2022"))) {
		header_fold(out, FOLD_ROOM);
		split_q_word(out, word);
		return;
	}
	for (size_t i = 0; i < word.len; i++) {
		if (needs_mending(word, i, strict))
			buf_fmt(out, "=%02X", (unsigned)(unsigned char)word.p[i]);
		else
			buf_char(out, word.p[i]);
	}
}

void rfc2047_phrase_word(struct buf *out, struct str word, const char *charset)
{
	struct str text = str_n(word.p + 2, word.len - 4);
	struct str label = str_cut(&text, '?'), encoding = str_cut(&text, '?');

	if (!are_of_phrase(label) || !are_of_phrase(encoding))
		rfc2047_encode(out, word, charset);
	else if (is_q_word(word))
		mend_q_word(out, word, true);
	else if (are_of_phrase(text))
		buf_add(out, word);
	else
		rfc2047_encode(out, word, charset);
}

void rfc2047_text(struct buf *out, struct str value, const char *specials, const char *charset)
{
	while (value.len) {
		size_t n = addr_encoded_word(value);
		if (n && is_q_word(str_head(value, n))) {
			mend_q_word(out, str_head(value, n), false);
			value = str_from(value, n);
			if (!str_is_ascii(str_head(value, word_end(value, specials)))) {
				n = run_length(value, specials);
				buf_char(out, ' '); /* which is not shown between two of them */
				rfc2047_encode(out, str_head(value, n), charset);
				value = str_from(value, n);
			}
			continue;
		}
		n = word_end(value, specials);
		if (n && !str_is_ascii(str_head(value, n))) {
			n = run_length(value, specials);
			encode_run(out, str_head(value, n), str_from(value, n), charset);
		} else {
			n += n == 0;
			buf_add(out, str_head(value, n));
		}
		value = str_from(value, n);
	}
}

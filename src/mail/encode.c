/* SPDX-License-Identifier: MIT */
#include "mail/encode.h"

#include "mail/header.h"
#include "mail/param.h"
#include "mail/rewrite.h"

enum {
	LINE = 76,
	OCTETS_A_LINE = 18, /* of a parameter */
	PARAMS_MAX = 100,   /* to be encoded in one field */
};

enum form { FORM_TEXT, FORM_ADDRESSES, FORM_PARAMS, FORM_FIXED };

static enum form form_of(struct str name)
{
	static const struct {
		const char *name;
		enum form form;
	} rows[] = {
		{ "Content-Type", FORM_PARAMS },
		{ "Content-Disposition", FORM_PARAMS },
		{ "From", FORM_ADDRESSES },
		{ "Sender", FORM_ADDRESSES },
		{ "Reply-To", FORM_ADDRESSES },
		{ "To", FORM_ADDRESSES },
		{ "Cc", FORM_ADDRESSES },
		{ "Bcc", FORM_ADDRESSES },
		{ "Mail-Followup-To", FORM_ADDRESSES },
		{ "Mail-Reply-To", FORM_ADDRESSES },
		{ "Errors-To", FORM_ADDRESSES },
		{ "Disposition-Notification-To", FORM_ADDRESSES },
		{ "Return-Receipt-To", FORM_ADDRESSES },
		{ "Date", FORM_FIXED },
		{ "Message-ID", FORM_FIXED },
		{ "In-Reply-To", FORM_FIXED },
		{ "References", FORM_FIXED },
		{ "Received", FORM_FIXED },
		{ "Return-Path", FORM_FIXED },
		{ "MIME-Version", FORM_FIXED },
		{ "Content-Transfer-Encoding", FORM_FIXED },
		{ "Content-ID", FORM_FIXED },
		{ "DKIM-Signature", FORM_FIXED },
	};

	if (str_starts_same(name, STR("Resent-")))
		name = str_from(name, 7);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_same(name, str_of(rows[i].name)))
			return rows[i].form;
	return FORM_TEXT;
}

static bool is_space(char c)
{
	return chr_is_blank(c) || c == '\r' || c == '\n';
}

static bool is_8bit(char c)
{
	return (unsigned char)c > 0x7f;
}

/* Takes white space off the end of out, then goes on behind one blank or on a new line. */
static void begin_word(struct buf *out, size_t len)
{
	while (out->len && is_space(out->data[out->len - 1]))
		out->len--;
	size_t lf = str_rfind(buf_str(out), '\n');
	size_t line = lf < out->len ? out->len - lf - 1 : out->len;
	buf_add(out, line + 1 + len > LINE ? STR("\r\n ") : STR(" "));
}

/* Octets of the longest encoded-word that rewrite_phrase() makes of this. */
static size_t word_length(struct str text)
{
	bool utf8 = str_is_utf8(text);
	size_t all = (text.len + 2) / 3 * 4 + (utf8 ? 12 : 19), most = utf8 ? 64 : 71;

	return all < most ? all : most;
}

static void unfold(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != '\r' && s.p[i] != '\n')
			buf_char(out, s.p[i]);
}

/* --- free text --- */

/* Between two encoded-words white space is not shown: it must be part of one of them. */
static void encode_text(struct str value, struct buf *out)
{
	struct buf words CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);
	size_t from = 0, to = value.len;

	while (!is_8bit(value.p[from]))
		from++;
	while (from && !is_space(value.p[from - 1]))
		from--;
	while (!is_8bit(value.p[to - 1]))
		to--;
	while (to < value.len && !is_space(value.p[to]))
		to++;
	struct str before = str_trim_lines(str_head(value, from));
	struct str behind = str_trim_lines(str_from(value, to));
	if (str_ends_same(before, STR("?=")))
		buf_char(&words, ' ');
	unfold(str_n(value.p + from, to - from), &words);
	if (str_starts(behind, STR("=?")))
		buf_char(&words, ' ');
	buf_add(out, str_head(value, from));
	begin_word(out, word_length(buf_str(&words)));
	rewrite_phrase(out, buf_str(&words));
	if (behind.len)
		buf_add(out, STR("\r\n "));
	buf_add(out, behind);
}

/* --- addresses --- */

/* Octets of the comment at the start of s. */
static size_t comment_length(struct str s)
{
	unsigned depth = 0;

	for (size_t i = 0; i < s.len; i++) {
		depth += s.p[i] == '(';
		depth -= s.p[i] == ')';
		i += s.p[i] == '\\';
		if (!depth)
			return i + 1;
	}
	return s.len;
}

/* Octets of what ends with that character. */
static size_t closed_length(struct str s, char end)
{
	size_t i = 1;

	while (i < s.len && s.p[i] != end)
		i += s.p[i] == '\\' ? 2 : 1;
	return i < s.len ? i + 1 : s.len;
}

/* Octets of the comment, quoted-string, angle-addr, domain-literal or character that comes next. */
static size_t lexeme(struct str s)
{
	switch (s.p[0]) {
	case '(':
		return comment_length(s);
	case '"':
		return closed_length(s, '"');
	case '<':
		return closed_length(s, '>');
	case '[':
		return closed_length(s, ']');
	case '\\':
		return s.len > 1 ? 2 : 1;
	default:
		return 1;
	}
}

static bool is_one_of(char c, struct str set)
{
	return str_find(set, c) < set.len;
}

/* Octets up to the next character of the set that stands outside of all brackets. */
static size_t find_outside(struct str s, struct str set)
{
	size_t i = 0;

	while (i < s.len && !is_one_of(s.p[i], set))
		i += lexeme(str_from(s, i));
	return i;
}

/* Without quotes, backslashes and folds. */
static void unquote(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++) {
		bool pair = s.p[i] == '\\' && i + 1 < s.len;
		i += pair;
		if (!is_one_of(s.p[i], pair ? STR("\r\n") : STR("\"\r\n")))
			buf_char(out, s.p[i]);
	}
}

static void encode_comment(struct str comment, struct buf *out)
{
	struct buf words CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);

	unquote(str_head(str_from(comment, 1), comment.len - 2), &words);
	begin_word(out, word_length(buf_str(&words)) + 2);
	buf_char(out, '(');
	rewrite_phrase(out, buf_str(&words));
	buf_char(out, ')');
}

/* An address without its display name: only comments can be encoded. */
static bool encode_rest(struct str s, struct buf *out)
{
	while (s.len) {
		size_t n = lexeme(s);
		struct str one = str_head(s, n);
		bool ascii = str_is_ascii(one);
		if (!ascii && (one.p[0] != '(' || one.p[n - 1] != ')'))
			return false;
		if (ascii)
			buf_add(out, one);
		else
			encode_comment(one, out);
		s = str_from(s, n);
	}
	return true;
}

static bool encode_phrase(struct str phrase, struct buf *out)
{
	struct buf words CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);

	if (find_outside(phrase, STR("(")) < phrase.len)
		return false;
	unquote(phrase, &words);
	struct str text = str_trim(buf_str(&words));
	begin_word(out, word_length(text));
	rewrite_phrase(out, text);
	return true;
}

/* One mailbox; or, with is_group, the display name of a group. */
static bool encode_mailbox(struct str s, bool is_group, struct buf *out)
{
	size_t angle = find_outside(s, STR("<"));
	struct str phrase = is_group ? s : str_head(s, angle < s.len ? angle : 0);
	struct str rest = str_from(s, phrase.len);

	if (str_is_ascii(phrase)) {
		buf_add(out, phrase);
		return encode_rest(rest, out);
	}
	if (!encode_phrase(phrase, out))
		return false;
	if (rest.len)
		begin_word(out, rest.len);
	return encode_rest(rest, out);
}

static bool encode_addresses(struct str value, struct buf *out)
{
	while (value.len) {
		size_t n = find_outside(value, STR(",;:"));
		bool is_group = n < value.len && value.p[n] == ':';
		if (!encode_mailbox(str_head(value, n), is_group, out))
			return false;
		if (is_group)
			buf_char(out, ' '); /* an encoded-word touches no special */
		buf_add(out, str_head(str_from(value, n), 1));
		value = str_from(value, n + 1);
	}
	return true;
}

/* --- parameters --- */

/* ext-octet := "%" 2(DIGIT / "A" / ... / "F"), for all but the plainest of attribute-char */
static void put_octet(char c, struct buf *out)
{
	if (chr_is_alpha(c) || chr_is_digit(c) || c == '.' || c == '-' || c == '_')
		buf_char(out, c);
	else
		buf_fmt(out, "%%%02X", (unsigned)(unsigned char)c);
}

/* name*=charset''text, or name*0*=..., name*1*=... when that is too long (RFC 2231 section 4.1) */
static void extend(const struct param *one, struct buf *out)
{
	struct buf value CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);

	param_value(one, &value);
	struct str text = buf_str(&value);
	const char *charset = str_is_utf8(text) ? "UTF-8''" : "unknown-8bit''";
	bool long_value = text.len > OCTETS_A_LINE;
	for (size_t i = 0; i * OCTETS_A_LINE < text.len; i++) {
		begin_word(out, LINE);
		buf_add(out, one->name);
		if (long_value)
			buf_fmt(out, "*%zu", i);
		buf_fmt(out, "*=%s", i ? "" : charset);
		struct str part = str_head(str_from(text, i * OCTETS_A_LINE), OCTETS_A_LINE);
		for (size_t k = 0; k < part.len; k++)
			put_octet(part.p[k], out);
		if ((i + 1) * OCTETS_A_LINE < text.len)
			buf_char(out, ';');
	}
}

static void mask(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++)
		buf_char(out, is_8bit(s.p[i]) ? '?' : s.p[i]);
}

static bool has_extended(struct str value, struct str name)
{
	struct params p = { .text = str_from(value, str_find(value, ';')) };
	struct param one;

	while (params_next(&p, &one))
		if (str_same(str_head(one.name, str_find(one.name, '*')), name) &&
			one.name.len > name.len)
			return true;
	return false;
}

static bool encode_params(struct str value, struct buf *out)
{
	struct params p = { .text = value };
	struct param one;
	size_t copied = 0, count = 0;

	(void)params_token(&p);
	if (params_char(&p, '/'))
		(void)params_token(&p);
	while (params_next(&p, &one)) {
		if (str_is_ascii(one.written))
			continue;
		struct str before = str_n(value.p + copied, one.from - copied);
		bool extended = str_find(one.name, '*') < one.name.len;
		if (!str_is_ascii(before) || extended || count++ == PARAMS_MAX)
			return false;
		buf_add(out, before);
		if (has_extended(value, one.name))
			mask(str_n(value.p + one.from, one.end - one.from), out);
		else
			extend(&one, out);
		copied = one.end;
	}
	buf_add(out, str_from(value, copied));
	return !p.bad && str_is_ascii(str_from(value, copied));
}

bool encode_field(struct str name, struct str value, struct buf *out)
{
	bool good = true;

	buf_add(out, name);
	buf_char(out, ':');
	if (str_is_ascii(value)) {
		buf_add(out, value);
	} else {
		switch (form_of(name)) {
		case FORM_TEXT:
			encode_text(value, out);
			break;
		case FORM_ADDRESSES:
			good = encode_addresses(value, out);
			break;
		case FORM_PARAMS:
			good = encode_params(value, out);
			break;
		case FORM_FIXED:
			good = false;
			break;
		}
	}
	buf_add(out, STR("\r\n"));
	return good && !out->over;
}

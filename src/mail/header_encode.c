/* SPDX-License-Identifier: MIT */
#include "mail/header_encode.h"

#include "mail/addr.h"
#include "mail/address_fields.h"
#include "mail/header.h"
#include "mail/mime_param.h"
#include "mail/rfc2047.h"

#include <string.h>

enum {
	LINE = 76,
	OCTETS_A_LINE = 18, /* of a parameter */
	QUOTED_MAX = 60,    /* octets of a value in quotes */
	PARAMS_MAX = 100,   /* to be encoded in one field */
};

enum form {
	FORM_TEXT,
	FORM_ADDRESSES,
	FORM_PARAMS,
	FORM_IDS,
	FORM_URL,
	FORM_LIST_ID,   /* phrase <id> */
	FORM_LIST_URLS, /* <URL> (comment), ... */
	FORM_COMMENTS,  /* text stands in comments alone */
	FORM_PHRASES,   /* phrase, phrase ... */
	FORM_FIXED,
};

static enum form form_of(struct str name)
{
	static const struct {
		const char *name;
		enum form form;
	} rows[] = {
		{ "Content-Type", FORM_PARAMS },
		{ "Content-Disposition", FORM_PARAMS },
		{ "Date", FORM_COMMENTS },
		{ "Message-ID", FORM_IDS },
		{ "In-Reply-To", FORM_IDS },
		{ "References", FORM_IDS },
		{ "Supersedes", FORM_IDS },
		{ "Original-Message-ID", FORM_IDS },
		{ "X-Original-Message-ID", FORM_IDS },
		{ "Content-ID", FORM_IDS },
		{ "List-ID", FORM_LIST_ID },
		{ "List-Archive", FORM_LIST_URLS },
		{ "List-Help", FORM_LIST_URLS },
		{ "List-Owner", FORM_LIST_URLS },
		{ "List-Post", FORM_LIST_URLS },
		{ "List-Subscribe", FORM_LIST_URLS },
		{ "List-Unsubscribe", FORM_LIST_URLS },
		{ "Archived-At", FORM_LIST_URLS },
		{ "Content-Location", FORM_URL },
		{ "Received", FORM_COMMENTS },
		{ "Received-SPF", FORM_COMMENTS },
		{ "Authentication-Results", FORM_COMMENTS },
		{ "MIME-Version", FORM_COMMENTS },
		{ "Content-Transfer-Encoding", FORM_COMMENTS },
		{ "Keywords", FORM_PHRASES },
		{ "Return-Path", FORM_FIXED },
		{ "DKIM-Signature", FORM_FIXED },
	};

	if (address_field_of(name).known)
		return FORM_ADDRESSES;
	if (str_starts_same(name, STR("Resent-")))
		name = str_from(name, 7);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_same(name, str_of(rows[i].name)))
			return rows[i].form;
	return FORM_TEXT;
}

static bool is_8bit(char c)
{
	return (unsigned char)c > 0x7f;
}

/* Removes white space from the end of out, then adds one space or begins a new line. */
static void begin_word(struct buf *out, size_t len)
{
	while (out->len && chr_is_white(out->data[out->len - 1]))
		out->len--;
	size_t lf = str_rfind(buf_str(out), '\n');
	size_t line = lf < out->len ? out->len - lf - 1 : out->len;
	buf_add(out, line + 1 + len > LINE ? STR("\r\n ") : STR(" "));
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
static void extend(struct str name, struct str text, const char *charset, struct buf *out)
{
	bool long_value = text.len > OCTETS_A_LINE;
	for (size_t i = 0; i * OCTETS_A_LINE < text.len; i++) {
		begin_word(out, LINE);
		buf_add(out, name);
		if (long_value)
			buf_fmt(out, "*%zu", i);
		buf_add(out, STR("*="));
		if (!i)
			buf_fmt(out, "%s''", rfc2047_charset(text, charset));
		struct str part = str_head(str_from(text, i * OCTETS_A_LINE), OCTETS_A_LINE);
		for (size_t k = 0; k < part.len; k++)
			put_octet(part.p[k], out);
		if ((i + 1) * OCTETS_A_LINE < text.len)
			buf_char(out, ';');
	}
}

static void extend_param(const struct mime_param *one, const char *charset, struct buf *out)
{
	struct buf value CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);

	mime_param_value(one, &value);
	extend(one->name, buf_str(&value), charset, out);
}

static bool is_plain(struct str value)
{
	bool plain = value.len <= QUOTED_MAX;

	for (size_t i = 0; i < value.len && plain; i++)
		plain = !is_8bit(value.p[i]) && !chr_is_ctl(value.p[i]);
	return plain;
}

void header_encode_param(const char *name, struct str value, struct buf *out)
{
	struct buf quoted CLEAN_UP(buf_done) = BUF_INIT(2 * QUOTED_MAX + 2);

	buf_char(out, ';');
	if (!is_plain(value)) {
		extend(str_of(name), value, NULL, out);
		return;
	}
	addr_quote(&quoted, value);
	begin_word(out, strlen(name) + 1 + quoted.len);
	buf_fmt(out, "%s=%s", name, buf_text(&quoted));
}

/* Where no encoded-word may stand (RFC 2047 section 5). */
static void replace_octets(struct str s, bool is_url, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++) {
		if (is_url && is_8bit(s.p[i]))
			buf_fmt(out, "%%%02X", (unsigned)(unsigned char)s.p[i]);
		else
			buf_char(out, is_8bit(s.p[i]) ? '?' : s.p[i]);
	}
}

/* Comments are text, and nothing else is: an encoded-word may touch their brackets. */
static void encode_comments(struct str value, const char *charset, struct buf *out)
{
	bool may_span = true;

	while (value.len) {
		size_t n = addr_outside(value, "(", &may_span);
		replace_octets(str_head(value, n), false, out);
		value = str_from(value, n);
		n = value.len ? addr_span(value) : 0;
		rfc2047_text(out, str_head(value, n), "()", charset);
		value = str_from(value, n);
	}
}

static bool has_extended(struct str value, struct str name)
{
	struct mime_params p = { .text = str_from(value, str_find(value, ';')) };
	struct mime_param one;

	while (mime_params_next(&p, &one))
		if (str_same(str_head(one.name, str_find(one.name, '*')), name) &&
			one.name.len > name.len)
			return true;
	return false;
}

static bool encode_params(struct str value, const char *charset, struct buf *out)
{
	struct mime_params p = { .text = value };
	struct mime_param one;
	size_t copied = 0, count = 0;

	(void)mime_params_token(&p);
	if (mime_params_char(&p, '/'))
		(void)mime_params_token(&p);
	while (mime_params_next(&p, &one)) {
		if (str_is_ascii(one.written))
			continue;
		struct str before = str_n(value.p + copied, one.from - copied);
		bool extended = str_find(one.name, '*') < one.name.len;
		bool structure = str_same(one.name, STR("boundary"));
		if (structure || count++ == PARAMS_MAX)
			return false;
		encode_comments(before, charset, out);
		if (extended) /* as it was meant (RFC 2231 section 7) */
			replace_octets(str_n(value.p + one.from, one.end - one.from), true, out);
		else if (has_extended(value, one.name))
			replace_octets(str_n(value.p + one.from, one.end - one.from), false, out);
		else
			extend_param(&one, charset, out);
		copied = one.end;
	}
	struct str rest = str_from(value, copied);
	encode_comments(rest, charset, out);
	return !p.bad || str_is_ascii(rest) || str_find_same(rest, STR("boundary")) == rest.len;
}

/* False if a local part is not ASCII, which cannot be encoded. */
static bool encode_addresses(struct str value, const char *charset, struct buf *out)
{
	const struct address_field_options as_they_are = { .charset = charset };
	size_t at = out->len;

	(void)address_field_rewrite(out, value, &as_they_are);
	return str_is_ascii(str_from(buf_str(out), at));
}

/* Phrases and comments are text, what stands in angle brackets is not. */
static void encode_angles(struct str value, bool is_url, const char *charset, struct buf *out)
{
	bool may_span = true;

	while (value.len) {
		size_t n = addr_outside(value, "<", &may_span);
		address_fields_text(out, str_head(value, n), charset);
		value = str_from(value, n);
		n = str_find(value, '>');
		replace_octets(str_head(value, n), is_url, out);
		value = str_from(value, n);
	}
}

bool header_encode_field(struct str name, struct str value, const char *charset, struct buf *out)
{
	bool good = true;

	buf_add(out, name);
	buf_char(out, ':');
	if (str_is_ascii(value)) {
		buf_add(out, value);
	} else {
		switch (form_of(name)) {
		case FORM_TEXT:
			rfc2047_text(out, value, "", charset);
			break;
		case FORM_ADDRESSES:
			good = encode_addresses(value, charset, out);
			break;
		case FORM_PARAMS:
			good = encode_params(value, charset, out);
			break;
		case FORM_IDS:
			replace_octets(value, false, out);
			break;
		case FORM_URL:
			replace_octets(value, true, out);
			break;
		case FORM_LIST_ID:
			encode_angles(value, false, charset, out);
			break;
		case FORM_LIST_URLS:
			encode_angles(value, true, charset, out);
			break;
		case FORM_COMMENTS:
			encode_comments(value, charset, out);
			break;
		case FORM_PHRASES:
			address_fields_text(out, value, charset);
			break;
		case FORM_FIXED:
			good = false;
			break;
		}
	}
	buf_add(out, STR("\r\n"));
	return good && !out->over;
}

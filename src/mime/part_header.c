/* SPDX-License-Identifier: MIT */
#include "mime/part_header.h"

#include "mail/mime_param.h"

#include <string.h>

bool encoding_is_identity(enum mime_encoding encoding)
{
	return encoding <= ENCODING_BINARY;
}

/* The only field of that name, or NULL; fields with the same value count as one. */
static const struct field *only_field(const struct header *h, const char *name, bool *ret_clash)
{
	const struct field *found = NULL;

	for (size_t i = 0; i < h->count; i++) {
		const struct field *f = &h->fields[i];
		if (!field_is(h, f, name))
			continue;
		if (found && !str_eq(str_trim_lines(field_value(h, found)),
				     str_trim_lines(field_value(h, f))))
			*ret_clash = true;
		if (!found)
			found = f;
	}
	return found;
}

/* mechanism := "7bit" / "8bit" / "binary" / "quoted-printable" / "base64" / x-token; or nearly so
 */
static enum mime_encoding read_encoding(struct str value)
{
	static const struct {
		const char *name;
		enum mime_encoding encoding;
	} rows[] = {
		{ "7bit", ENCODING_7BIT },
		{ "8bit", ENCODING_8BIT },
		{ "binary", ENCODING_BINARY },
		{ "quoted-printable", ENCODING_QP },
		{ "base64", ENCODING_BASE64 },
		{ "7-bit", ENCODING_7BIT },
		{ "8-bit", ENCODING_8BIT },
		{ "", ENCODING_7BIT },
	};
	struct mime_params p = { .text = value };
	struct str word = mime_params_token(&p);

	(void)mime_params_char(&p, ';');
	for (size_t i = 0; i < ARRAY_LEN(rows) && mime_params_at_end(&p); i++)
		if (str_same(word, str_of(rows[i].name)))
			return rows[i].encoding;
	return ENCODING_OTHER;
}

/* boundary := 0*69<bchars> bcharsnospace; any other printable ASCII will do as well. */
static bool keep_boundary(struct part_header *e, struct str value)
{
	while (value.len && chr_is_blank(value.p[value.len - 1]))
		value.len--;
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] < ' ' || value.p[i] > '~')
			return false;
	if (!value.len || value.len > PART_BOUNDARY_MAX)
		return false;
	memcpy(e->boundary, value.p, value.len);
	e->boundary[value.len] = '\0';
	return true;
}

/* Whether octets above 127 can be of that charset, and ASCII in it is ASCII. */
static bool is_charset_with_ascii(struct str name)
{
	static const char *const others[] = { "us-ascii", "ascii", "utf-7", "utf-16", "utf-32",
		"ucs-", "iso-2022-", "hz-gb-", "unknown-8bit", "x-unknown", "utf8", "unicode" };

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (str_starts_same(name, str_of(others[i])))
			return false;
	return true;
}

/* Keeps a name that can stand in an encoded-word (RFC 2047 section 2: token). */
static void keep_charset(struct part_header *e, struct str value)
{
	if (!value.len || value.len > PART_CHARSET_MAX || !is_charset_with_ascii(value))
		return;
	for (size_t i = 0; i < value.len; i++)
		if (!chr_is_alpha(value.p[i]) && !chr_is_digit(value.p[i]) &&
			!(value.p[i] && strchr("-_:+", value.p[i])))
			return;
	memcpy(e->charset, value.p, value.len);
	e->charset[value.len] = '\0';
}

static void read_charset(struct part_header *e, struct mime_params *p)
{
	struct buf value CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);
	struct mime_param one;

	while (!value.len && mime_params_next(p, &one))
		if (str_same(one.name, STR("charset")))
			mime_param_value(&one, &value);
	keep_charset(e, buf_str(&value));
}

static bool read_boundary(struct part_header *e, struct mime_params *p)
{
	struct buf value CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);
	struct mime_param one;
	unsigned found = 0;

	while (mime_params_next(p, &one)) {
		if (!str_same(one.name, STR("boundary")))
			continue;
		found++;
		mime_param_value(&one, &value);
	}
	return !p->bad && found == 1 && keep_boundary(e, buf_str(&value));
}

static bool is_type(const struct part_header *e, const char *name)
{
	return strcmp(e->type, name) == 0;
}

static void classify_multipart(struct part_header *e, struct mime_params *p)
{
	e->sealed = is_type(e, "multipart/signed") || is_type(e, "multipart/encrypted");
	e->digest = is_type(e, "multipart/digest");
	if (!encoding_is_identity(e->encoding))
		return;
	if (read_boundary(e, p))
		e->kind = PART_MULTIPART;
	else
		e->flaw = "it is a multipart without a usable boundary";
}

/* No message/ type except global mail (RFC 6532 section 3.5) may be encoded. */
static void classify_message(struct part_header *e)
{
	if (is_type(e, "message/rfc822"))
		e->kind = encoding_is_identity(e->encoding) ? PART_MESSAGE : PART_LEAF;
	else if (!str_starts(str_of(e->type), STR("message/global")))
		e->flaw = "no encoding is allowed for this type (RFC 2045 section 6.4)";
}

static void keep_type(struct part_header *e, struct str type, struct str subtype)
{
	text_fmt(e->type, sizeof(e->type), "%.*s/%.*s", STR_ARG(str_head(type, PART_TYPE_MAX)),
		STR_ARG(str_head(subtype, PART_TYPE_MAX)));
	for (char *c = e->type; *c; c++)
		*c = chr_lower(*c);
}

/* content := type "/" subtype *(";" parameter) */
static void read_type(struct part_header *e, struct str value)
{
	struct mime_params p = { .text = value };
	struct str type = mime_params_token(&p);
	bool slash = mime_params_char(&p, '/');
	struct str subtype = mime_params_token(&p);

	if (!type.len || !slash || !subtype.len || p.bad) {
		e->flaw = "its Content-Type cannot be read";
		return;
	}
	keep_type(e, type, subtype);
	e->text = str_same(type, STR("text"));
	if (e->text)
		read_charset(e, &p);
	else if (str_same(type, STR("multipart")))
		classify_multipart(e, &p);
	else if (str_same(type, STR("message")))
		classify_message(e);
}

void part_header_read(struct part_header *ret, const struct header *h, bool in_digest)
{
	bool clash = false;
	const struct field *type = only_field(h, "Content-Type", &clash);
	const struct field *encoding = only_field(h, "Content-Transfer-Encoding", &clash);

	*ret = (struct part_header) { .labelled = type != NULL };
	if (encoding)
		ret->encoding = read_encoding(field_value(h, encoding));
	if (type)
		read_type(ret, field_value(h, type));
	else
		read_type(ret, in_digest ? STR("message/rfc822") : STR("text/plain"));
	if (clash)
		ret->flaw = "its Content-Type or Content-Transfer-Encoding is given twice";
	if (ret->flaw)
		ret->kind = PART_LEAF;
}

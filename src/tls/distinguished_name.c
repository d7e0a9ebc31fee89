/* SPDX-License-Identifier: MIT */
#include "tls/distinguished_name.h"

#include "base/printable.h"
#include "tls/der.h"
#include "tls/hash.h"

enum { NAME_MAX_OCTETS = 4096, TITLE_OCTETS = 80 };

static void add_element(struct buf *out, unsigned tag, struct str body)
{
	buf_char(out, (char)tag);
	if (body.len >= 0x100) {
		buf_char(out, (char)0x82);
		buf_char(out, (char)(body.len >> 8));
	} else if (body.len >= 0x80) {
		buf_char(out, (char)0x81);
	}
	buf_char(out, (char)(body.len & 0xff));
	buf_add(out, body);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Adds one octet of text. In practice T61String holds Latin-1. */
static void add_octet(struct buf *out, char c, bool latin1)
{
	unsigned octet = (unsigned char)c;

	if (latin1 && octet >= 0x80) {
		buf_char(out, (char)(0xc0 | octet >> 6));
		buf_char(out, (char)(0x80 | (octet & 0x3f)));
	} else {
		buf_char(out, chr_lower(c));
	}
}

static void add_normalised_text(struct buf *out, struct str s, bool latin1)
{
	while (s.len && is_space(s.p[0]))
		s = str_from(s, 1);
	while (s.len && is_space(s.p[s.len - 1]))
		s.len--;
	for (size_t i = 0; i < s.len; i++)
		if (!is_space(s.p[i]))
			add_octet(out, s.p[i], latin1);
		else if (!is_space(s.p[i + 1])) /* the last is none */
			buf_char(out, ' ');
}

static bool add_value(struct buf *out, const struct der *value)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(NAME_MAX_OCTETS);

	switch (value->tag) {
	case DER_UTF8:
	case DER_PRINTABLE:
	case DER_IA5:
	case DER_VISIBLE:
	case DER_T61:
		add_normalised_text(&text, value->body, value->tag == DER_T61);
		add_element(out, DER_UTF8, buf_str(&text));
		return !text.over;
	case 0x1e: /* BMPString */
	case 0x1c: /* UniversalString */
		return false;
	default:
		buf_add(out, value->whole);
		return true;
	}
}

/* SET OF SEQUENCE { OID, value }. Several are refused, as they might have to be sorted. */
static bool add_set(struct buf *out, struct str set)
{
	struct buf inside CLEAN_UP(buf_done) = BUF_INIT(NAME_MAX_OCTETS);
	struct buf pair CLEAN_UP(buf_done) = BUF_INIT(NAME_MAX_OCTETS);
	struct der attribute, type, value;

	if (!der_take(&set, DER_SEQUENCE, &attribute) || set.len ||
		!der_take(&attribute.body, DER_OID, &type) || !der_next(&attribute.body, &value))
		return false;
	buf_add(&pair, type.whole);
	if (!add_value(&pair, &value))
		return false;
	add_element(&inside, DER_SEQUENCE, buf_str(&pair));
	add_element(out, DER_SET, buf_str(&inside));
	return !pair.over && !inside.over;
}

/* The name's SETs, one after another, in the form in which equal names are equal octets. */
static bool canonicalise(struct str name, struct buf *out)
{
	struct der list, set;

	if (!der_take(&name, DER_SEQUENCE, &list))
		return false;
	while (list.body.len)
		if (!der_take(&list.body, DER_SET, &set) || !add_set(out, set.body))
			return false;
	return !out->over;
}

bool distinguished_name_hash(struct str name, uint32_t *ret)
{
	struct buf canonical CLEAN_UP(buf_done) = BUF_INIT(NAME_MAX_OCTETS);
	unsigned char digest[HASH_MAX];

	if (!canonicalise(name, &canonical) ||
		!hash_digest(HASH_SHA_1, buf_str(&canonical), digest))
		return false;
	*ret = digest[0] | (uint32_t)digest[1] << 8 | (uint32_t)digest[2] << 16 |
	       (uint32_t)digest[3] << 24;
	return true;
}

bool distinguished_name_is_within(struct str name, struct str limit, bool *ret)
{
	struct buf whole CLEAN_UP(buf_done) = BUF_INIT(NAME_MAX_OCTETS);
	struct buf head CLEAN_UP(buf_done) = BUF_INIT(NAME_MAX_OCTETS);

	if (!canonicalise(name, &whole) || !canonicalise(limit, &head))
		return false;
	*ret = str_starts(buf_str(&whole), buf_str(&head));
	return true;
}

/* Name ::= SEQUENCE OF SET OF SEQUENCE { OID, value } */
static bool find_attribute(struct str name, struct str oid, struct str *ret)
{
	struct der list, set, attribute, type, value;

	if (!der_take(&name, DER_SEQUENCE, &list))
		return false;
	while (list.body.len) {
		if (!der_take(&list.body, DER_SET, &set) ||
			!der_take(&set.body, DER_SEQUENCE, &attribute) ||
			!der_take(&attribute.body, DER_OID, &type) ||
			!der_next(&attribute.body, &value))
			return false;
		if (str_eq(type.body, oid)) {
			*ret = value.body;
			return true;
		}
	}
	return false;
}

void distinguished_name_title(struct str name, struct buf *out)
{
	struct str title;

	if (find_attribute(name, STR("\x55\x04\x03"), &title) ||
		find_attribute(name, STR("\x55\x04\x0a"), &title))
		printable_add(out, str_head(title, TITLE_OCTETS));
}

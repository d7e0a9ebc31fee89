/* SPDX-License-Identifier: MIT */
#include "tls/pem.h"

#include <string.h>

static const struct str begins = { "-----BEGIN ", 11 }, ends = { "-----END ", 9 };

/* The position of text in s; s.len if it does not occur. */
static size_t find_text(struct str s, struct str text)
{
	const char *at = s.len ? memmem(s.p, s.len, text.p, text.len) : NULL;

	return at ? (size_t)(at - s.p) : s.len;
}

bool pem_next(struct str *rest, struct str *ret)
{
	for (;;) {
		*rest = str_from(*rest, find_text(*rest, begins));
		if (!rest->len)
			return false;
		*rest = str_from(*rest, begins.len);
		bool wanted = str_starts(*rest, STR("CERTIFICATE-----")) ||
			      str_starts(*rest, STR("X509 CERTIFICATE-----"));
		if (!wanted)
			continue;
		*rest = str_from(*rest, str_find(*rest, '-') + 5);
		*ret = str_head(*rest, find_text(*rest, ends));
		*rest = str_from(*rest, ret->len);
		return true;
	}
}

enum { SPACE = 64, END = 65, FOREIGN = 66 };

static unsigned char base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned char)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned char)(c - 'a' + 26);
	if (c >= '0' && c <= '9')
		return (unsigned char)(c - '0' + 52);
	if (c == '+' || c == '/')
		return c == '+' ? 62 : 63;
	if (chr_is_white(c))
		return SPACE;
	return c == '=' ? END : FOREIGN;
}

/* Most of the time that the search of a large file takes is spent here. */
bool pem_decode(struct str base64, struct buf *out)
{
	unsigned bits = 0, held = 0;
	bool good = true;
	size_t len = 0, room = out->limit < base64.len ? out->limit : base64.len;

	buf_clear(out);
	buf_reserve(out, room);
	for (size_t i = 0; i < base64.len && len < room; i++) {
		unsigned char v = base64_value(base64.p[i]);
		if (v == SPACE)
			continue;
		if (v >= END) {
			good = v != FOREIGN;
			break;
		}
		bits = bits << 6 | v;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out->data[len++] = (char)(bits >> held & 0xff);
		}
	}
	out->len = len;
	out->data[len] = '\0';
	return good && len > 0;
}

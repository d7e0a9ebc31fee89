/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <string.h>

bool chr_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int chr_hex(char c)
{
	if (chr_is_digit(c))
		return c - '0';
	c = chr_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool chr_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool chr_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool chr_is_white(char c)
{
	return chr_is_blank(c) || c == '\r' || c == '\n';
}

bool chr_is_ctl(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

bool str_has_ctl(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (chr_is_ctl(s.p[i]) && s.p[i] != '\t')
			return true;
	return false;
}

char chr_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct str str_of(const char *text)
{
	return text ? (struct str) { text, strlen(text) } : STR("");
}

const char *str_given(const char *text)
{
	return text && text[0] ? text : NULL;
}

struct str str_n(const char *p, size_t len)
{
	return (struct str) { p, len };
}

bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || memcmp(a.p, b.p, a.len) == 0);
}

bool str_same(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (chr_lower(a.p[i]) != chr_lower(b.p[i]))
			return false;
	return true;
}

bool str_starts(struct str s, struct str prefix)
{
	return str_eq(str_head(s, prefix.len), prefix);
}

bool str_starts_same(struct str s, struct str prefix)
{
	return str_same(str_head(s, prefix.len), prefix);
}

bool str_ends_same(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_same(str_from(s, s.len - suffix.len), suffix);
}

struct str str_from(struct str s, size_t n)
{
	n = n < s.len ? n : s.len;
	return (struct str) { s.p + n, s.len - n };
}

struct str str_head(struct str s, size_t n)
{
	return (struct str) { s.p, n < s.len ? n : s.len };
}

static bool is_line_space(char c)
{
	return chr_is_blank(c) || c == '\r' || c == '\n';
}

static struct str trim_by(struct str s, bool (*space)(char))
{
	while (s.len && space(s.p[0]))
		s = str_from(s, 1);
	while (s.len && space(s.p[s.len - 1]))
		s.len--;
	return s;
}

struct str str_trim(struct str s)
{
	return trim_by(s, chr_is_blank);
}

struct str str_trim_lines(struct str s)
{
	return trim_by(s, is_line_space);
}

struct str str_chop(struct str s, char c)
{
	return s.len && s.p[s.len - 1] == c ? str_head(s, s.len - 1) : s;
}

size_t str_find(struct str s, char c)
{
	const char *at = s.len ? memchr(s.p, c, s.len) : NULL;

	return at ? (size_t)(at - s.p) : s.len;
}

size_t str_rfind(struct str s, char c)
{
	const char *at = s.len ? memrchr(s.p, c, s.len) : NULL;

	return at ? (size_t)(at - s.p) : s.len;
}

struct str str_base(struct str path)
{
	size_t slash = str_rfind(path, '/');

	return slash < path.len ? str_from(path, slash + 1) : path;
}

size_t str_find_same(struct str s, struct str wanted)
{
	size_t at = 0;

	while (at < s.len && !str_starts_same(str_from(s, at), wanted))
		at++;
	return at;
}

bool str_tells(struct str s, struct str of, size_t octets)
{
	size_t n = of.len < octets ? of.len : octets;

	for (size_t i = 0; n && i + n <= s.len; i++)
		if (memmem(of.p, of.len, s.p + i, n))
			return true;
	return false;
}

struct str str_cut(struct str *s, char sep)
{
	size_t at = str_find(*s, sep);
	struct str head = str_head(*s, at);

	*s = str_from(*s, at + 1);
	return head;
}

struct str str_word(struct str *s)
{
	size_t n = 0;

	*s = str_trim(*s);
	while (n < s->len && !chr_is_blank(s->p[n]))
		n++;
	struct str word = str_head(*s, n);
	*s = str_trim(str_from(*s, n));
	return word;
}

bool str_number(struct str s, uint64_t *ret_n)
{
	uint64_t n = 0;

	if (s.len < 1 || s.len > 18)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!chr_is_digit(s.p[i]))
			return false;
		n = n * 10 + (uint64_t)(s.p[i] - '0');
	}
	*ret_n = n;
	return true;
}

bool str_is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] > 0x7f)
			return false;
	return true;
}

/* What the first octet says about length and the second octet's range (RFC 3629 section 4). */
static size_t utf8_length(unsigned char first, unsigned char *ret_low, unsigned char *ret_high)
{
	*ret_low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*ret_high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t str_utf8_char(struct str s, uint32_t *ret_code)
{
	unsigned char low, high;

	if (!s.len)
		return 0;
	unsigned char first = (unsigned char)s.p[0];
	size_t n = utf8_length(first, &low, &high);
	if (!n || n > s.len)
		return 0;

	uint32_t code = n == 1 ? first : first & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < low || c > high)
			return 0;
		low = 0x80;
		high = 0xbf;
		code = code << 6 | (c & 0x3fU);
	}
	*ret_code = code;
	return n;
}

bool str_is_utf8(struct str s)
{
	while (s.len) {
		uint32_t code;
		size_t n = str_utf8_char(s, &code);
		if (!n)
			return false;
		s = str_from(s, n);
	}
	return true;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, one row at a time. */
unsigned str_distance(struct str a, struct str b)
{
	enum { LONGEST = 40, FAR = 9 };
	unsigned row[LONGEST + 1];

	if (a.len > LONGEST || b.len > LONGEST)
		return FAR;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned corner = row[0];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			unsigned swap = corner + (chr_lower(a.p[i - 1]) != chr_lower(b.p[j - 1]));
			corner = row[j];
			row[j] = least(swap, least(row[j], row[j - 1]) + 1);
		}
	}
	return least(row[b.len], FAR);
}

void str_utf8_feed(struct str_utf8 *u, struct str octets)
{
	uint32_t code;

	for (size_t i = 0; i < octets.len && !u->bad; i++) {
		bool ascii = (unsigned char)octets.p[i] < 0x80;
		if (ascii && !u->carried)
			continue;
		u->bad = ascii || u->carried == sizeof(u->carry);
		if (u->bad)
			return;
		u->carry[u->carried++] = octets.p[i];
		if (str_utf8_char(str_n(u->carry, u->carried), &code))
			u->carried = 0;
	}
}

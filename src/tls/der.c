/* SPDX-License-Identifier: MIT */
#include "tls/der.h"

/* Reads tag and length; *ret_len may be more than s holds. */
static bool read_head(struct str s, unsigned *ret_tag, size_t *ret_head, size_t *ret_len)
{
	if (s.len < 2)
		return false;
	unsigned char first = (unsigned char)s.p[1];
	*ret_tag = (unsigned char)s.p[0];
	*ret_head = 2;
	*ret_len = first;
	if ((*ret_tag & 0x1f) == 0x1f)
		return false;
	if (first < 0x80)
		return true;
	size_t octets = first & 0x7f;
	if (octets < 1 || octets > 4 || s.len < 2 + octets)
		return false;
	*ret_len = 0;
	for (size_t i = 0; i < octets; i++)
		*ret_len = *ret_len << 8 | (unsigned char)s.p[2 + i];
	*ret_head += octets;
	return true;
}

bool der_next(struct str *rest, struct der *ret)
{
	size_t head, len;

	if (!read_head(*rest, &ret->tag, &head, &len) || len > rest->len - head)
		return false;
	ret->whole = str_head(*rest, head + len);
	ret->body = str_from(ret->whole, head);
	*rest = str_from(*rest, head + len);
	return true;
}

bool der_take(struct str *rest, unsigned tag, struct der *ret)
{
	return der_next(rest, ret) && ret->tag == tag;
}

bool der_skip(struct str *rest, unsigned tag)
{
	struct der ignored;

	return !rest->len || (unsigned char)rest->p[0] != tag || der_next(rest, &ignored);
}

bool der_enter(struct str *rest, unsigned tag)
{
	size_t head, len;
	unsigned found;

	if (!read_head(*rest, &found, &head, &len) || found != tag)
		return false;
	*rest = str_from(*rest, head);
	return true;
}

/* Takes two digits off the front and returns their value; -1 if there are none. */
static int two_digits(struct str *s)
{
	if (s->len < 2 || !chr_is_digit(s->p[0]) || !chr_is_digit(s->p[1]))
		return -1;
	int n = (s->p[0] - '0') * 10 + s->p[1] - '0';
	*s = str_from(*s, 2);
	return n;
}

static int read_year(struct str *s, bool utc)
{
	int high = utc ? 0 : two_digits(s), low = two_digits(s);

	if (high < 0 || low < 0)
		return -1;
	return utc ? low + (low < 50 ? 2000 : 1900) : high * 100 + low;
}

bool der_time(const struct der *element, time_t *ret)
{
	static const int least[] = { 1, 1, 0, 0, 0 }, most[] = { 12, 31, 23, 59, 60 };
	struct str s = element->body;
	int fields[5];

	if (element->tag != DER_UTC_TIME && element->tag != DER_TIME)
		return false;
	int year = read_year(&s, element->tag == DER_UTC_TIME);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		fields[i] = two_digits(&s);
		if (fields[i] < least[i] || fields[i] > most[i])
			return false;
	}
	struct tm tm = { .tm_year = year - 1900,
		.tm_mon = fields[0] - 1,
		.tm_mday = fields[1],
		.tm_hour = fields[2],
		.tm_min = fields[3],
		.tm_sec = fields[4] };
	*ret = timegm(&tm);
	return year >= 0 && str_eq(s, STR("Z"));
}

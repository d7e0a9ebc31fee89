/* SPDX-License-Identifier: MIT */
#include "submit/header_faults.h"

#include "base/printable.h"
#include "mail/address_fields.h"
#include "mail/header.h"

#include <string.h>

enum { SHOWN = 60 };

enum people {
	NO_PEOPLE,
	ANY_PEOPLE, /* addresses, or nobody */
	AUTHORS,    /* at least one address */
	ONE_AUTHOR
};

/* What is asked of a field that may stand in a header once; in the order in which it is told. */
static const struct rule {
	const char *name;
	bool wanted; /* it must be there */
	bool not_empty;
	enum people people;
} rules[] = {
	{ "From", true, true, AUTHORS },
	{ "Sender", false, true, ONE_AUTHOR },
	{ "Reply-To", false, true, AUTHORS },
	{ "To", false, true, ANY_PEOPLE },
	{ "Cc", false, true, ANY_PEOPLE },
	{ "Date", true, true, NO_PEOPLE },
	{ "Message-ID", false, true, NO_PEOPLE },
	{ "In-Reply-To", false, false, NO_PEOPLE },
	{ "References", false, false, NO_PEOPLE },
	{ "Subject", false, false, NO_PEOPLE },
	{ "MIME-Version", false, true, NO_PEOPLE },
	{ "Content-Type", false, true, NO_PEOPLE },
	{ "Content-Transfer-Encoding", false, true, NO_PEOPLE },
};

static void begin(struct buf *out)
{
	if (out->len)
		buf_add(out, STR("; "));
}

/* Comments count as white space. */
static struct str skip_white(struct str s)
{
	while (s.len) {
		size_t n = s.p[0] == '(' ? addr_span(s) : chr_is_white(s.p[0]);
		if (!n)
			break;
		s = str_from(s, n);
	}
	return s;
}

/* Takes a word of letters, digits and the octets of `more`. */
static struct str take(struct str *s, const char *more)
{
	size_t n = 0;

	*s = skip_white(*s);
	while (n < s->len && (chr_is_alpha(s->p[n]) || chr_is_digit(s->p[n]) ||
				     (s->p[n] && strchr(more, s->p[n]))))
		n++;
	struct str word = str_head(*s, n);
	*s = skip_white(str_from(*s, n));
	return word;
}

static bool is_number(struct str s, size_t least, size_t most)
{
	for (size_t i = 0; i < s.len; i++)
		if (!chr_is_digit(s.p[i]))
			return false;
	return s.len >= least && s.len <= most;
}

/* One or two digits, from `low` to `high`. */
static bool is_within(struct str s, unsigned low, unsigned high)
{
	unsigned value = 0;

	for (size_t i = 0; i < s.len; i++)
		value = value * 10 + (unsigned)(s.p[i] - '0');
	return is_number(s, 1, 2) && value >= low && value <= high;
}

/* One of the names of three letters. */
static bool is_one_of(struct str s, const char *names)
{
	for (; *names; names += 3)
		if (str_same(s, str_n(names, 3)))
			return true;
	return false;
}

/* hour ":" minute [":" second] */
static bool is_time(struct str s)
{
	static const unsigned most[] = { 23, 59, 60 };
	size_t parts = 0;

	for (; s.len; parts++)
		if (parts == ARRAY_LEN(most) || !is_within(str_cut(&s, ':'), 0, most[parts]))
			return false;
	return parts >= 2;
}

/* ("+" / "-") 4DIGIT, or letters such as GMT */
static bool is_zone(struct str s)
{
	if (s.len && (s.p[0] == '+' || s.p[0] == '-'))
		return is_number(str_from(s, 1), 4, 4);
	for (size_t i = 0; i < s.len; i++)
		if (!chr_is_alpha(s.p[i]))
			return false;
	return s.len > 0;
}

/* date-time = [day-name ","] day month year time zone (RFC 5322 section 3.3, with 4.3) */
static bool is_date(struct str s)
{
	struct str word = take(&s, "");

	if (s.len && s.p[0] == ',') {
		if (!is_one_of(word, "MonTueWedThuFriSatSun"))
			return false;
		s = str_from(s, 1);
		word = take(&s, "");
	}
	return is_within(word, 1, 31) &&
	       is_one_of(take(&s, ""), "JanFebMarAprMayJunJulAugSepOctNovDec") &&
	       is_number(take(&s, ""), 2, 4) && is_time(take(&s, ":")) && is_zone(take(&s, "+-")) &&
	       !s.len;
}

/* msg-id = "<" id-left "@" id-right ">"; many write no '@', and nobody minds */
static bool is_id(struct str s)
{
	s = str_trim_lines(s);
	return s.len > 2 && s.p[0] == '<' && str_find(s, '>') == s.len - 1;
}

/* What is wrong with a list of addresses; NULL: nothing. */
static const char *fault_of_people(enum people people, struct str value)
{
	struct addr_list list = { .rest = value };
	struct addr a;
	struct err ignored;
	enum addr_got got;
	size_t count = 0;

	if (people >= AUTHORS && !address_field_author(value, &a))
		return "has no address";
	while ((got = addr_next(&list, &a, &ignored)) == ADDR_ONE)
		count++;
	if (got == ADDR_BAD)
		return "has an invalid address";
	return people == ONE_AUTHOR && count > 1 ? "names more than one" : NULL;
}

/* What is wrong with the value; NULL: nothing. */
static const char *fault_of(const struct rule *rule, struct str value)
{
	if (!str_trim_lines(value).len)
		return rule->not_empty ? "is empty" : NULL;
	if (rule->people)
		return fault_of_people(rule->people, value);
	if (strcmp(rule->name, "Date") == 0 && !is_date(value))
		return "is no date";
	if (strcmp(rule->name, "Message-ID") == 0 && !is_id(value))
		return "is no <...@...>";
	return NULL;
}

static void tell_value(const struct rule *rule, struct str value, struct buf *out)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(4 * SHOWN);
	const char *fault = fault_of(rule, value);

	if (!fault)
		return;
	printable_add(&shown, str_head(str_trim_lines(value), SHOWN));
	begin(out);
	buf_fmt(out, "%s %s%s%s", rule->name, fault, shown.len ? ": " : "", buf_text(&shown));
}

static void check_rule(const struct header *h, const struct rule *rule, struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < h->count; i++) {
		if (!field_is(h, &h->fields[i], rule->name))
			continue;
		if (!count++)
			tell_value(rule, field_value(h, &h->fields[i]), out);
	}
	if (count != 1 && (count || rule->wanted)) {
		begin(out);
		if (count)
			buf_fmt(out, "the header has %zu %s fields", count, rule->name);
		else
			buf_fmt(out, "the header has no %s", rule->name);
	}
}

void header_faults(struct str header, struct buf *out)
{
	struct header h CLEAN_UP(header_done);

	header_init(&h);
	(void)header_feed(&h, header);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		check_rule(&h, &rules[i], out);
}

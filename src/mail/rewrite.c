/* SPDX-License-Identifier: MIT */
#include "mail/rewrite.h"

#include "mail/addr.h"

bool rewrite_drops(const struct header *h, const struct field *f)
{
	return field_is(h, f, "Bcc") || field_is(h, f, "Resent-Bcc");
}

struct rewrite rewrite_plan(const struct header *h)
{
	struct rewrite plan = {
		.add_from = !header_find(h, "From"),
		.add_date = !header_find(h, "Date"),
		.add_message_id = !header_find(h, "Message-ID"),
	};

	for (size_t i = 0; i < h->count; i++)
		plan.dropped += rewrite_drops(h, &h->fields[i]);
	return plan;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (chr_is_ctl(s.p[i]))
			return true;
	return false;
}

/* Words of atext with single spaces between may stand as they are (RFC 5322 phrase). */
static bool is_plain_phrase(struct str name)
{
	while (name.len) {
		if (!addr_is_dot_atom(str_cut(&name, ' ')))
			return false;
	}
	return true;
}

/* Encoded-words in base64 (RFC 2047 section 4.1), no character cut in two. */
static void encode_words(struct buf *out, struct str name)
{
	bool utf8 = str_is_utf8(name);
	const char *charset = utf8 ? "UTF-8" : "unknown-8bit";
	bool first = true;

	while (name.len) {
		size_t n = 0;
		while (n < name.len) { /* 42 octets make a word of 75 at the most */
			uint32_t code;
			size_t step = utf8 ? str_utf8_char(str_from(name, n), &code) : 1;
			if (n + step > 39)
				break;
			n += step;
		}
		buf_fmt(out, "%s=?%s?B?", first ? "" : "\r\n ", charset);
		buf_base64(out, str_head(name, n));
		buf_add(out, STR("?="));
		name = str_from(name, n);
		first = false;
	}
}

void rewrite_phrase(struct buf *out, struct str name)
{
	if (!str_is_ascii(name) || has_control(name) || name.len > 60)
		encode_words(out, name);
	else if (is_plain_phrase(name))
		buf_add(out, name);
	else
		addr_quote(out, name);
}

static void add_from(struct buf *out, const struct facts *facts)
{
	struct str name = str_trim(str_of(facts->full_name));

	buf_add(out, STR("From: "));
	if (name.len) {
		rewrite_phrase(out, name);
		/* Long names leave no room on their line (RFC 5322 section 2.1.1). */
		buf_add(out, name.len > 40 ? STR("\r\n <") : STR(" <"));
	}
	buf_fmt(out, "%s%s\r\n", facts->sender[0] ? facts->sender : "MAILER-DAEMON",
		name.len ? ">" : "");
}

static void add_message_id(struct buf *out, const struct facts *facts)
{
	struct str domain = addr_domain(facts->sender);

	if (!domain.len)
		domain = str_of(facts->host);
	buf_fmt(out, "Message-ID: <%s@%.*s>\r\n", facts->random, STR_ARG(domain));
}

void rewrite_write(const struct rewrite *plan, const struct header *h, const struct facts *facts,
	struct buf *out)
{
	if (plan->add_from)
		add_from(out, facts);
	if (plan->add_date)
		buf_fmt(out, "Date: %s\r\n", facts->date);
	if (plan->add_message_id)
		add_message_id(out, facts);
	for (size_t i = 0; i < h->count; i++)
		if (!rewrite_drops(h, &h->fields[i]))
			buf_add(out, field_whole(h, &h->fields[i]));
	buf_add(out, STR("\r\n"));
}

/* SPDX-License-Identifier: MIT */
#include "mail/header_rewrite.h"

#include "mail/addr.h"
#include "mail/address_fields.h"
#include "mail/header_encode.h"
#include "mail/header_fold.h"
#include "mail/rfc2047.h"

#include <string.h>

/* Adds the field names that a DKIM-Signature covers, its tag h= (RFC 6376 section 3.5). */
static void add_covered(struct header_rewrite *plan, struct str tags)
{
	while (tags.len) {
		struct str value = str_trim_lines(str_cut(&tags, ';'));
		struct str tag = str_trim_lines(str_cut(&value, '='));
		while (str_eq(tag, STR("h")) && value.len) {
			struct str name = str_trim_lines(str_cut(&value, ':'));
			if (plan->covered_count < HEADER_REWRITE_COVERED)
				plan->covered[plan->covered_count++] = name;
			else
				plan->all_covered = true;
		}
	}
}

static bool is_covered(const struct header_rewrite *plan, struct str name)
{
	bool found = plan->all_covered;

	for (size_t i = 0; i < plan->covered_count && !found; i++)
		found = str_same(plan->covered[i], name);
	return found;
}

/* Fields of a delivered copy, which are wrong for a new message (RFC 5321 section 4.4). */
static bool is_of_delivery(const struct header *h, const struct field *f)
{
	return field_is(h, f, "Return-Path") || field_is(h, f, "Content-Length");
}

static bool drops(const struct header *h, const struct field *f, bool covered,
	const struct header_rewrite_rules *r)
{
	struct address_field is = address_field_of(field_name(h, f));

	if (is_of_delivery(h, f))
		return !covered;
	if (is.hidden)
		return !r->keep_bcc;
	if (is.author && !is.resent)
		return r->from == HEADER_REWRITE_REPLACE;
	return is.recipients && !is.resent && (r->to || r->undisclosed);
}

static bool wants(const struct header_rewrite *plan, enum header_rewrite_set set,
	const struct header *h, const char *name)
{
	return set == HEADER_REWRITE_REPLACE ||
	       (set == HEADER_REWRITE_AUTO && !header_find(h, name) &&
		       !is_covered(plan, str_of(name)));
}

struct header_rewrite header_rewrite_plan(
	const struct header *h, const struct header_rewrite_rules *rules)
{
	const struct field *from = header_find(h, "From");
	struct header_rewrite plan = { 0 };

	for (size_t i = 0; i < h->count; i++) {
		const struct field *f = &h->fields[i];
		if (field_is(h, f, "DKIM-Signature"))
			add_covered(&plan, field_value(h, f));
	}
	plan.add_from = rules->from == HEADER_REWRITE_REPLACE ||
			(rules->from == HEADER_REWRITE_AUTO && !from);
	plan.add_date = wants(&plan, rules->date, h, "Date");
	plan.add_message_id = wants(&plan, rules->message_id, h, "Message-ID");
	plan.add_sender = from && rules->from == HEADER_REWRITE_AUTO &&
			  wants(&plan, HEADER_REWRITE_AUTO, h, "Sender");
	return plan;
}

/* --- fields of our own --- */

static const char *author(const struct header_facts *facts)
{
	if (facts->sender[0])
		return facts->sender;
	return facts->from[0] ? facts->from : "MAILER-DAEMON";
}

static void add_from(struct buf *out, const struct header_facts *facts)
{
	struct str name = str_trim(str_of(facts->full_name));

	buf_add(out, STR("From: "));
	if (name.len) {
		rfc2047_phrase(out, name, NULL);
		buf_char(out, ' ');
		header_fold(out, strlen(author(facts)) + 2);
		buf_char(out, '<');
	}
	buf_fmt(out, "%s%s\r\n", author(facts), name.len ? ">" : "");
}

static void add_to(struct buf *out, const struct header_rewrite_rules *rules)
{
	struct str list = str_of(rules->to);

	if (rules->undisclosed) {
		buf_add(out, STR("To: undisclosed-recipients:;\r\n"));
		return;
	}
	if (!list.len)
		return;
	buf_add(out, STR("To: "));
	while (list.len) {
		struct str address = str_cut(&list, '\n');
		header_fold(out, address.len + 1);
		buf_add(out, address);
		buf_add(out, list.len ? STR(", ") : STR("\r\n"));
	}
}

static void add_message_id(struct buf *out, const struct header_facts *facts)
{
	struct str domain = addr_domain(facts->sender);

	if (!domain.len)
		domain = str_of(facts->host);
	buf_fmt(out, "Message-ID: <%s@%.*s>\r\n", facts->random, STR_ARG(domain));
}

/* --- fields that were there --- */

static struct address_field_options options_of(const struct header *h, const struct field *f,
	const struct header_rewrite_rules *rules, const struct header_facts *facts)
{
	struct address_field is = address_field_of(field_name(h, f));
	struct address_field_options options = {
		.complete = rules->complete && is.completed,
		.home = { facts->domain, facts->from, facts->own_host },
		.is_author = is.author,
		.is_recipients = is.recipients,
		.charset = facts->charset,
	};

	/* A bare author becomes the sender if no domain is known; other names, the owner. */
	if (is.author)
		options.home.owner = facts->sender[0] ? facts->sender : facts->from;
	if (is.recipients && !is.hidden) {
		options.alias = rules->alias;
		options.ctx = rules->alias_ctx;
	}
	return options;
}

/* Writes an address field, its bare names completed if the rules say so. */
static bool change_addresses(struct buf *out, const struct header *h, const struct field *f,
	const struct address_field_options *options)
{
	size_t was = out->len;

	buf_add(out, str_n(h->text.data + f->at, f->value_at - f->at));
	bool changed = address_field_rewrite(out, field_value(h, f), options);
	buf_add(out, STR("\r\n"));
	if (!changed)
		buf_cut(out, was);
	return changed;
}

/*
 * Encodes 8-bit text even in fields that should have none, as that is better than 8-bit. Fields
 * that say how to read the body are left alone.
 */
static bool change_text(
	struct buf *out, const struct header *h, const struct field *f, const char *charset)
{
	size_t was = out->len;

	if (header_encode_field(field_name(h, f), field_value(h, f), charset, out))
		return true;
	buf_cut(out, was);
	if (str_starts_same(field_name(h, f), STR("Content-")))
		return false;
	buf_add(out, str_n(h->text.data + f->at, f->value_at - f->at));
	rfc2047_text(out, field_value(h, f), "", charset);
	buf_add(out, STR("\r\n"));
	return true;
}

static bool change(struct buf *out, const struct header *h, const struct field *f,
	const struct header_rewrite_rules *rules, const struct header_facts *facts)
{
	bool ascii = str_is_ascii(field_value(h, f));

	if (!address_field_of(field_name(h, f)).known)
		return !ascii && change_text(out, h, f, facts->charset);
	struct address_field_options options = options_of(h, f, rules, facts);
	return (!ascii || options.complete) && change_addresses(out, h, f, &options);
}

/* A signature may cover its own field octet for octet (RFC 6376 section 3.4.1, RFC 8617). */
static bool is_signature(const struct header *h, const struct field *f)
{
	struct str name = field_name(h, f);

	return str_same(name, STR("DKIM-Signature")) || str_starts_same(name, STR("ARC-"));
}

/* Whether From will name several (RFC 5322 section 3.6.2). */
static bool has_authors(const struct header *h, const struct header_rewrite_rules *rules,
	const struct header_facts *facts)
{
	bool one_owner = rules->complete && !facts->domain[0];

	return address_field_authors(field_value(h, header_find(h, "From")), one_owner) > 1;
}

/* Notes the first field that needs SMTPUTF8 as it is sent. */
static void note_utf8(struct header_rewrite *plan, struct str name, struct str written)
{
	struct addr a;

	if (plan->utf8_field.len || str_is_ascii(written) || !address_field_of(name).known)
		return;
	if (address_field_needs_utf8(str_from(written, str_find(written, ':') + 1), &a)) {
		plan->utf8_field = name;
		memcpy(plan->utf8_address, a.text, sizeof(plan->utf8_address));
	}
}

static void add_missing(const struct header_rewrite *plan, const struct header_rewrite_rules *rules,
	const struct header *h, const struct header_facts *facts, struct buf *out)
{
	if (plan->add_from)
		add_from(out, facts);
	if (plan->add_sender && facts->sender[0] && has_authors(h, rules, facts))
		buf_fmt(out, "Sender: %s\r\n", facts->sender);
	if (plan->add_date)
		buf_fmt(out, "Date: %s\r\n", facts->date);
	if (plan->add_message_id)
		add_message_id(out, facts);
	if (rules->to || rules->undisclosed)
		add_to(out, rules);
}

void header_rewrite_write(struct header_rewrite *plan, const struct header_rewrite_rules *rules,
	const struct header *h, const struct header_facts *facts, struct buf *out)
{
	add_missing(plan, rules, h, facts, out);
	for (size_t i = 0; i < h->count; i++) {
		const struct field *f = &h->fields[i];
		bool covered = is_covered(plan, field_name(h, f));
		if (drops(h, f, covered, rules))
			continue;
		size_t was = out->len;
		if (covered || !change(out, h, f, rules, facts))
			buf_add(out, field_whole(h, f));
		note_utf8(plan, field_name(h, f), str_from(buf_str(out), was));
		if (rules->fold && !covered && !is_signature(h, f))
			header_fold_long(
				out, was, rules->fold, address_field_of(field_name(h, f)).known);
	}
	buf_add(out, STR("\r\n"));
}

/* SPDX-License-Identifier: MIT */
/*
 * Headers: the same in any pieces, canonical when sent, and nothing that any reader could take for
 * a Bcc field survives. That is looked for here without the parser under test.
 */
#include "fuzz.h"

#include "mail/addr.h"
#include "mail/header_rewrite.h"
#include "mail/rfc2047.h"

static struct str feed(struct header *h, struct str raw, size_t cut)
{
	header_init(h);
	h->is_input = true;
	while (raw.len && !h->done && !h->too_large) {
		struct str piece = str_head(raw, cut);
		size_t used = header_feed(h, piece);
		claim(used <= piece.len);
		claim(used == piece.len || h->done || h->too_large);
		raw = str_from(raw, used);
	}
	if (!raw.len)
		header_finish(h);
	return raw;
}

static void check_same(struct str raw, size_t cut)
{
	struct header a CLEAN_UP(header_done), b CLEAN_UP(header_done);
	struct buf body_a CLEAN_UP(buf_done) = BUF_INIT(SIZE_MAX / 2);
	struct buf body_b CLEAN_UP(buf_done) = BUF_INIT(SIZE_MAX / 2);

	struct str rest_a = feed(&a, raw, SIZE_MAX), rest_b = feed(&b, raw, cut);
	buf_add(&body_a, buf_str(&a.stray));
	buf_add(&body_a, rest_a);
	buf_add(&body_b, buf_str(&b.stray));
	buf_add(&body_b, rest_b);
	claim(str_eq(buf_str(&a.text), buf_str(&b.text)));
	claim(str_eq(buf_str(&body_a), buf_str(&body_b)));
	claim(a.count == b.count && a.too_large == b.too_large && a.has_8bit == b.has_8bit);
	claim(a.had_mbox_line == b.had_mbox_line && a.has_nul == b.has_nul);
	claim(a.has_lone_cr == b.has_lone_cr);
}

static void check_fields(const struct header *h)
{
	size_t at = 0;

	for (size_t i = 0; i < h->count; i++) {
		const struct field *f = &h->fields[i];
		claim(f->at == at && f->name_len > 0 && f->value_at > f->at + f->name_len - 1);
		claim(f->value_at + 2 <= f->end && f->end <= h->text.len);
		at = f->end;
	}
	claim(at == h->text.len);
}

static bool is_bcc(struct str line)
{
	static const char *const names[] = { "bcc", "resent-bcc" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct str name = str_of(names[i]);
		if (!str_starts_same(line, name))
			continue;
		struct str rest = str_trim(str_from(line, name.len));
		if (rest.len && rest.p[0] == ':')
			return true;
	}
	return false;
}

/* What is sent: CRLF lines, each a field or its continuation, then the empty line. */
static void check_sent(struct str sent)
{
	bool first = true;

	for (;;) {
		size_t lf = str_find(sent, '\n');
		claim(lf < sent.len && lf > 0 && sent.p[lf - 1] == '\r');
		struct str line = str_head(sent, lf - 1);
		sent = str_from(sent, lf + 1);
		if (!line.len)
			break;
		claim(str_find(line, '\r') == line.len && str_find(line, '\0') == line.len);
		claim(!is_bcc(line));
		claim(!first || !chr_is_blank(line.p[0]));
		first = false;
	}
	claim(!sent.len);
}

static void extract(const struct header *h)
{
	for (size_t i = 0; i < h->count; i++) {
		struct addr_list list = { .rest = field_value(h, &h->fields[i]) };
		struct addr a;
		struct err e;
		size_t count = 0;
		while (addr_next(&list, &a, &e) == ADDR_ONE)
			claim(++count <= h->text.len);
	}
}

/* Whom the fields name that are not removed, field by field; one that does not parse ends it. */
static bool names(const struct header *h, struct buf *out)
{
	static const char *const fields[] = { "To", "Cc", "Reply-To", "Resent-To", "Resent-Cc" };

	for (size_t i = 0; i < h->count; i++) {
		struct addr_list list = { .rest = field_value(h, &h->fields[i]) };
		struct addr a;
		struct err e;
		enum addr_got got = ADDR_END;
		bool counts = false;
		for (size_t k = 0; k < ARRAY_LEN(fields); k++)
			counts |= field_is(h, &h->fields[i], fields[k]);
		while (counts && (got = addr_next(&list, &a, &e)) == ADDR_ONE)
			buf_fmt(out, "%s\n", a.text);
		if (got == ADDR_BAD)
			return false;
	}
	return true;
}

/* What -t finds and what is sent agree: the same people, in the same order. */
static void check_names(const struct header *h, struct str sent)
{
	struct header again CLEAN_UP(header_done);
	struct buf before CLEAN_UP(buf_done) = BUF_INIT(SIZE_MAX / 2);
	struct buf after CLEAN_UP(buf_done) = BUF_INIT(SIZE_MAX / 2);

	feed(&again, sent, SIZE_MAX);
	if (!names(h, &before))
		return;
	claim(names(&again, &after));
	claim(str_eq(buf_str(&before), buf_str(&after)));
}

/* How the body is to be read is left alone where it cannot be encoded. */
static bool has_content_field(const struct header *h)
{
	for (size_t i = 0; i < h->count; i++)
		if (str_starts_same(field_name(h, &h->fields[i]), STR("Content-")))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct header_facts facts = {
		.date = "Thu, 01 Jan 2026 00:00:00 +0000",
		.random = "random",
		.host = "host.example",
		.sender = "me@x.example",
		.from = "own@x.example",
		.domain = "m.example",
		.full_name = "J\xc3\xbcrgen, me",
	};
	struct input in = input_of(data, size);
	size_t cut = input_octet(&in) % 16 + 1;
	struct header h CLEAN_UP(header_done);
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(SIZE_MAX / 2);

	check_same(in.rest, cut);
	feed(&h, in.rest, SIZE_MAX);
	check_fields(&h);
	extract(&h);
	struct header_rewrite_rules rules = { .complete = true };
	struct header_rewrite plan = header_rewrite_plan(&h, &rules);
	header_rewrite_write(&plan, &rules, &h, &facts, &out);
	claim(str_is_ascii(buf_str(&out)) || plan.utf8_field.len || plan.covered_count ||
		has_content_field(&h));
	check_sent(buf_str(&out));
	rules.complete = false;
	buf_clear(&out);
	header_rewrite_write(&plan, &rules, &h, &facts, &out);
	check_names(&h, buf_str(&out));
	buf_clear(&out);
	rfc2047_phrase(&out, in.rest, NULL);
	return 0;
}

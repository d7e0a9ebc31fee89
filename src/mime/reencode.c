/* SPDX-License-Identifier: MIT */
#include "mime/reencode.h"

#include "base/mem.h"
#include "mail/header_encode.h"
#include "mime/part_walk.h"
#include "mime/quoted_printable.h"

#include <string.h>

enum {
	PIECE = 4096,                    /* octets rewritten at a time */
	HEADER_GROWTH = 16 * HEADER_MAX, /* the most that encoding makes of a header */
	MADE_MAX = 2 * HEADER_GROWTH + QP_GROWTH * (PIECE + PART_WALK_LINE) + QP_MORE,
};

struct reencode {
	struct part_walk_state walk;
	struct reencode_facts facts;
	size_t cap; /* of facts.parts */
	/* survey */
	uint64_t line; /* octets of the line at hand */
	struct str_utf8 utf8;
	/* rewrite */
	struct qp qp;
	size_t column;   /* of the line at hand, where quoted-printable is mended */
	struct buf made; /* for out; what stands before made_at is there already */
	size_t made_at;
};

/* --- what is learnt --- */

static struct reencode_part *part_at_hand(struct reencode *m)
{
	struct reencode_facts *f = &m->facts;

	while (f->count <= m->walk.part) {
		if (f->count == m->cap) {
			m->cap = m->cap ? m->cap * 2 : 16;
			f->parts = mem_grow(f->parts, m->cap * sizeof(*f->parts));
		}
		f->parts[f->count++] = (struct reencode_part) { .parent = REENCODE_TOP };
	}
	return &f->parts[m->walk.part];
}

/* The longest line of these octets so far, without its line end. */
static uint64_t measure(uint64_t *line, struct str octets)
{
	uint64_t longest = 0;

	while (octets.len) {
		size_t n = str_find(octets, '\n');
		*line += n - (n && octets.p[n - 1] == '\r');
		longest = *line > longest ? *line : longest;
		if (n < octets.len)
			*line = 0;
		octets = str_from(octets, n + 1);
	}
	return longest;
}

static void keep_longest(uint64_t *longest, uint64_t line)
{
	if (line > *longest)
		*longest = line;
}

/* Whether all 8-bit text of this header can be encoded. */
static bool can_encode(const struct header *h, const char *charset)
{
	struct buf scratch CLEAN_UP(buf_done) = BUF_INIT(HEADER_GROWTH);

	for (size_t i = 0; i < h->count; i++) {
		const struct field *f = &h->fields[i];
		struct str value = field_value(h, f);
		if (!str_is_ascii(value) &&
			!header_encode_field(field_name(h, f), value, charset, &scratch))
			return false;
	}
	return true;
}

static void learn_header(struct reencode *m, struct reencode_part *p)
{
	const struct part_walk_frame *parent = part_walk_parent(&m->walk);
	const struct header *h = &m->walk.header;
	const struct part_header *e = &m->walk.entity;

	p->parent = parent ? (int)parent->part : REENCODE_TOP;
	p->number = parent ? parent->children : 0;
	if (parent)
		m->facts.parts[parent->part].has_parts = true;
	p->sealed = parent && parent->sealed;
	p->message = !parent || parent->message;
	p->flaw = e->flaw;
	p->encoding = e->encoding;
	p->composite = e->kind != PART_LEAF;
	p->text = e->text;
	p->labelled = e->labelled;
	p->versioned = header_find(h, "MIME-Version") != NULL;
	p->header_stuck = p->header_8bit && !can_encode(h, str_given(e->charset));
	memcpy(p->type, e->type, sizeof(p->type));
	if (!parent && header_find(h, "DKIM-Signature"))
		m->facts.dkim = true;
	m->utf8 = (struct str_utf8) { 0 };
}

static void learn_body(struct reencode *m, struct reencode_part *p, struct str octets)
{
	keep_longest(&p->longest, measure(&m->line, octets));
	/* Text ends in CRLF, so a character that is cut off is noticed too. */
	if (p->text && !p->labelled && !p->not_utf8) {
		str_utf8_feed(&m->utf8, octets);
		p->not_utf8 = m->utf8.bad;
	}
	p->body_8bit = p->body_8bit || !str_is_ascii(octets);
}

static void learn(void *ctx, enum part_walk_what what, struct str octets)
{
	struct reencode *m = ctx;
	struct reencode_part *p = part_at_hand(m);

	switch (what) {
	case PART_WALK_HEADER:
		p->header_8bit = p->header_8bit || !str_is_ascii(octets);
		if (m->walk.part)
			keep_longest(&p->longest_else, measure(&m->line, octets));
		break;
	case PART_WALK_HEADER_END:
		learn_header(m, p);
		break;
	case PART_WALK_BODY:
		learn_body(m, p, octets);
		break;
	case PART_WALK_OUTSIDE:
		keep_longest(&p->longest_else, measure(&m->line, octets));
		p->outside_8bit = p->outside_8bit || !str_is_ascii(octets);
		break;
	}
}

/* --- what is written --- */

static bool is_touched(const struct reencode_part *p)
{
	return p->reencode_message || p->encode_header || p->relabel || p->add_version;
}

static struct str new_encoding(const struct reencode_part *p)
{
	return p->reencode_message ? STR("Content-Transfer-Encoding: quoted-printable\r\n")
				   : STR("Content-Transfer-Encoding: 7bit\r\n");
}

static void write_field(struct reencode *m, const struct reencode_part *p, const struct field *f)
{
	const struct header *h = &m->walk.header;
	struct str value = field_value(h, f);

	if (!p->encode_header || str_is_ascii(value))
		buf_add(&m->made, field_whole(h, f));
	else
		must(header_encode_field(
			field_name(h, f), value, str_given(m->walk.entity.charset), &m->made));
}

static const char *charset_of(const struct reencode_part *p)
{
	if (p->not_utf8)
		return "unknown-8bit";
	return p->body_8bit ? "UTF-8" : "us-ascii";
}

static void write_header(struct reencode *m, const struct reencode_part *p)
{
	const struct header *h = &m->walk.header;
	bool labels = p->reencode_message || p->relabel, labelled = false;

	for (size_t i = 0; i < h->count; i++) {
		if (!labels || !field_is(h, &h->fields[i], "Content-Transfer-Encoding")) {
			write_field(m, p, &h->fields[i]);
		} else if (!labelled) {
			buf_add(&m->made, new_encoding(p));
			labelled = true;
		}
	}
	if (p->add_version)
		buf_add(&m->made, STR("MIME-Version: 1.0\r\n"));
	if (p->reencode_message && !p->labelled)
		buf_fmt(&m->made, "Content-Type: text/plain; charset=%s\r\n", charset_of(p));
	if (labels && !labelled)
		buf_add(&m->made, new_encoding(p));
	if (m->walk.has_blank)
		buf_add(&m->made, STR("\r\n"));
}

/* Stray octets in quoted-printable; a line that they make too long gets a soft line break. */
static void mend(struct reencode *m, struct str octets)
{
	for (size_t i = 0; i < octets.len; i++) {
		char c = octets.p[i];
		bool stray = (unsigned char)c > 0x7f;
		if (stray && m->column + 3 >= QP_LINE) {
			buf_add(&m->made, STR("=\r\n"));
			m->column = 0;
		}
		if (stray)
			buf_fmt(&m->made, "=%02X", (unsigned)(unsigned char)c);
		else
			buf_char(&m->made, c);
		m->column = c == '\n' ? 0 : m->column + (stray ? 3 : 1);
	}
}

static void mask(struct reencode *m, struct str octets)
{
	for (size_t i = 0; i < octets.len; i++)
		buf_char(&m->made, (unsigned char)octets.p[i] > 0x7f ? '?' : octets.p[i]);
}

static void write_part(void *ctx, enum part_walk_what what, struct str octets)
{
	struct reencode *m = ctx;

	must(m->walk.part < m->facts.count);
	const struct reencode_part *p = &m->facts.parts[m->walk.part];
	switch (what) {
	case PART_WALK_HEADER:
		if (!is_touched(p))
			buf_add(&m->made, octets);
		break;
	case PART_WALK_HEADER_END:
		if (is_touched(p))
			write_header(m, p);
		m->qp = (struct qp) { .in_multipart = m->walk.depth > 0 };
		m->column = 0;
		break;
	case PART_WALK_BODY:
		if (p->reencode_message)
			qp_feed(&m->qp, octets, &m->made);
		else if (p->mend_body)
			mend(m, octets);
		else
			buf_add(&m->made, octets);
		break;
	case PART_WALK_OUTSIDE:
		if (p->mask_outside)
			mask(m, octets);
		else
			buf_add(&m->made, octets);
		break;
	}
}

/* --- the door --- */

struct reencode *reencode_new(void)
{
	struct reencode *m = mem_alloc(sizeof(*m));

	m->made = BUF_INIT(MADE_MAX);
	part_walk_init(&m->walk, learn, m);
	return m;
}

void reencode_free(struct reencode *m)
{
	if (!m)
		return;
	part_walk_done(&m->walk);
	buf_done(&m->made);
	mem_free(m->facts.parts);
	mem_free(m);
}

void reencode_survey(struct reencode *m, struct str canonical)
{
	if (!m->facts.has_8bit)
		m->facts.has_8bit = !str_is_ascii(canonical);
	part_walk_feed(&m->walk, canonical);
}

bool reencode_decide(
	struct reencode *m, unsigned wanted, struct reencode_outcome *ret, struct err *e)
{
	part_walk_end(&m->walk);
	(void)part_at_hand(m);
	m->facts.limit = m->walk.limit;
	part_walk_done(&m->walk);
	part_walk_init(&m->walk, write_part, m);
	return reencode_plan_decide(&m->facts, wanted, ret, e);
}

/* Copies made octets to out; true when none is left. */
static bool drain(struct reencode *m, struct buf *out)
{
	struct str rest = str_head(str_from(buf_str(&m->made), m->made_at), buf_room(out));

	must(!m->made.over);
	buf_add(out, rest);
	m->made_at += rest.len;
	if (m->made_at < m->made.len)
		return false;
	buf_clear(&m->made);
	m->made_at = 0;
	return true;
}

size_t reencode_copy(struct reencode *m, struct str canonical, struct buf *out)
{
	size_t used = 0;

	must(!m->facts.limit); /* beyond a limit nothing may be changed */
	while (drain(m, out) && used < canonical.len) {
		struct str piece = str_head(str_from(canonical, used), PIECE);
		part_walk_feed(&m->walk, piece);
		used += piece.len;
	}
	return used;
}

bool reencode_copy_end(struct reencode *m, struct buf *out)
{
	part_walk_end(&m->walk);
	return drain(m, out);
}

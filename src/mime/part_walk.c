/* SPDX-License-Identifier: MIT */
#include "mime/part_walk.h"

#include <string.h>

static void begin_part(struct part_walk_state *w)
{
	if (w->count == PART_WALK_PARTS) {
		w->limit = "it has more than 10,000 parts";
		return;
	}
	if (w->depth)
		w->frames[w->depth - 1].children++;
	header_done(&w->header);
	header_init(&w->header);
	w->part = w->count++;
	w->has_blank = false;
	w->state = PART_WALK_HEADER;
}

void part_walk_init(struct part_walk_state *w, part_walk_sink *sink, void *ctx)
{
	*w = (struct part_walk_state) { .sink = sink, .ctx = ctx, .line = BUF_INIT(HEADER_MAX) };
	header_init(&w->header);
	begin_part(w);
}

void part_walk_done(struct part_walk_state *w)
{
	header_done(&w->header);
	buf_done(&w->line);
}

const struct part_walk_frame *part_walk_parent(const struct part_walk_state *w)
{
	return w->depth ? &w->frames[w->depth - 1] : NULL;
}

static void hand_on(struct part_walk_state *w, enum part_walk_what what, struct str octets)
{
	w->sink(w->ctx, what, octets);
}

static void enter_part(struct part_walk_state *w)
{
	const struct part_walk_frame *parent = part_walk_parent(w);
	const struct part_header *e = &w->entity;

	if (w->depth == PART_WALK_DEPTH) {
		w->limit = "it has more than 100 multiparts or messages within each other";
		return;
	}
	struct part_walk_frame *f = &w->frames[w->depth];
	*f = (struct part_walk_frame) {
		.part = w->part,
		.message = e->kind == PART_MESSAGE,
		.digest = e->digest,
		.sealed = e->sealed || (parent && parent->sealed),
	};
	memcpy(f->boundary, e->boundary, sizeof(f->boundary));
	w->depth++;
	if (f->message)
		begin_part(w);
}

/* Why the form of the header forbids changes; NULL if it does not. */
static const char *flaw_of_form(const struct part_walk_state *w)
{
	if (w->header.stray.len)
		return "its text begins before the empty line that ends its header";
	return w->header.had_mbox_line ? "its header begins like a mailbox" : NULL;
}

static void end_header(struct part_walk_state *w)
{
	const struct part_walk_frame *parent = part_walk_parent(w);

	header_finish(&w->header);
	part_header_read(&w->entity, &w->header, parent && parent->digest);
	if (flaw_of_form(w)) {
		w->entity.flaw = flaw_of_form(w);
		w->entity.kind = PART_LEAF;
	}
	w->state = w->entity.kind == PART_LEAF ? PART_WALK_BODY : PART_WALK_OUTSIDE;
	hand_on(w, PART_WALK_HEADER_END, STR(""));
	if (w->entity.kind != PART_LEAF)
		enter_part(w);
}

static void header_line(struct part_walk_state *w, struct str line)
{
	if (str_eq(line, STR("\r\n")) || str_eq(line, STR("\n"))) {
		w->has_blank = true;
		hand_on(w, PART_WALK_HEADER, line);
		end_header(w);
		return;
	}
	(void)header_feed(&w->header, line);
	if (w->header.too_large) {
		w->limit = "a header in it is larger than 8 MiB";
	} else if (w->header.done) {
		end_header(w);
		hand_on(w, PART_WALK_BODY, line);
	} else {
		hand_on(w, PART_WALK_HEADER, line);
	}
}

/*
 * delimiter := "--" boundary ["--"] *LWSP-char
 *
 * How many frames stay open if the line is a delimiter; 0 if it is none.
 */
static size_t delimits(const struct part_walk_state *w, struct str line, bool *ret_last)
{
	if (line.len > PART_WALK_LINE || !str_starts(line, STR("--")))
		return 0;
	line = str_from(line, 2);
	while (line.len && chr_is_white(line.p[line.len - 1]))
		line.len--;
	for (size_t left = w->depth; left; left--) {
		const struct part_walk_frame *f = &w->frames[left - 1];
		struct str boundary = str_of(f->boundary);
		if (f->message || f->closed || !str_starts(line, boundary))
			continue;
		struct str rest = str_from(line, boundary.len);
		*ret_last = str_eq(rest, STR("--"));
		if (!rest.len || *ret_last)
			return left;
	}
	return 0;
}

static void delimiter_line(struct part_walk_state *w, struct str line, size_t left, bool last)
{
	while (w->state == PART_WALK_HEADER && !w->limit)
		end_header(w);
	if (w->limit)
		return;
	w->depth = left;
	struct part_walk_frame *f = &w->frames[left - 1];
	w->part = f->part;
	w->state = PART_WALK_OUTSIDE;
	hand_on(w, PART_WALK_OUTSIDE, line);
	f->closed = last;
	if (!last)
		begin_part(w);
}

static void whole_line(struct part_walk_state *w, struct str line)
{
	bool last = false;
	size_t left = delimits(w, line, &last);

	if (left)
		delimiter_line(w, line, left, last);
	else if (w->state == PART_WALK_HEADER)
		header_line(w, line);
	else
		hand_on(w, w->state, line);
}

/* Whether a line that begins like this must be complete before its kind is known. */
static bool may_be_special(const struct part_walk_state *w, char first)
{
	return w->state == PART_WALK_HEADER || (w->depth && first == '-');
}

static void take_piece(struct part_walk_state *w, struct str piece, bool ended)
{
	if (!w->line.len && (w->in_line || !may_be_special(w, piece.p[0]))) {
		hand_on(w, w->state, piece);
		w->in_line = !ended;
		return;
	}
	if (ended && !w->line.len) {
		whole_line(w, piece);
		return;
	}
	buf_add(&w->line, piece);
	if (w->line.over) {
		w->limit = "a header in it is larger than 8 MiB";
	} else if (ended) {
		whole_line(w, buf_str(&w->line));
		buf_clear(&w->line);
	} else if (w->state != PART_WALK_HEADER && w->line.len > PART_WALK_LINE) {
		hand_on(w, w->state, buf_str(&w->line));
		buf_clear(&w->line);
		w->in_line = true;
	}
}

void part_walk_feed(struct part_walk_state *w, struct str canonical)
{
	while (canonical.len && !w->limit) {
		size_t n = str_find(canonical, '\n');
		bool ended = n < canonical.len;
		struct str piece = str_head(canonical, n + ended);
		canonical = str_from(canonical, piece.len);
		take_piece(w, piece, ended);
	}
}

void part_walk_end(struct part_walk_state *w)
{
	if (w->line.len && !w->limit)
		whole_line(w, buf_str(&w->line));
	buf_clear(&w->line);
	while (w->state == PART_WALK_HEADER && !w->limit)
		end_header(w);
}

/* SPDX-License-Identifier: MIT */
#include "submit/reencode_message.h"

#include <string.h>

enum { PIECE = 65536 };

/* The second pass: the engine's output goes to the new header and, after its end, to the body. */
struct copy {
	struct reencode *engine;
	struct message *m;
	struct buf out, header;
	bool in_body;
};

static void copy_done(struct copy *c)
{
	reencode_free(c->engine);
	buf_done(&c->out);
	buf_done(&c->header);
}

static bool survey(struct copy *c, struct err *e)
{
	struct str piece;

	for (uint64_t at = 0;; at += piece.len) {
		if (!message_at(c->m, at, &piece, e))
			return false;
		if (!piece.len)
			return true;
		reencode_survey(c->engine, piece);
	}
}

/* Octets of the header with the empty line that ends it; 0 if text does not hold its end. */
static size_t header_end(struct str text)
{
	if (str_starts(text, STR("\r\n")))
		return 2;
	const char *end = text.len ? memmem(text.p, text.len, "\r\n\r\n", 4) : NULL;
	return end ? (size_t)(end - text.p) + 4 : 0;
}

static bool flush_out(struct copy *c, struct err *e)
{
	bool good = true;

	if (c->in_body) {
		good = spool_write(&c->m->body, buf_str(&c->out), e);
	} else {
		buf_add(&c->header, buf_str(&c->out));
		size_t end = header_end(buf_str(&c->header));
		c->in_body = end > 0;
		if (end) {
			good = spool_write(&c->m->body, str_from(buf_str(&c->header), end), e);
			buf_cut(&c->header, end);
		}
	}
	buf_clear(&c->out);
	return good;
}

static bool write_copy(struct copy *c, struct err *e)
{
	struct str piece;
	uint64_t at = 0;

	do {
		if (!message_at(c->m, at, &piece, e))
			return false;
		at += piece.len;
		for (struct str rest = piece; rest.len;) {
			rest = str_from(rest, reencode_copy(c->engine, rest, &c->out));
			if (!flush_out(c, e))
				return false;
		}
	} while (piece.len);
	while (!reencode_copy_end(c->engine, &c->out))
		if (!flush_out(c, e))
			return false;
	return flush_out(c, e) &&
	       (!c->header.over || err_set(e, ERR_DATA, "the header is larger than 8 MiB"));
}

/* Makes the re-encoded version the message, if good; otherwise drops that version. */
static void replace(struct copy *c, bool good)
{
	spool_rewrite_end(&c->m->body, good);
	if (!good)
		return;
	buf_done(&c->m->header);
	c->m->header = c->header;
	c->header = (struct buf) { 0 };
}

bool reencode_message(
	struct message *m, unsigned wanted, struct reencode_outcome *ret, struct err *e)
{
	struct copy c CLEAN_UP(copy_done) = {
		.engine = reencode_new(),
		.m = m,
		.out = BUF_INIT(PIECE),
		.header = BUF_INIT(MESSAGE_HEADER_MAX),
	};

	if (!survey(&c, e) || !reencode_decide(c.engine, wanted, ret, e))
		return false;
	if (!ret->changes)
		return true;
	spool_rewrite_begin(&m->body);
	bool good = write_copy(&c, e);
	replace(&c, good);
	return good;
}

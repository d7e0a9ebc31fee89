/* SPDX-License-Identifier: MIT */
#include "submit/reencode_message.h"

#include "base/mem.h"

enum { PIECE = 65536 };

/* What both passes need: the engine, and where pieces of the message stand. */
struct work {
	struct reencode *mime;
	char *piece;
	struct buf out;
};

static void work_done(struct work *w)
{
	reencode_free(w->mime);
	mem_free(w->piece);
	buf_done(&w->out);
}

static bool survey(struct work *w, struct spool *content, struct err *e)
{
	size_t n;

	spool_rewind(content);
	do {
		if (!spool_read(content, w->piece, PIECE, &n, e))
			return false;
		reencode_survey(w->mime, str_n(w->piece, n));
	} while (n);
	return true;
}

static bool spool_to(struct work *w, struct spool *to, struct err *e)
{
	bool good = spool_write(to, buf_str(&w->out), e);

	buf_clear(&w->out);
	return good;
}

static bool rewrite(struct work *w, struct spool *from, struct spool *to, struct err *e)
{
	size_t n;

	spool_rewind(from);
	do {
		if (!spool_read(from, w->piece, PIECE, &n, e))
			return false;
		struct str rest = str_n(w->piece, n);
		while (rest.len) {
			rest = str_from(rest, reencode_copy(w->mime, rest, &w->out));
			if (!spool_to(w, to, e))
				return false;
		}
	} while (n);
	while (!reencode_copy_end(w->mime, &w->out))
		if (!spool_to(w, to, e))
			return false;
	return spool_to(w, to, e);
}

bool reencode_message(
	struct spool *content, unsigned wanted, struct reencode_outcome *ret, struct err *e)
{
	struct work w CLEAN_UP(work_done) = {
		.mime = reencode_new(),
		.piece = mem_alloc(PIECE),
		.out = BUF_INIT(PIECE),
	};
	struct spool changed;

	if (!survey(&w, content, e) || !reencode_decide(w.mime, wanted, ret, e))
		return false;
	if (!ret->changes)
		return true;
	spool_follow(&changed, content);
	if (!rewrite(&w, content, &changed, e)) {
		spool_done(&changed);
		return false;
	}
	spool_done(content);
	*content = changed;
	return true;
}

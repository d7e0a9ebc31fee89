/* SPDX-License-Identifier: MIT */
#include "mime/declared_charset.h"

#include "mail/body.h"
#include "mime/part_walk.h"

#include <string.h>

/* The walk over the parts, and what it found. */
struct search {
	struct part_walk_state walk;
	char *ret;
	bool found;
};

static void look(void *ctx, enum part_walk_what what, struct str octets)
{
	struct search *s = ctx;

	(void)octets;
	if (what != PART_WALK_HEADER_END || s->found || !s->walk.entity.text)
		return;
	s->found = true;
	memcpy(s->ret, s->walk.entity.charset, sizeof(s->walk.entity.charset));
}

bool declared_charset_needs_body(const struct header *h)
{
	struct part_header e;

	part_header_read(&e, h, false);
	return e.kind == PART_MULTIPART;
}

void declared_charset(const struct header *h, struct str body, char *ret)
{
	struct buf canonical CLEAN_UP(buf_done) = BUF_INIT(3 * DECLARED_CHARSET_OCTETS);
	struct search s = { .ret = ret };
	struct canon canon = { .crs = 0 };

	ret[0] = '\0';
	(void)canon_feed(&canon, str_head(body, DECLARED_CHARSET_OCTETS), &canonical);
	part_walk_init(&s.walk, look, &s);
	part_walk_feed(&s.walk, buf_str(&h->text));
	part_walk_feed(&s.walk, STR("\r\n"));
	part_walk_feed(&s.walk, buf_str(&canonical));
	part_walk_done(&s.walk);
}

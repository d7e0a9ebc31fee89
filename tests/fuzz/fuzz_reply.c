/* SPDX-License-Identifier: MIT */
/* Replies: the same in any pieces, printable, of a code that exists; caps takes what comes out. */
#include "fuzz.h"

#include "smtp/capabilities.h"
#include "smtp/reply.h"

static void check_reply(const struct reply *r)
{
	struct str text = buf_str(&r->text);

	claim(r->code >= 200 && r->code < 600);
	claim(str_is_utf8(text) || text.len >= REPLY_LINE_KEPT);
	for (size_t i = 0; i < text.len; i++)
		claim(!chr_is_ctl(text.p[i]) || text.p[i] == '\n');
	claim(!r->enhanced[0] || r->enhanced[0] == '0' + r->code / 100);
	struct err e;
	claim(!reply_err(r, &e, ERR_DATA, "x"));
	claim(strlen(e.said) < sizeof(e.said));
	struct capabilities caps;
	capabilities_parse(&caps, text);
	claim(memchr(caps.mechs, '\0', sizeof(caps.mechs)));
}

/* Feeds up to the end of one reply; how much of it was taken. */
static size_t feed(struct reply_reader *r, struct str all, size_t cut)
{
	struct str rest = all;

	while (r->state == REPLY_PARTIAL && rest.len) {
		size_t used = reply_feed(r, str_head(rest, cut));
		claim(used > 0 && used <= rest.len);
		rest = str_from(rest, used);
	}
	return all.len - rest.len;
}

static void check_same(const struct reply_reader *a, const struct reply_reader *b)
{
	claim(a->state == b->state);
	if (a->state != REPLY_COMPLETE)
		return;
	claim(a->reply.code == b->reply.code);
	claim(str_eq(buf_str(&a->reply.text), buf_str(&b->reply.text)));
	claim(strcmp(a->reply.enhanced, b->reply.enhanced) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reply_reader a CLEAN_UP(reply_done), b CLEAN_UP(reply_done);
	struct input in = input_of(data, size);
	size_t cut = input_octet(&in) % 16 + 1;

	reply_init(&a);
	reply_init(&b);
	while (in.rest.len) {
		size_t used = feed(&a, in.rest, SIZE_MAX);
		size_t used_cut = feed(&b, in.rest, cut);
		claim(a.state == REPLY_BAD || used == used_cut);
		check_same(&a, &b);
		if (a.state == REPLY_COMPLETE)
			check_reply(&a.reply);
		else if (reply_decide(&a))
			check_reply(&a.reply);
		if (a.state != REPLY_COMPLETE)
			break;
		in.rest = str_from(in.rest, used);
		reply_again(&a);
		reply_again(&b);
		claim(reply_is_empty(&a));
	}
	return 0;
}

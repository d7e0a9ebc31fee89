/* SPDX-License-Identifier: MIT */
/*
 * Answers of name servers about SRV records: whatever is taken from one is within bounds, and can
 * be put in an order without loss.
 */
#include "fuzz.h"

#include "net/srv.h"

static unsigned first(void *ctx, unsigned below)
{
	(void)ctx;
	return below / 2;
}

static void check_target(const struct srv *srv)
{
	struct str target = str_of(srv->target);

	claim(target.len > 0 && target.len <= SRV_NAME_MAX && srv->port > 0);
	for (size_t i = 0; i < target.len; i++)
		claim(!chr_is_ctl(target.p[i]) && !chr_is_blank(target.p[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct srv_answer answer;
	struct err e;
	unsigned last = 0;

	if (!srv_parse(data, size, "_submission._tcp.x.example", &answer, &e)) {
		claim(e.kind == ERR_NETWORK);
		return 0;
	}
	size_t count = answer.count;
	claim(count <= SRV_MOST);
	srv_order(&answer, first, NULL);
	claim(answer.count == count);
	for (size_t i = 0; i < count; i++) {
		check_target(&answer.list[i]);
		claim(answer.list[i].priority >= last);
		last = answer.list[i].priority;
	}
	return 0;
}

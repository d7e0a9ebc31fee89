/* SPDX-License-Identifier: MIT */
/*
 * What a server says in SCRAM: whatever is accepted is within bounds, whatever is refused has
 * printable words. The first line is our own message, the rest the server's; where its nonce begins
 * with '*' that stands for ours, so that the fuzzer gets past it.
 */
#include "fuzz.h"

#include "sasl/scram.h"

static void check_err(const struct err *e)
{
	struct str what = str_of(e->what);

	claim(e->kind == ERR_NOPERM && what.len > 0);
	for (size_t i = 0; i < what.len; i++)
		claim(!chr_is_ctl(what.p[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scram_first first CLEAN_UP(scram_first_done) = SCRAM_FIRST_INIT;
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	struct str rest = input_of(data, size).rest;
	struct str ours = scram_nonce(str_cut(&rest, '\n'));
	struct err e;

	if (str_starts(rest, STR("r=*"))) {
		buf_add(&text, STR("r="));
		buf_add(&text, ours);
		rest = str_from(rest, 3);
	}
	buf_add(&text, rest);
	if (scram_read_first(buf_str(&text), ours, &first, &e)) {
		claim(first.iterations >= SCRAM_ITERATIONS_MIN);
		claim(first.iterations <= SCRAM_ITERATIONS_MAX);
		claim(first.salt.len > 0 && !first.salt.over);
		claim(ours.len > 0);
	} else {
		check_err(&e);
	}
	if (!scram_read_final(rest, &e))
		check_err(&e);
	return 0;
}

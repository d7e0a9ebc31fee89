/* SPDX-License-Identifier: MIT */
/* Address lists: what is accepted fits on a command line and reads as itself. */
#include "fuzz.h"

#include "mail/addr.h"

static void check_wire(const struct addr *a)
{
	struct str wire = str_of(a->text);
	struct addr again;
	struct err e;

	claim(wire.len > 0 && wire.len <= ADDR_MAX);
	claim(a->local_len > 0 && a->local_len <= wire.len);
	claim(wire.p[0] != '-');
	for (size_t i = 0; i < wire.len; i++)
		claim((unsigned char)wire.p[i] >= ' ' && wire.p[i] != 0x7f);
	claim(str_is_utf8(wire) && str_is_ascii(str_from(wire, a->local_len)));
	struct str domain = addr_domain(a->text);
	for (size_t i = 0; i < domain.len && domain.p[0] != '['; i++)
		claim(!strchr("<>\" ,@", domain.p[i]));
	claim(a->utf8 == !str_is_ascii(wire));
	claim(addr_is_bare(a) == (addr_domain(a->text).len == 0));
	if (!addr_is_bare(a)) {
		claim(wire.p[a->local_len] == '@');
		claim(str_eq(addr_domain(a->text), str_from(wire, a->local_len + 1)));
	}
	claim(addr_one(wire, &again, &e));
	claim(strcmp(again.text, a->text) == 0);
	claim(again.local_len == a->local_len);
	claim(addr_same(a->text, again.text));
}

static void check_err(const struct err *e)
{
	struct str what = str_of(e->what);

	claim(e->kind == ERR_DATA && what.len > 0);
	for (size_t i = 0; i < what.len; i++)
		claim(!chr_is_ctl(what.p[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct addr_list list = { .rest = input_of(data, size).rest };
	struct addr a;
	struct err e;
	size_t count = 0;
	enum addr_got got;

	while ((got = addr_next(&list, &a, &e)) == ADDR_ONE) {
		claim(++count <= size);
		check_wire(&a);
	}
	if (got == ADDR_BAD)
		check_err(&e);
	if (addr_one(input_of(data, size).rest, &a, &e)) {
		claim(got == ADDR_END && count == 1);
		check_wire(&a);
	}
	return 0;
}

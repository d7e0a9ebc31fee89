/* SPDX-License-Identifier: MIT */
/* Alias files: whoever a name stands for is an address, and the work for it has an end. */
#include "fuzz.h"

#include "mail/alias_expand.h"

/* The input: the file, and behind each octet 0xfe the text of an included one. */
enum { PARTS = 5, SEPARATOR = 0xfe };

struct world {
	struct str parts[PARTS];
	size_t taken, told, size;
};

static bool include(void *ctx, const char *path, struct buf *ret, struct err *e)
{
	struct world *w = ctx;
	size_t len = strlen(path);

	claim(path[0] == '/');
	if (len < 2 || path[1] < '1' || path[1] >= '0' + PARTS)
		return err_set(e, ERR_NOINPUT, "no such file");
	buf_add(ret, w->parts[path[1] - '0']);
	return true;
}

/* What is taken can be read back. A bare name is completed first, as it is before it is sent. */
static bool take(void *ctx, const struct addr *a, struct err *e)
{
	const struct str domain = STR("h.example");
	struct world *w = ctx;
	struct addr whole = *a, again;

	claim(++w->taken <= ALIAS_EXPAND_RESULTS);
	claim(a->text[0] != '-' && !strchr(a->text, '\n') && !strchr(a->text, '\r'));
	claim(!addr_is_bare(a) || (a->text[0] != '|' && a->text[0] != '/'));
	if (addr_is_bare(a) && a->local_len + 1 + domain.len > ADDR_MAX)
		return true;
	claim(!addr_is_bare(a) || addr_set_domain(&whole, domain, e));
	claim(addr_one(str_of(whole.text), &again, e) && strcmp(whole.text, again.text) == 0);
	return true;
}

static void check_err(const struct err *e)
{
	struct str what = str_of(e->what);

	claim(e->kind == ERR_CONFIG && what.len > 0);
	for (size_t i = 0; i < what.len; i++)
		claim(!chr_is_ctl(what.p[i]));
}

/* A mistake is told once: there are no more than there are lines, items and files. */
static void tell(void *ctx, bool warning, const struct err *problem)
{
	struct world *w = ctx;

	(void)warning;
	check_err(problem);
	claim(++w->told <= 3 * w->size + 3);
}

static void expand(struct aliases *a, struct str text, struct world *w,
	const struct alias_expand_options *options)
{
	struct addr name;
	struct err e;

	if (str_starts(text, STR("=?"))) /* an encoded-word is no name */
		return;
	claim(addr_one(text, &name, &e));
	w->taken = 0;
	if (!alias_expand(a, &name, options, &e))
		check_err(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const hosts[] = { "localhost", "h", NULL };
	static const char *const names[] = { "a", "root", "joe@localhost", "default", "\"a b\"" };
	struct world w = { .size = size };
	struct str rest = input_of(data, size).rest;
	struct alias_expand_options options = { hosts, include, take, tell, &w };
	struct aliases a CLEAN_UP(aliases_done);

	for (size_t i = 0; i < PARTS; i++)
		w.parts[i] = str_cut(&rest, (char)SEPARATOR);
	aliases_read(&a, "f", w.parts[0], tell, &w);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		expand(&a, str_of(names[i]), &w, &options);
	for (size_t i = 0; i < a.count && i < 20; i++)
		expand(&a, a.rows[i].name, &w, &options);
	w.told = 0;
	alias_expand_check(&a, &options);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "mail/alias_expand.h"

#include "base/mem.h"

struct walk {
	struct aliases *a;
	const struct alias_expand_options *t;
	struct alias *fallback; /* the entry `default`, or NULL */
	bool check, again;      /* again: of a check, only what is deep by `default` is news */
	size_t results, includes;
	struct buf paths; /* of what was included, '\n' behind each */
};

/* An alias or an included file on the way from the name that was asked for. */
struct step {
	struct step *up;
	struct str name;
	struct alias *row; /* NULL: an included file */
	unsigned depth, height;
	bool inside;    /* of what `default` stands for */
	size_t results; /* of a check: whom the row itself names */
};

static bool walk_list(struct walk *w, struct alias_list *list, struct step *at, struct err *e);

/* *e is about the last item of the list; a check goes on behind it. */
static bool news(const struct walk *w, const struct alias_list *list, struct err *e)
{
	e->kind = ERR_CONFIG;
	(void)err_in(e, "%s:%u", list->file, list->item_line);
	if (w->check)
		w->t->tell(w->t->ctx, false, e);
	return w->check;
}

static bool fault(const struct walk *w, const struct alias_list *list, struct err *e)
{
	return w->again || news(w, list, e);
}

/* "a -> b -> a" */
static bool set_loop(const struct step *at, struct str name, struct err *e)
{
	struct str names[2 * ALIAS_EXPAND_DEPTH];
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(ERR_WHAT_MAX / 2);
	size_t n = 0;

	for (; at && n < ARRAY_LEN(names); at = at->up) {
		names[n++] = at->name;
		if (str_same(at->name, name))
			break;
	}
	while (n) {
		buf_printable(&text, str_head(names[--n], 60));
		buf_add(&text, STR(" -> "));
	}
	buf_printable(&text, str_head(name, 60));
	return err_set(e, ERR_CONFIG, "a loop: %s", buf_text(&text));
}

/* May there be `height` more below? */
static bool fits(const struct step *at, unsigned height, struct err *e)
{
	return at->depth + height <= ALIAS_EXPAND_DEPTH ||
	       err_set(e, ERR_CONFIG, "more than %d aliases and files below each other",
		       ALIAS_EXPAND_DEPTH);
}

static void raise(struct step *at, unsigned height)
{
	if (at->height < height + 1)
		at->height = height + 1;
}

static bool walk_row(struct walk *w, const struct alias_list *list, struct alias *row,
	struct step *at, struct err *e)
{
	const unsigned open = 2 * w->a->run, done = open + 1;
	const bool inside = at->inside || row == w->fallback;
	struct alias_walk *walk = &row->walks[inside];

	if (walk->mark == open) {
		set_loop(at, row->name, e);
		return fault(w, list, e);
	}
	if (!fits(at, walk->mark == done ? walk->height : 1, e)) {
		bool by_default = inside || fits(at, row->walks[true].height, e);
		return by_default ? news(w, list, e) : fault(w, list, e);
	}
	if (walk->mark != done) {
		struct step step = { at, row->name, row, at->depth + 1, 1, inside, 0 };
		struct alias_list targets = { w->a->file, row->targets, row->line, row->line,
			false };
		walk->mark = open;
		if (!walk_list(w, &targets, &step, e))
			return false;
		*walk = (struct alias_walk) { done, step.height };
	}
	raise(at, walk->height);
	return true;
}

/* Inside of `default` a file is another: its names stand for themselves there. */
static char place(bool inside)
{
	return inside ? 'i' : 'o';
}

static bool was_included(const struct walk *w, const struct step *file)
{
	struct str paths = buf_str(&w->paths);

	while (paths.len) {
		struct str path = str_cut(&paths, '\n');
		if (path.p[0] == place(file->inside) && str_eq(str_from(path, 1), file->name))
			return true;
	}
	return false;
}

static bool read_include(
	struct walk *w, const char *path, bool inside, struct buf *text, struct err *e)
{
	if (w->includes == ALIAS_EXPAND_INCLUDES)
		return err_set(e, ERR_CONFIG, "more than %d included files", ALIAS_EXPAND_INCLUDES);
	w->includes++;
	buf_fmt(&w->paths, "%c%s\n", place(inside), path);
	return w->t->include(w->t->ctx, path, text, e);
}

static bool walk_include(struct walk *w, const struct alias_list *list, const char *path,
	struct step *at, struct err *e)
{
	struct step step = { at, str_of(path), NULL, at->depth + 1, 1, at->inside, 0 };
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(ALIAS_EXPAND_FILE_MAX);
	const struct step *up = at;

	while (up && up->inside == step.inside && (up->row || !str_eq(up->name, step.name)))
		up = up->up;
	if (up && up->inside == step.inside) {
		set_loop(at, step.name, e);
		return fault(w, list, e);
	}
	if (was_included(w, &step))
		return true;
	if (!fits(at, 1, e) || !read_include(w, path, at->inside, &text, e))
		return fault(w, list, e);
	struct alias_list targets = { path, buf_str(&text), 1, 1, true };
	if (!walk_list(w, &targets, &step, e))
		return false;
	raise(at, step.height);
	return true;
}

bool alias_expand_applies(const struct addr *a, const char *const *hosts)
{
	struct str domain = str_from(str_of(a->text), a->local_len + 1);
	bool ours = addr_is_bare(a);

	for (size_t i = 0; !ours && hosts[i]; i++)
		ours = str_same(domain, str_of(hosts[i]));
	return ours;
}

/* The alias for an address that stands in `at`; NULL: it is whom the mail is for. */
static struct alias *find_alias(const struct walk *w, const struct addr *a, const struct step *at)
{
	struct alias *row = NULL;

	if (alias_expand_applies(a, w->t->hosts))
		row = aliases_find(w->a, str_head(str_of(a->text), a->local_len));
	if (!row && addr_is_bare(a) && !at->inside)
		row = w->fallback;
	while (at->up && !at->row)
		at = at->up;
	return at->row == row ? NULL : row;
}

/*
 * At this host nobody else is meant than by the name alone. What an entry itself names has the
 * limit in a check that a name has else.
 */
static bool take_target(struct walk *w, const struct alias_list *list, struct step *at,
	struct addr *a, struct err *e)
{
	size_t *results = &w->results;

	while (w->check && !at->row)
		at = at->up;
	if (w->check)
		results = &at->results;
	if (alias_expand_applies(a, w->t->hosts))
		a->text[a->local_len] = '\0';
	if (!alias_check_bare(a, e))
		return fault(w, list, e);
	if (++*results <= ALIAS_EXPAND_RESULTS)
		return w->check || w->t->take(w->t->ctx, a, e);
	if (*results > ALIAS_EXPAND_RESULTS + 1)
		return true;
	err_set(e, ERR_CONFIG, "the name stands for more than %d addresses", ALIAS_EXPAND_RESULTS);
	return fault(w, list, e);
}

static bool walk_list(struct walk *w, struct alias_list *list, struct step *at, struct err *e)
{
	struct alias_target target CLEAN_UP(alias_target_done) = ALIAS_TARGET_INIT;
	enum alias_got kind;
	const unsigned line = list->line;
	bool good = true, any = false;

	while (good && (kind = alias_next(list, &target, e)) != ALIAS_END) {
		struct alias *row = NULL;
		any = true;
		if (kind == ALIAS_ADDRESS && !target.last)
			row = find_alias(w, &target.addr, at);
		if (kind == ALIAS_BAD)
			good = fault(w, list, e);
		else if (kind == ALIAS_INCLUDE)
			good = walk_include(w, list, buf_text(&target.item), at, e);
		else if (row)
			good = walk_row(w, list, row, at, e);
		else
			good = take_target(w, list, at, &target.addr, e);
	}
	if (!good || any)
		return good;
	list->item_line = line;
	err_set(e, ERR_CONFIG, "nobody is named there");
	err_hint(e, "write an address there: nothing is ever thrown away");
	return fault(w, list, e);
}

static void walk_done(struct walk *w)
{
	buf_done(&w->paths);
}

bool alias_expand(struct aliases *a, const struct addr *name, const struct alias_expand_options *t,
	struct err *e)
{
	struct walk w CLEAN_UP(
		walk_done) = { .a = a, .t = t, .paths = BUF_INIT(ALIAS_EXPAND_FILE_MAX) };
	struct alias_list nowhere = { .file = a->file };
	struct step top = { 0 };

	a->run++;
	w.fallback = aliases_find(a, STR("default"));
	struct alias *row = find_alias(&w, name, &top);
	if (!row)
		return t->take(t->ctx, name, e);
	return walk_row(&w, &nowhere, row, &top, e);
}

static void check_all(struct walk *w, bool inside)
{
	struct step top = { .inside = inside };
	struct err e;

	for (size_t i = 0; i < w->a->count; i++) {
		struct alias *row = &w->a->rows[i];
		struct alias_list nowhere = { .file = w->a->file, .item_line = row->line };
		w->includes = 0;
		(void)walk_row(w, &nowhere, row, &top, &e);
	}
}

/*
 * As if all were inside of `default`: so each entry is walked once, in whatever order they stand.
 * Looking up `default` leads inside for good: what it adds is no loop, but only depth.
 */
void alias_expand_check(struct aliases *a, const struct alias_expand_options *t)
{
	struct walk w CLEAN_UP(walk_done) = {
		.a = a,
		.t = t,
		.fallback = aliases_find(a, STR("default")),
		.check = true,
		.paths = BUF_INIT(ALIAS_EXPAND_FILE_MAX),
	};

	a->run++;
	check_all(&w, true);
	w.again = true;
	if (w.fallback)
		check_all(&w, false);
}

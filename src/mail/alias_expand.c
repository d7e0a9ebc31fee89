/* SPDX-License-Identifier: MIT */
/*
 * A depth-first walk over a graph whose nodes are entries and included files. A frame is a node on
 * the current path from the requested name. Frames are linked upwards, so that a loop is detected
 * and its names can be listed.
 *
 * An entry carries a mark: open while it is on the path, done when all below it was walked. The
 * height of a done entry, the number of levels below it, decides whether it fits below another
 * frame, so it is not walked again. Marks grow with each walk, so none has to be cleared.
 */
#include "mail/alias_expand.h"

#include "base/mem.h"
#include "base/printable.h"

struct walk {
	struct aliases *aliases;
	const struct alias_expand_options *options;
	struct alias *default_entry; /* or NULL */
	bool checking;               /* problems are reported, and the walk continues after them */
	bool depth_only; /* second pass of a check: report only depth that `default` adds */
	size_t results, includes;
	struct buf included; /* for each included file: the place mark, its path, '\n' */
};

struct frame {
	struct frame *up;
	struct str name;
	struct alias *entry; /* NULL: an included file, or the top */
	unsigned depth, height;
	bool in_default; /* inside the expansion of `default` */
	size_t listed;   /* during a check: the addresses that the entry itself lists */
};

static bool walk_targets(
	struct walk *w, struct alias_list *targets, struct frame *at, struct err *e);

/* --- problems --- */

/* Adds the place of the list's last target to *e. True: it is a check, reported, and goes on. */
static bool report(const struct walk *w, const struct alias_list *list, struct err *e)
{
	err_become(e, ERR_CONFIG);
	(void)err_in(e, "%s:%u", list->file, list->item_line);
	if (w->checking)
		w->options->tell(w->options->ctx, false, e);
	return w->checking;
}

/* As report(), but silent in the second pass of a check, as the first has reported the problem. */
static bool report_once(const struct walk *w, const struct alias_list *list, struct err *e)
{
	return w->depth_only || report(w, list, e);
}

/* "a -> b -> a" */
static bool name_loop(const struct frame *at, struct str name, struct err *e)
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
		printable_add(&text, str_head(names[--n], 60));
		buf_add(&text, STR(" -> "));
	}
	printable_add(&text, str_head(name, 60));
	return err_set(e, ERR_CONFIG, "a loop: %s", buf_text(&text));
}

/* --- depth --- */

/* Whether `levels` more levels may come below this frame. */
static bool has_room_below(const struct frame *at, unsigned levels, struct err *e)
{
	return at->depth + levels <= ALIAS_EXPAND_DEPTH ||
	       err_set(e, ERR_CONFIG, "more than %d aliases and files below each other",
		       ALIAS_EXPAND_DEPTH);
}

/* Notes that a node of that height is below the frame. */
static void add_height(struct frame *at, unsigned height)
{
	if (at->height < height + 1)
		at->height = height + 1;
}

/* --- addresses --- */

bool alias_expand_applies(const struct addr *a, const char *const *hosts)
{
	struct str domain = str_from(str_of(a->text), a->local_len + 1);
	bool ours = addr_is_bare(a);

	for (size_t i = 0; !ours && hosts[i]; i++)
		ours = str_same(domain, str_of(hosts[i]));
	return ours;
}

/* The frame of the entry that lists the targets, directly or through included files. */
static struct frame *find_entry_frame(struct frame *at)
{
	while (at->up && !at->entry)
		at = at->up;
	return at;
}

/* The entry of a target of this frame; NULL if the target counts as an address. */
static struct alias *find_entry(const struct walk *w, const struct addr *a, struct frame *at)
{
	struct alias *entry = NULL;

	if (alias_expand_applies(a, w->options->hosts))
		entry = aliases_find(w->aliases, str_head(str_of(a->text), a->local_len));
	if (!entry && addr_is_bare(a) && !at->in_default)
		entry = w->default_entry;
	return entry == find_entry_frame(at)->entry ? NULL : entry;
}

/* Takes an address of the requested name; a check counts it for the entry that lists it. */
static bool take_address(struct walk *w, const struct alias_list *list, struct frame *at,
	struct addr *a, struct err *e)
{
	size_t *results = w->checking ? &find_entry_frame(at)->listed : &w->results;

	if (alias_expand_applies(a, w->options->hosts))
		a->text[a->local_len] = '\0'; /* at this host, only the name counts */
	if (!alias_check_bare(a, e))
		return report_once(w, list, e);
	if (++*results <= ALIAS_EXPAND_RESULTS)
		return w->checking || w->options->take(w->options->ctx, a, e);
	if (*results > ALIAS_EXPAND_RESULTS + 1)
		return true; /* a check has reported the entry already */
	err_set(e, ERR_CONFIG, "the name expands to more than %d addresses", ALIAS_EXPAND_RESULTS);
	return report_once(w, list, e);
}

/* --- included files --- */

/* A file counts as another one inside `default`, where its bare names are addresses. */
static char mark_of_place(bool in_default)
{
	return in_default ? 'i' : 'o';
}

static bool was_included(const struct walk *w, const struct frame *file)
{
	struct str rest = buf_str(&w->included);

	while (rest.len) {
		struct str one = str_cut(&rest, '\n');
		if (one.p[0] == mark_of_place(file->in_default) &&
			str_eq(str_from(one, 1), file->name))
			return true;
	}
	return false;
}

/* Whether the file includes itself, directly or not, in the same place. */
static bool includes_itself(const struct frame *file)
{
	for (const struct frame *at = file->up; at && at->in_default == file->in_default;
		at = at->up)
		if (!at->entry && str_eq(at->name, file->name))
			return true;
	return false;
}

static bool read_include(
	struct walk *w, const struct frame *file, const char *path, struct buf *ret, struct err *e)
{
	if (w->includes == ALIAS_EXPAND_INCLUDES)
		return err_set(e, ERR_CONFIG, "more than %d included files", ALIAS_EXPAND_INCLUDES);
	w->includes++;
	buf_fmt(&w->included, "%c%s\n", mark_of_place(file->in_default), path);
	return w->options->include(w->options->ctx, path, ret, e);
}

static bool walk_file(struct walk *w, const struct alias_list *list, const char *path,
	struct frame *at, struct err *e)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(ALIAS_EXPAND_FILE_MAX);
	struct frame file = {
		.up = at,
		.name = str_of(path),
		.depth = at->depth + 1,
		.height = 1,
		.in_default = at->in_default,
	};

	if (includes_itself(&file)) {
		name_loop(at, file.name, e);
		return report_once(w, list, e);
	}
	if (was_included(w, &file))
		return true;
	if (!has_room_below(at, 1, e) || !read_include(w, &file, path, &text, e))
		return report_once(w, list, e);
	struct alias_list targets = { path, buf_str(&text), 1, 1, true };
	if (!walk_targets(w, &targets, &file, e))
		return false;
	add_height(at, file.height);
	return true;
}

/* --- entries --- */

/* Walks all below the entry, which then is done. */
static bool open_entry(
	struct walk *w, struct alias *entry, bool in_default, struct frame *at, struct err *e)
{
	struct alias_walk *mark = &entry->walks[in_default];
	struct alias_list targets = { w->aliases->file, entry->targets, entry->line, entry->line,
		false };
	struct frame frame = {
		.up = at,
		.name = entry->name,
		.entry = entry,
		.depth = at->depth + 1,
		.height = 1,
		.in_default = in_default,
	};

	mark->mark = 2 * w->aliases->run;
	if (!walk_targets(w, &targets, &frame, e))
		return false;
	*mark = (struct alias_walk) { 2 * w->aliases->run + 1, frame.height };
	return true;
}

static bool walk_entry(struct walk *w, const struct alias_list *list, struct alias *entry,
	struct frame *at, struct err *e)
{
	const bool in_default = at->in_default || entry == w->default_entry;
	const struct alias_walk *mark = &entry->walks[in_default];
	const bool is_open = mark->mark == 2 * w->aliases->run;
	const bool is_done = mark->mark == 2 * w->aliases->run + 1;

	if (is_open) {
		name_loop(at, entry->name, e);
		return report_once(w, list, e);
	}
	if (!has_room_below(at, is_done ? mark->height : 1, e)) {
		/* Too deep only by way of `default`: the first pass could not see that. */
		bool is_new = in_default || has_room_below(at, entry->walks[true].height, e);
		return is_new ? report(w, list, e) : report_once(w, list, e);
	}
	if (!is_done && !open_entry(w, entry, in_default, at, e))
		return false;
	add_height(at, mark->height);
	return true;
}

/* Walks the targets of an entry or of an included file in order. */
static bool walk_targets(
	struct walk *w, struct alias_list *targets, struct frame *at, struct err *e)
{
	struct alias_target target CLEAN_UP(alias_target_done) = ALIAS_TARGET_INIT;
	const unsigned first_line = targets->line;
	enum alias_got kind;
	bool good = true, any = false;

	while (good && (kind = alias_next(targets, &target, e)) != ALIAS_END) {
		bool is_name = kind == ALIAS_ADDRESS && !target.last;
		struct alias *entry = is_name ? find_entry(w, &target.addr, at) : NULL;
		any = true;
		if (kind == ALIAS_BAD)
			good = report_once(w, targets, e);
		else if (kind == ALIAS_INCLUDE)
			good = walk_file(w, targets, buf_text(&target.item), at, e);
		else if (entry)
			good = walk_entry(w, targets, entry, at, e);
		else
			good = take_address(w, targets, at, &target.addr, e);
	}
	if (!good || any)
		return good;
	targets->item_line = first_line;
	err_set(e, ERR_CONFIG, "no address is given");
	err_hint(e, "add an address: mail is never discarded");
	return report_once(w, targets, e);
}

/* --- whole walks --- */

static void walk_done(struct walk *w)
{
	buf_done(&w->included);
}

static struct walk walk_init(struct aliases *a, const struct alias_expand_options *t)
{
	a->run++;
	return (struct walk) {
		.aliases = a,
		.options = t,
		.default_entry = aliases_find(a, STR("default")),
		.included = BUF_INIT(ALIAS_EXPAND_FILE_MAX),
	};
}

bool alias_expand(struct aliases *a, const struct addr *name, const struct alias_expand_options *t,
	struct err *e)
{
	struct walk w CLEAN_UP(walk_done) = walk_init(a, t);
	struct alias_list nowhere = { .file = a->file };
	struct frame top = { 0 };
	struct alias *entry = find_entry(&w, name, &top);

	return entry ? walk_entry(&w, &nowhere, entry, &top, e) : t->take(t->ctx, name, e);
}

static void check_entries(struct walk *w, bool in_default)
{
	struct frame top = { .in_default = in_default };
	struct err e;

	for (size_t i = 0; i < w->aliases->count; i++) {
		struct alias *entry = &w->aliases->rows[i];
		struct alias_list nowhere = { .file = w->aliases->file, .item_line = entry->line };
		w->includes = 0;
		(void)walk_entry(w, &nowhere, entry, &top, &e);
	}
}

/*
 * The first pass walks as if all entries were inside `default`, so that bare names are addresses
 * and each entry is walked once, whatever their order. A path through `default` cannot add a loop,
 * because it never leads out again; it can only add depth, which the second pass looks for.
 */
void alias_expand_check(struct aliases *a, const struct alias_expand_options *t)
{
	struct walk w CLEAN_UP(walk_done) = walk_init(a, t);

	w.checking = true;
	check_entries(&w, true);
	w.depth_only = true;
	if (w.default_entry)
		check_entries(&w, false);
}

/* SPDX-License-Identifier: MIT */
#include "conf/option.h"

#include "base/buf.h"
#include "conf/setting.h"

static const struct option_row rows[] = {
#define OPTION(id, letter, name, arg, flags, help) \
	[OPTION_##id] = { letter, name, arg, flags, help },
#include "conf/option.def"
#undef OPTION
};
_Static_assert(ARRAY_LEN(rows) == OPTION_COUNT, "one row per option");

const struct option_row *option_row(enum option_id id)
{
	return &rows[id];
}

enum option_id option_id(const struct option_row *row)
{
	return (enum option_id)(row - rows);
}

/* The i-th long name there is; NULL behind the last. */
static const char *long_name(size_t i)
{
	const char *old, *name;

	if (i < ARRAY_LEN(rows))
		return rows[i].name;
	i -= ARRAY_LEN(rows);
	if (i < SETTING_COUNT)
		return setting_row((enum setting_id)i)->name;
	return setting_renamed(i - SETTING_COUNT, &old, &name) ? old : NULL;
}

static bool begins_with(const char *name, struct str cut)
{
	size_t i = 0;

	for (; i < cut.len; i++)
		if (name[i] != cut.p[i] && !(name[i] == '_' && cut.p[i] == '-'))
			return false;
	return i > 0;
}

const char *option_find_name(struct str cut, bool *ret_several)
{
	const char *found = NULL, *name;

	*ret_several = false;
	for (size_t i = 0; (name = long_name(i)); i++) {
		if (!begins_with(name, cut))
			continue;
		if (!name[cut.len]) {
			*ret_several = false;
			return name;
		}
		*ret_several = found != NULL;
		if (*ret_several)
			continue;
		found = name;
	}
	return *ret_several ? NULL : found;
}

/* Adds a long option as it is typed: --read-envelope-from. */
static void add_option_name(struct buf *list, const char *name)
{
	buf_add(list, list->len ? STR(", --") : STR("--"));
	for (; *name; name++)
		buf_char(list, *name == '_' ? '-' : *name);
}

/* The names that begin with `cut`; or, if none does, those that are least different from it. */
static void find_candidates(struct str cut, bool several, struct buf *list)
{
	unsigned nearest = (unsigned)cut.len / 3 < 3 ? (unsigned)cut.len / 3 : 3;
	const char *name;

	for (size_t i = 0; !several && (name = long_name(i)); i++) {
		unsigned distance = str_distance(cut, str_of(name));
		nearest = name[0] && distance < nearest ? distance : nearest;
	}
	for (size_t i = 0; (name = long_name(i)); i++)
		if (several ? begins_with(name, cut)
			    : nearest && name[0] && str_distance(cut, str_of(name)) == nearest)
			add_option_name(list, name);
}

void option_hint_names(struct str cut, bool several, struct err *e)
{
	struct buf list CLEAN_UP(buf_done) = BUF_INIT(400);

	find_candidates(cut, several, &list);
	if (list.len && several)
		err_hint(e, "one of %s", buf_text(&list));
	else if (list.len)
		err_hint(e, "did you mean %s?", buf_text(&list));
}

bool option_hint_dashes(const char *name, struct err *e)
{
	struct buf list CLEAN_UP(buf_done) = BUF_INIT(400);

	add_option_name(&list, name);
	return err_hint(e, "did you mean %s? a name has two dashes, a letter one", buf_text(&list));
}

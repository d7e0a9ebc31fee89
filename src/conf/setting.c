/* SPDX-License-Identifier: MIT */
#include "conf/setting.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RC_ONLY SETTING_RC_ONLY
#define NO_OPTION SETTING_NO_OPTION
#define BY_OTHERS SETTING_BY_OTHERS

static const struct setting_row rows[] = {
#define SETTING(name, type, preset, msmtp_preset, flags, arg, help)                            \
	{ #name, SETTING_##type, offsetof(struct settings, name), preset, msmtp_preset, flags, \
		arg, help },
#include "conf/setting.def"
#undef SETTING
};
_Static_assert(ARRAY_LEN(rows) == SETTING_COUNT && SETTING_COUNT < 64, "one bit per setting");

const struct setting_row *setting_row(enum setting_id id)
{
	return &rows[id];
}

static bool same_name(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (a.p[i] != b.p[i] && !(a.p[i] == '-' && b.p[i] == '_'))
			return false;
	return true;
}

const struct setting_row *setting_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (same_name(name, str_of(rows[i].name)))
			return &rows[i];
	return NULL;
}

const char *setting_nearest(struct str name)
{
	static const char *const others[] = { "account", "defaults" };
	const char *best = NULL;
	unsigned least = 4;

	for (size_t i = 0; i < ARRAY_LEN(rows) + ARRAY_LEN(others); i++) {
		const char *known =
			i < ARRAY_LEN(rows) ? rows[i].name : others[i - ARRAY_LEN(rows)];
		unsigned d = str_distance(name, str_of(known));
		if (d < least) {
			least = d;
			best = known;
		}
	}
	return best;
}

static void *member(const struct settings *s, const struct setting_row *row)
{
	return (char *)(uintptr_t)s + row->offset;
}

static uint64_t bit_of(const struct setting_row *row)
{
	return 1ULL << (row - rows);
}

static bool is_text(const struct setting_row *row)
{
	return row->type == SETTING_TEXT || row->type == SETTING_PATH ||
	       row->type == SETTING_COMMAND;
}

void settings_done(struct settings *s)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (is_text(&rows[i]))
			mem_free(*(char **)member(s, &rows[i]));
		else if (rows[i].type == SETTING_SECRET)
			secret_done(member(s, &rows[i]));
	}
	*s = (struct settings) { 0 };
}

bool settings_has(const struct settings *s, enum setting_id id)
{
	return s->set >> id & 1;
}

static bool invalid(struct err *e, const struct setting_row *row, const char *wanted)
{
	return err_set(e, ERR_CONFIG, "%s: %s is wanted", row->name, wanted);
}

static char *home_path(struct str rest)
{
	const char *home = getenv("HOME");
	const struct passwd *pw = home && home[0] ? NULL : getpwuid(getuid());

	if (pw)
		home = pw->pw_dir;
	return mem_fmt("%s%.*s", home ? home : "", STR_ARG(rest));
}

static bool assign_text(char **to, const struct setting_row *row, struct str value, struct err *e)
{
	for (size_t i = 0; i < value.len; i++)
		if (chr_is_ctl(value.p[i]) && !(row->type == SETTING_COMMAND && value.p[i] == '\t'))
			return invalid(e, row, "text without control characters");
	mem_free(*to);
	bool home = row->type == SETTING_PATH && value.len && value.p[0] == '~' &&
		    (value.len == 1 || value.p[1] == '/');
	*to = home ? home_path(str_from(value, 1)) : mem_dup(value.p, value.len);
	return true;
}

static bool assign_bool(bool *to, const struct setting_row *row, struct str value, struct err *e)
{
	if (!str_eq(value, STR("on")) && !str_eq(value, STR("off")) && value.len)
		return invalid(e, row, "on or off");
	*to = !str_eq(value, STR("off"));
	return true;
}

static bool assign_number(
	unsigned *to, const struct setting_row *row, struct str value, struct err *e)
{
	bool port = row->type == SETTING_PORT;
	uint64_t n = 0;

	if (!port && (str_eq(value, STR("off")) || !value.len))
		*to = 0;
	else if (!str_number(value, &n) || n > (port ? 65535U : 31536000U) || (port && !n))
		return invalid(
			e, row, port ? "a number from 1 to 65535" : "a number of seconds, or off,");
	else
		*to = (unsigned)n;
	return true;
}

static bool assign_secret(
	struct secret *to, const struct setting_row *row, struct str value, struct err *e)
{
	if (str_find(value, '\0') < value.len || !secret_set(to, value.p, value.len))
		return invalid(e, row, "a secret without NUL, of at most 65536 octets,");
	return true;
}

bool settings_assign(
	struct settings *s, const struct setting_row *row, struct str value, struct err *e)
{
	void *to = member(s, row);
	bool good = false;

	switch (row->type) {
	case SETTING_TEXT:
	case SETTING_PATH:
	case SETTING_COMMAND:
		good = assign_text(to, row, value, e);
		break;
	case SETTING_SECRET:
		good = assign_secret(to, row, value, e);
		break;
	case SETTING_BOOL:
		good = assign_bool(to, row, value, e);
		break;
	case SETTING_PORT:
	case SETTING_SECONDS:
		good = assign_number(to, row, value, e);
		break;
	}
	if (good)
		s->set |= bit_of(row);
	return good;
}

static void copy(struct settings *to, const struct settings *from, const struct setting_row *row)
{
	void *a = member(to, row), *b = member(from, row);

	if (is_text(row)) {
		mem_free(*(char **)a);
		*(char **)a = mem_str(*(char **)b);
	} else if (row->type == SETTING_SECRET) {
		secret_copy(a, b);
	} else {
		memcpy(a, b, row->type == SETTING_BOOL ? sizeof(bool) : sizeof(unsigned));
	}
	to->set |= bit_of(row);
}

void settings_merge(struct settings *to, const struct settings *from)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (from->set & bit_of(&rows[i]))
			copy(to, from, &rows[i]);
}

void settings_preset(struct settings *s, bool msmtp)
{
	uint64_t given = s->set;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str value = str_of(msmtp ? rows[i].msmtp_preset : rows[i].preset);
		if (given & bit_of(&rows[i]) || !value.len || rows[i].flags & SETTING_BY_OTHERS)
			continue;
		must(settings_assign(s, &rows[i], value, &e));
	}
	s->set = given;
}

void settings_show(const struct settings *s, const struct setting_row *row, struct buf *out)
{
	const void *from = member(s, row);

	switch (row->type) {
	case SETTING_TEXT:
	case SETTING_PATH:
	case SETTING_COMMAND:
		buf_printable(out, str_of(*(char *const *)from));
		break;
	case SETTING_SECRET:
		if (secret_is_set(from))
			buf_add(out, STR("(hidden)"));
		break;
	case SETTING_BOOL:
		buf_add(out, *(const bool *)from ? STR("on") : STR("off"));
		break;
	case SETTING_PORT:
	case SETTING_SECONDS:
		if (*(const unsigned *)from)
			buf_fmt(out, "%u", *(const unsigned *)from);
		break;
	}
}

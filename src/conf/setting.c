/* SPDX-License-Identifier: MIT */
#include "conf/setting.h"

#include "base/printable.h"
#include "conf/value.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RC_ONLY SETTING_RC_ONLY
#define NO_OPTION SETTING_NO_OPTION
#define BY_OTHERS SETTING_BY_OTHERS
#define GLUED SETTING_GLUED
#define IGNORED SETTING_IGNORED

static const struct setting_row rows[] = {
#define SETTING(name, type, preset, msmtp_preset, flags, arg, help)                            \
	{ #name, SETTING_##type, offsetof(struct settings, name), preset, msmtp_preset, flags, \
		arg, help },
#include "conf/setting.def"
#undef SETTING
};
_Static_assert(ARRAY_LEN(rows) == SETTING_COUNT, "one row per setting");

static const struct {
	const char *old, *name;
	const char *on, *off; /* what the values on and off mean now; NULL: the same */
} renamed[] = {
#define SETTING(...)
#define RENAMED(old, name, on, off) { #old, #name, on, off },
#include "conf/setting.def"
#undef SETTING
};

const struct setting_row *setting_row(enum setting_id id)
{
	return &rows[id];
}

enum setting_id setting_id(const struct setting_row *row)
{
	return (enum setting_id)(row - rows);
}

bool setting_set_has(const struct setting_set *set, enum setting_id id)
{
	return set->words[id / 64] >> id % 64 & 1;
}

void setting_set_add(struct setting_set *set, enum setting_id id)
{
	set->words[id / 64] |= 1ULL << id % 64;
}

bool setting_renamed(size_t i, const char **ret_old, const char **ret_name)
{
	if (i >= ARRAY_LEN(renamed))
		return false;
	*ret_old = renamed[i].old;
	*ret_name = renamed[i].name;
	return true;
}

bool setting_is_glued(const struct setting_row *row)
{
	return row->type == SETTING_BOOL || row->flags & SETTING_GLUED;
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

static const struct setting_row *find_row(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (same_name(name, str_of(rows[i].name)))
			return &rows[i];
	return NULL;
}

const struct setting_row *setting_find(struct str name, struct str *value)
{
	for (size_t i = 0; i < ARRAY_LEN(renamed); i++) {
		if (!same_name(name, str_of(renamed[i].old)))
			continue;
		if (renamed[i].on && (!value->len || str_eq(*value, STR("on"))))
			*value = str_of(renamed[i].on);
		else if (renamed[i].off && str_eq(*value, STR("off")))
			*value = str_of(renamed[i].off);
		return find_row(str_of(renamed[i].name));
	}
	return find_row(name);
}

const char *setting_nearest(struct str name)
{
	static const char *const others[] = { "account", "defaults", "include", "eval" };
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

static bool is_text(const struct setting_row *row)
{
	return row->type <= SETTING_LIST;
}

struct str setting_word(const struct setting_row *row, unsigned choice)
{
	struct str words = str_of(row->arg), word = STR("");

	for (unsigned i = 0; i < choice; i++)
		word = str_cut(&words, '|');
	return word;
}

void settings_clear(struct settings *s, const struct setting_row *row)
{
	enum setting_id id = setting_id(row);

	if (is_text(row)) {
		mem_free(*(char **)member(s, row));
		*(char **)member(s, row) = NULL;
	} else if (row->type == SETTING_SECRET) {
		secret_done(member(s, row));
	} else if (row->type == SETTING_CHOICE) {
		*(unsigned *)member(s, row) = 0;
	}
	s->set.words[id / 64] &= ~(1ULL << id % 64);
}

enum settings_auth settings_auth(const struct settings *s)
{
	if (!s->auth || strcmp(s->auth, "off") == 0)
		return SETTINGS_AUTH_OFF;
	return strcmp(s->auth, "on") == 0 ? SETTINGS_AUTH_ON : SETTINGS_AUTH_NAMED;
}

void settings_done(struct settings *s)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is_owned = is_text(&rows[i]) && *(char **)member(s, &rows[i]);
		if (is_owned || rows[i].type == SETTING_SECRET)
			settings_clear(s, &rows[i]);
	}
	*s = (struct settings) { 0 };
}

bool settings_has(const struct settings *s, enum setting_id id)
{
	return setting_set_has(&s->set, id);
}

static bool invalid(struct err *e, const struct setting_row *row, const char *wanted)
{
	return err_set(e, ERR_CONFIG, "%s: must be %s", row->name, wanted);
}

char *setting_home_path(struct str path)
{
	if (!path.len || path.p[0] != '~' || (path.len > 1 && path.p[1] != '/'))
		return mem_dup(path.p, path.len);
	const char *home = getenv("HOME");
	const struct passwd *pw = home && home[0] ? NULL : getpwuid(getuid());
	if (pw)
		home = pw->pw_dir;
	return mem_fmt("%s%.*s", home ? home : "", STR_ARG(str_from(path, 1)));
}

static bool check_text(const struct setting_row *row, struct str value, struct err *e)
{
	for (size_t i = 0; i < value.len; i++)
		if (chr_is_ctl(value.p[i]) && !(row->type == SETTING_COMMAND &&
						      (value.p[i] == '\t' || value.p[i] == '\n')))
			return invalid(e, row, "text without control characters");
	return true;
}

static bool assign_text(char **to, const struct setting_row *row, struct str value, struct err *e)
{
	if (!check_text(row, value, e))
		return false;
	mem_free(*to);
	*to = row->type == SETTING_PATH ? setting_home_path(value) : mem_dup(value.p, value.len);
	return true;
}

static bool add_to_list(char **to, const struct setting_row *row, struct str value, struct err *e)
{
	char *old CLEAN_UP(mem_free_at) = *to;

	*to = NULL;
	bool good = check_text(row, value, e);
	if (good && old && strlen(old) + value.len > SETTING_LIST_MAX)
		good = err_set(e, ERR_CONFIG, "%s: the list is longer than %d octets", row->name,
			(int)SETTING_LIST_MAX);
	if (!good) {
		*to = mem_str(old ? old : "");
		return false;
	}
	*to = value.len ? mem_fmt("%s%.*s\n", old ? old : "", STR_ARG(value)) : mem_str("");
	return true;
}

/* The words of arg are in the order of the enum, whose 0 means none of them. */
static bool assign_choice(
	unsigned *to, const struct setting_row *row, struct str value, struct err *e)
{
	struct str words = str_of(row->arg);

	for (unsigned i = 1; words.len; i++) {
		struct str word = str_cut(&words, '|');
		if (!str_eq(word, value) && (value.len || i > 1))
			continue;
		*to = i;
		return true;
	}
	return err_set(e, ERR_CONFIG, "%s: must be one of %s", row->name, row->arg);
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
	static const struct {
		uint64_t least, most;
		const char *wanted;
	} limits[] = {
		[SETTING_NUMBER] = { 0, 1000000000, "a number" },
		[SETTING_PORT] = { 1, 65535, "a number from 1 to 65535" },
		[SETTING_SECONDS] = { 0, 31536000, "a number of seconds, or off" },
	};
	uint64_t n = 0;

	if (!value.len || (row->type == SETTING_SECONDS && str_eq(value, STR("off"))))
		*to = 0;
	else if (!str_number(value, &n) || n < limits[row->type].least ||
		 n > limits[row->type].most)
		return invalid(e, row, limits[row->type].wanted);
	else
		*to = (unsigned)n;
	return true;
}

static bool assign_secret(
	struct secret *to, const struct setting_row *row, struct str value, struct err *e)
{
	if (str_find(value, '\0') < value.len || !secret_set(to, value.p, value.len))
		return invalid(e, row, "a password without NUL, of at most 65536 octets");
	return true;
}

/* Checks what the type alone does not decide. */
static bool check_setting_value(enum setting_id id, struct str value, struct err *e)
{
	static const struct {
		enum setting_id id;
		value_check *check;
	} checks[] = {
		{ SETTING_ID_host, value_server },
		{ SETTING_ID_source_ip, value_ip },
		{ SETTING_ID_proxy_host, value_server },
		{ SETTING_ID_domain, value_domain },
		{ SETTING_ID_maildomain, value_domain },
		{ SETTING_ID_tls_host_override, value_server },
		{ SETTING_ID_tls_fingerprint, value_fingerprint },
		{ SETTING_ID_tls_pin, value_pin },
		{ SETTING_ID_auth, value_auth },
		{ SETTING_ID_dsn_notify, value_dsn_notify },
		{ SETTING_ID_dsn_return, value_dsn_return },
		{ SETTING_ID_syslog, value_syslog },
	};

	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		if (checks[i].id == id)
			return checks[i].check(rows[id].name, value, e);
	return true;
}

bool settings_assign(
	struct settings *s, const struct setting_row *row, struct str value, struct err *e)
{
	void *to = member(s, row);
	bool good = false;

	if (!check_setting_value(setting_id(row), value, e))
		return false;
	switch (row->type) {
	case SETTING_TEXT:
	case SETTING_PATH:
	case SETTING_COMMAND:
		good = assign_text(to, row, value, e);
		break;
	case SETTING_LIST:
		good = add_to_list(to, row, value, e);
		break;
	case SETTING_CHOICE:
		good = assign_choice(to, row, value, e);
		break;
	case SETTING_SECRET:
		good = assign_secret(to, row, value, e);
		break;
	case SETTING_BOOL:
		good = assign_bool(to, row, value, e);
		break;
	case SETTING_NUMBER:
	case SETTING_PORT:
	case SETTING_SECONDS:
		good = assign_number(to, row, value, e);
		break;
	}
	if (good && !value.len && (row->type == SETTING_PORT || row->type == SETTING_NUMBER))
		settings_clear(s, row); /* as if it were not there */
	else if (good)
		setting_set_add(&s->set, setting_id(row));
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
	setting_set_add(&to->set, setting_id(row));
}

struct str setting_pin_in(const struct setting_row *row, struct str value)
{
	static const struct str prefix = { "pkcs11:", 7 }, name = { "pin-value=", 10 };

	if (row->type != SETTING_PATH || !str_starts_same(value, prefix))
		return STR("");
	value = str_from(value, str_find_same(value, name) + name.len);
	return str_cut(&value, '&');
}

void settings_merge(struct settings *to, const struct settings *from)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (settings_has(from, (enum setting_id)i))
			copy(to, from, &rows[i]);
}

void settings_preset(struct settings *s, bool msmtp)
{
	struct setting_set given = s->set;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str value = str_of(msmtp ? rows[i].msmtp_preset : rows[i].preset);
		if (setting_set_has(&given, (enum setting_id)i) || !value.len ||
			rows[i].flags & SETTING_BY_OTHERS)
			continue;
		must(settings_assign(s, &rows[i], value, &e));
	}
	s->set = given;
}

/* Writes the line, hiding the PIN in a PKCS#11 URL. */
static void write_setting_line(const struct setting_row *row, struct str value, struct buf *out)
{
	struct str pin = setting_pin_in(row, value);
	size_t before = pin.len ? (size_t)(pin.p - value.p) : value.len;

	buf_fmt(out, "%s ", row->name);
	printable_add(out, str_head(value, before));
	if (pin.len) {
		buf_add(out, STR("(hidden)"));
		printable_add(out, str_from(value, before + pin.len));
	}
	buf_char(out, '\n');
}

static void write_number(const struct setting_row *row, unsigned n, struct buf *out)
{
	if (n || row->type != SETTING_SECONDS)
		buf_fmt(out, "%s %u\n", row->name, n);
	else
		buf_fmt(out, "%s off\n", row->name);
}

void settings_write(const struct settings *s, const struct setting_row *row, struct buf *out)
{
	const void *from = member(s, row);
	struct str text = str_of(is_text(row) ? *(char *const *)from : "");

	switch (row->type) {
	case SETTING_TEXT:
	case SETTING_PATH:
	case SETTING_COMMAND:
	case SETTING_LIST:
		while (text.len)
			write_setting_line(row, str_cut(&text, '\n'), out);
		break;
	case SETTING_SECRET:
		if (secret_is_set(from))
			write_setting_line(row, STR("(hidden)"), out);
		break;
	case SETTING_BOOL:
		write_setting_line(row, *(const bool *)from ? STR("on") : STR("off"), out);
		break;
	case SETTING_CHOICE:
		if (*(const unsigned *)from)
			write_setting_line(row, setting_word(row, *(const unsigned *)from), out);
		break;
	case SETTING_NUMBER:
	case SETTING_PORT:
	case SETTING_SECONDS:
		if (*(const unsigned *)from || settings_has(s, setting_id(row)))
			write_number(row, *(const unsigned *)from, out);
		break;
	}
}

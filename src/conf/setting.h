/* SPDX-License-Identifier: MIT */
/*
 * setting - what can be configured: one table, and a struct with a member for each row.
 *
 * A struct settings owns its text; a bit in `set` says that a member was given. Values are checked
 * when they are assigned. Rows are in setting.def.
 */
#ifndef CONF_SETTING_H
#define CONF_SETTING_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

enum setting_type {
	SETTING_TEXT,    /* char *: anything without control characters */
	SETTING_PATH,    /* char *: "~/" in front is the home folder */
	SETTING_COMMAND, /* char *: for /bin/sh */
	SETTING_SECRET,  /* struct secret: never shown */
	SETTING_BOOL,    /* bool: on, off; empty is on */
	SETTING_PORT,    /* unsigned: 1-65535 */
	SETTING_SECONDS, /* unsigned: 0 and off are none */
};

enum setting_flags {
	SETTING_RC_ONLY = 1,   /* not on the command line: others can read that */
	SETTING_NO_OPTION = 2, /* has an option of its own making */
	SETTING_BY_OTHERS = 4, /* the default depends on other settings */
};

enum setting_id {
#define SETTING(name, ...) SETTING_ID_##name,
#include "conf/setting.def"
#undef SETTING
	SETTING_COUNT
};

typedef char *setting_TEXT, *setting_PATH, *setting_COMMAND;
typedef struct secret setting_SECRET;
typedef bool setting_BOOL;
typedef unsigned setting_PORT, setting_SECONDS;

struct settings {
	uint64_t set;
#define SETTING(name, type, ...) setting_##type name;
#include "conf/setting.def"
#undef SETTING
};

struct setting_row {
	const char *name;
	enum setting_type type;
	size_t offset;
	const char *preset, *msmtp_preset; /* defaults, as text */
	unsigned flags;
	const char *arg, *help;
};

const struct setting_row *setting_row(enum setting_id id);
/* NULL if there is no such setting. Dashes and underscores are the same. */
const struct setting_row *setting_find(struct str name);
/* The known name nearest to a wrong one, or NULL. */
const char *setting_nearest(struct str name);

void settings_done(struct settings *s);
bool settings_has(const struct settings *s, enum setting_id id);
bool settings_assign(
	struct settings *s, const struct setting_row *row, struct str value, struct err *e);
/* Whatever `from` has replaces what *to has. */
void settings_merge(struct settings *to, const struct settings *from);
/* Gives what is not set its default, unless that depends on others; `set` stays as it is. */
void settings_preset(struct settings *s, bool msmtp);
/* The value for people; a secret is "(hidden)". */
void settings_show(const struct settings *s, const struct setting_row *row, struct buf *out);

#endif

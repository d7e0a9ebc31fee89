/* SPDX-License-Identifier: MIT */
/*
 * setting - what can be configured: one table, and a struct with a member for each row.
 *
 * The rows are in setting.def. A struct settings owns its text; a bit in `set` says that a member
 * was given. Values are checked when they are assigned. A list holds its values, each followed by
 * '\n'; assigning a value adds it, and assigning an empty value empties the list.
 */
#ifndef CONF_SETTING_H
#define CONF_SETTING_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

enum setting_type {
	SETTING_TEXT,    /* char *: anything without control characters */
	SETTING_PATH,    /* char *: a leading "~/" means the home folder */
	SETTING_COMMAND, /* char *: run by /bin/sh */
	SETTING_LIST,    /* char *: see above */
	SETTING_SECRET,  /* struct secret: never shown */
	SETTING_BOOL,    /* bool: on or off; an empty value means on */
	SETTING_CHOICE,  /* an enum of choice.def: one of the words in the row's arg */
	SETTING_NUMBER,  /* unsigned */
	SETTING_PORT,    /* unsigned: 1-65535 */
	SETTING_SECONDS, /* unsigned: 0 and off mean no limit */
};

enum { SETTING_LIST_MAX = 32768 }; /* octets of all values of a list */

enum setting_flags {
	SETTING_RC_ONLY = 1,   /* not allowed on the command line, which other users can read */
	SETTING_NO_OPTION = 2, /* has its own row in option.def */
	SETTING_BY_OTHERS = 4, /* the default depends on other settings */
	SETTING_GLUED = 8,     /* as an option it takes a value only after "=": --auth=plain */
	SETTING_IGNORED = 16,  /* a setting of msmtp without meaning here */
};

enum setting_id {
#define SETTING(name, ...) SETTING_ID_##name,
#include "conf/setting.def"
#undef SETTING
	SETTING_COUNT
};

/* Makes enum setting_protocol { setting_protocol_unset, PROTOCOL_SMTP, PROTOCOL_LMTP } etc. */
#define CHOICE(name, words) enum setting_##name { setting_##name##_unset, words };
#define WORD(enumerator, word) enumerator,
#include "conf/choice.def"
#undef CHOICE
#undef WORD

#define SETTING_MEMBER_TEXT(name) char *name;
#define SETTING_MEMBER_PATH(name) char *name;
#define SETTING_MEMBER_COMMAND(name) char *name;
#define SETTING_MEMBER_LIST(name) char *name;
#define SETTING_MEMBER_SECRET(name) struct secret name;
#define SETTING_MEMBER_BOOL(name) bool name;
#define SETTING_MEMBER_CHOICE(name) enum setting_##name name;
#define SETTING_MEMBER_NUMBER(name) unsigned name;
#define SETTING_MEMBER_PORT(name) unsigned name;
#define SETTING_MEMBER_SECONDS(name) unsigned name;

/* A bit for each setting. */
struct setting_set {
	uint64_t words[SETTING_COUNT / 64 + 1];
};

bool setting_set_has(const struct setting_set *set, enum setting_id id);
void setting_set_add(struct setting_set *set, enum setting_id id);

struct settings {
	struct setting_set set;
#define SETTING(name, type, ...) SETTING_MEMBER_##type(name)
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
enum setting_id setting_id(const struct setting_row *row);
/*
 * The row of that name, or NULL; dashes equal underscores. An old name is known too; its *value is
 * then translated to the current one.
 */
const struct setting_row *setting_find(struct str name, struct str *value);
/* Whether, as an option, it takes its value only after "=", so that none is needed. */
bool setting_is_glued(const struct setting_row *row);
/* The word for an enumerator of a SETTING_CHOICE; empty for 0. */
struct str setting_word(const struct setting_row *row, unsigned choice);
/* The i-th old name and its current name, for the documentation; false after the last. */
bool setting_renamed(size_t i, const char **ret_old, const char **ret_name);
/* The PIN in a PKCS#11 URL (RFC 7512); empty if there is none. */
struct str setting_pin_in(const struct setting_row *row, struct str value);
/* The known name most similar to a wrong one, or NULL. */
const char *setting_nearest(struct str name);

/* The value of `auth`: off or not set; on, which means our ranking; or the name of a mechanism. */
enum settings_auth { SETTINGS_AUTH_OFF, SETTINGS_AUTH_ON, SETTINGS_AUTH_NAMED };
enum settings_auth settings_auth(const struct settings *s);

void settings_done(struct settings *s);
bool settings_has(const struct settings *s, enum setting_id id);
/* Checks and assigns a value; ERR_CONFIG if it is not valid. */
bool settings_assign(
	struct settings *s, const struct setting_row *row, struct str value, struct err *e);
/* Makes the setting not given. */
void settings_clear(struct settings *s, const struct setting_row *row);
/* Replaces settings of *to by those that are given in *from; copies text. */
void settings_merge(struct settings *to, const struct settings *from);
/* Sets defaults that do not depend on other settings; `set` stays unchanged. */
void settings_preset(struct settings *s, bool msmtp);
/* Appends the setting as lines of a file, without empty values; a secret is "(hidden)". */
void settings_write(const struct settings *s, const struct setting_row *row, struct buf *out);
/* Expands "~" and "~/..." to the home folder; copies other paths. The caller frees. */
char *setting_home_path(struct str path) ATTR_NONNULL_RESULT;

#endif

/* SPDX-License-Identifier: MIT */
/*
 * setting - what can be configured: one table, and a struct with a member for each row.
 *
 * A struct settings owns its text; a bit in `set` says that a member was given. Values are checked
 * when they are assigned. Rows are in setting.def. A list is its values, each with '\n' behind it;
 * assigning adds one, no value empties it.
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
	SETTING_LIST,    /* char *: see above */
	SETTING_SECRET,  /* struct secret: never shown */
	SETTING_BOOL,    /* bool: on, off; empty is on */
	SETTING_CHOICE,  /* an enum of choice.def: one of the words of arg */
	SETTING_NUMBER,  /* unsigned */
	SETTING_PORT,    /* unsigned: 1-65535 */
	SETTING_SECONDS, /* unsigned: 0 and off are none */
};

enum { SETTING_LIST_MAX = 32768 }; /* octets of all its values */

enum setting_flags {
	SETTING_RC_ONLY = 1,   /* not on the command line: others can read that */
	SETTING_NO_OPTION = 2, /* has an option of its own making */
	SETTING_BY_OTHERS = 4, /* the default depends on other settings */
	SETTING_GLUED = 8,     /* as an option it takes only a glued value: --auth=plain, --auth */
	SETTING_IGNORED = 16,  /* msmtp's; it has no meaning here */
};

enum setting_id {
#define SETTING(name, ...) SETTING_ID_##name,
#include "conf/setting.def"
#undef SETTING
	SETTING_COUNT
};

/* enum setting_protocol { setting_protocol_unset, PROTOCOL_SMTP, PROTOCOL_LMTP }; and so on */
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
 * The row of that name, old names too, whose value is changed to what it means now; NULL if
 * there is none. Dashes and underscores are the same.
 */
const struct setting_row *setting_find(struct str name, struct str *value);
/* As an option, is the value optional, and only taken when it is glued on? */
bool setting_is_glued(const struct setting_row *row);
/* The word for an enumerator of a CHOICE; empty for 0. */
struct str setting_word(const struct setting_row *row, unsigned choice);
/* Old names, for the documentation: false behind the last. */
bool setting_renamed(size_t i, const char **ret_old, const char **ret_name);
/* The PIN that stands in a PKCS#11 URL (RFC 7512); empty: none does. */
struct str setting_pin_in(const struct setting_row *row, struct str value);
/* The known name nearest to a wrong one, or NULL. */
const char *setting_nearest(struct str name);

/* What `auth` says: nothing or off; on, which is our ranking; or the name of a mechanism. */
enum settings_auth { SETTINGS_AUTH_OFF, SETTINGS_AUTH_ON, SETTINGS_AUTH_NAMED };
enum settings_auth settings_auth(const struct settings *s);

void settings_done(struct settings *s);
bool settings_has(const struct settings *s, enum setting_id id);
bool settings_assign(
	struct settings *s, const struct setting_row *row, struct str value, struct err *e);
/* Not given any more. */
void settings_clear(struct settings *s, const struct setting_row *row);
/* Whatever `from` has replaces what *to has. */
void settings_merge(struct settings *to, const struct settings *from);
/* Gives what is not set its default, unless that depends on others; `set` stays as it is. */
void settings_preset(struct settings *s, bool msmtp);
/* As lines of a file, those for an empty value left out; a secret is "(hidden)". */
void settings_write(const struct settings *s, const struct setting_row *row, struct buf *out);
/* "~" and "~/..." below the home folder; other paths as they are. Yours. */
char *setting_home_path(struct str path) ATTR_NONNULL_RESULT;

#endif

/* SPDX-License-Identifier: MIT */
/*
 * converted - a configuration that is being made from another program's files.
 *
 * Readers of such files say what they find: settings, which are checked as they come, and notes on
 * what has no counterpart, which become comments. What is written parses without a problem
 * (conf/rcfile) and holds what was set, secrets as they are: nothing that is refused gets further
 * than a note. A reader's table says what becomes of each key; what depends on other keys is kept
 * until all were read. Texts of files and kept values are borrowed;
 * no text has a NUL in it.
 */
#ifndef IMPORT_CONVERTED_H
#define IMPORT_CONVERTED_H

#include "conf/setting.h"

enum {
	CONVERTED_ACCOUNTS = 1000, /* what is more is noted, and left out */
	CONVERTED_NOTES = 65536,   /* octets of an account's notes */
	CONVERTED_FILES = 16,
	CONVERTED_KEPT = 24,
};

/* role: the usual name of such a file, whatever this one is called. */
struct converted_file {
	const char *path, *role;
	struct str text;
};

/* Where a text stands; line 0 is the file as a whole, path NULL no place at all. */
struct converted_place {
	const char *path;
	unsigned line;
};

enum converted_tls { CONVERTED_CLEAR, CONVERTED_STARTTLS, CONVERTED_TLS_FIRST };

struct converted_account {
	char *name, *parent; /* parent: whose settings it begins with, or NULL */
	struct settings s;
	enum converted_tls tls;
	struct buf notes;
};

struct converted {
	const struct converted_file *files;
	size_t file_count;
	struct converted_account **accounts;
	size_t count;
	struct buf text;   /* lines that are written as they stand, before the accounts */
	bool has_commands; /* text has lines that run commands, or passwords */
	bool no_smarthost; /* the files name none */
};

/* What converted_write() begins with. */
#define CONVERTED_FIRST_LINE "# A configuration of postrider, made from what "

#define CONVERTED_INIT ((struct converted) { .text = BUF_INIT(16 << 20) })

void converted_done(struct converted *d);
/* The file of that role, or NULL. */
const struct converted_file *converted_find(const struct converted *d, const char *role);
/* Its name is made fit, and unlike the others. NULL: there are too many. */
struct converted_account *converted_account(
	struct converted *d, struct str name, const char *parent);
/* The same rules for a name that is given later. */
void converted_rename(struct converted *d, struct converted_account *a, struct str name);
/* Takes it away again. */
void converted_drop(struct converted *d, size_t number);
/* What cannot be set is noted. */
void converted_set(struct converted_account *a, struct converted_place at, enum setting_id id,
	struct str value);
void converted_note(struct converted_account *a, struct converted_place at, const char *fmt, ...)
	ATTR_PRINTF(3, 4);
/* The line that converted_note() writes. */
void converted_comment(struct buf *out, struct converted_place at, struct str text);
/* "HOST", "HOST:PORT", "[ADDRESS]:PORT"; a port may be a service's name. 0: no port is named. */
unsigned converted_hub(struct converted_account *a, struct converted_place at, struct str hub);
/* How TLS begins and on which port; hosts are known. Only what is no default here is set. */
void converted_way(struct converted_account *a, enum converted_tls tls, unsigned port);
/* A mechanism, unless it would show the password to others; after converted_way(). */
void converted_auth(struct converted_account *a, struct converted_place at, const char *mechanism);
/* The same file holds certificate and key unless that is named. */
void converted_identity(
	struct converted_account *a, struct converted_place at, struct str cert, struct str key);
/* When all is set: an account without a host gets one that says so. */
void converted_finish(struct converted *d, struct converted_account *a);
/* program: whose files they are. */
void converted_write(const struct converted *d, const char *program, struct buf *out);
/* "NAME value", with quotes where the grammar needs them. */
void converted_line(const char *name, struct str value, struct buf *out);

/* What becomes of a key. */
enum converted_act {
	CONVERTED_SETS,  /* its value is that of the setting */
	CONVERTED_KEEPS, /* it is looked at when all were read */
	CONVERTED_TELLS, /* it becomes a comment */
};

struct converted_key {
	const char *name;
	enum converted_act act;
	int id; /* of the setting, or of what is kept */
	const char *note;
};

struct converted_kept {
	bool seen;
	struct str value;
	struct converted_place at;
};

struct converted_keys {
	const struct converted_key *rows;
	size_t count;
	bool any_case;
	struct converted_kept kept[CONVERTED_KEPT];
};

const struct converted_key *converted_key(const struct converted_keys *keys, struct str name);
/* An unknown key is noted; a value that is kept replaces an earlier one. */
void converted_take(struct converted_keys *keys, struct converted_account *a,
	struct converted_place at, struct str name, struct str value);
bool converted_is_yes(const struct converted_kept *kept);
/* The port that a key names; 0: none, or what is none, which is noted. */
unsigned converted_port(
	struct converted_account *a, const struct converted_kept *kept, const char *key);

/* The lines of a text: LF or CRLF, blanks at both ends taken off. */
struct converted_cursor {
	struct converted_place at;
	struct str rest;
};

struct converted_cursor converted_lines(const struct converted_file *file);
bool converted_next(struct converted_cursor *c, struct str *ret_line);

#endif

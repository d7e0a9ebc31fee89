/* SPDX-License-Identifier: MIT */
/*
 * converted - builds our configuration from another program's files.
 *
 * The readers of such files report settings, which are checked at once, and notes about whatever
 * has no counterpart here, which become comments. The result parses without an error (conf/rcfile)
 * and holds what was set, secrets included; a refused value becomes only a note. A reader's table
 * says how to treat each key; values that depend on other keys are kept until all keys were read.
 * Texts of files and kept values are borrowed; no text contains a NUL.
 */
#ifndef IMPORT_CONVERTED_H
#define IMPORT_CONVERTED_H

#include "conf/setting.h"

enum {
	CONVERTED_ACCOUNTS = 1000, /* further accounts are noted and left out */
	CONVERTED_NOTES = 65536,   /* octets of an account's notes */
	CONVERTED_FILES = 16,
	CONVERTED_KEPT = 24,
};

/* role: the usual name of such a file, whatever the name of this one. */
struct converted_file {
	const char *path, *role;
	struct str text;
};

/* The place of a text. line 0: the file as a whole; path NULL: no place. */
struct converted_place {
	const char *path;
	unsigned line;
};

enum converted_tls { CONVERTED_CLEAR, CONVERTED_STARTTLS, CONVERTED_TLS_FIRST };

struct converted_account {
	char *name, *parent; /* parent: the account whose settings it inherits, or NULL */
	struct settings s;
	enum converted_tls tls;
	struct buf notes;
};

struct converted {
	const struct converted_file *files;
	size_t file_count;
	struct converted_account **accounts;
	size_t count;
	struct buf text;   /* lines to write unchanged before the accounts */
	bool has_commands; /* `text` has lines that run commands, or passwords */
	bool no_smarthost; /* the files name no smarthost */
};

/* The first line that converted_write() writes. */
#define CONVERTED_FIRST_LINE "# A configuration of postrider, made from what "

#define CONVERTED_INIT ((struct converted) { .text = BUF_INIT(16 << 20) })

void converted_done(struct converted *d);
/* The file of that role, or NULL. */
const struct converted_file *converted_find(const struct converted *d, const char *role);
/* Adds an account; its name is made valid and unique. NULL if there are too many. */
struct converted_account *converted_account(
	struct converted *d, struct str name, const char *parent);
/* Changes the account's name, by the same rules. */
void converted_rename(struct converted *d, struct converted_account *a, struct str name);
/* Removes an account. */
void converted_drop(struct converted *d, size_t number);
/* Assigns a setting; a value that is refused becomes a note. */
void converted_set(struct converted_account *a, struct converted_place at, enum setting_id id,
	struct str value);
void converted_note(struct converted_account *a, struct converted_place at, const char *fmt, ...)
	ATTR_PRINTF(3, 4);
/* Appends a comment line in the form of converted_note(). */
void converted_comment(struct buf *out, struct converted_place at, struct str text);
/*
 * Sets the host from "HOST", "HOST:PORT" or "[ADDRESS]:PORT" and returns the port, which may be a
 * service's name; 0 if there is none.
 */
unsigned converted_hub(struct converted_account *a, struct converted_place at, struct str hub);
/* Sets how TLS begins and the port, if they differ from our defaults. Hosts must be set before. */
void converted_way(struct converted_account *a, enum converted_tls tls, unsigned port);
/* Sets the mechanism, unless it would expose the password. Call it after converted_way(). */
void converted_auth(struct converted_account *a, struct converted_place at, const char *mechanism);
/* Sets certificate and key; if key is empty, the certificate's file holds it too. */
void converted_identity(
	struct converted_account *a, struct converted_place at, struct str cert, struct str key);
/* Call it when all is set: an account without a host gets a placeholder that says so. */
void converted_finish(struct converted *d, struct converted_account *a);
/* Appends the whole configuration. program: the one whose files were read. */
void converted_write(const struct converted *d, const char *program, struct buf *out);
/* Appends "NAME value", with quotes if the grammar needs them. */
void converted_line(const char *name, struct str value, struct buf *out);

/* How to treat a key. */
enum converted_act {
	CONVERTED_SETS,  /* assign its value to the setting */
	CONVERTED_KEEPS, /* keep its value until all keys were read */
	CONVERTED_TELLS, /* write a comment */
};

struct converted_key {
	const char *name;
	enum converted_act act;
	int id; /* the setting, or the index in `kept` */
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
/* Treats a key by its row. An unknown key is noted; a kept value replaces an earlier one. */
void converted_take(struct converted_keys *keys, struct converted_account *a,
	struct converted_place at, struct str name, struct str value);
bool converted_is_yes(const struct converted_kept *kept);
/* The port that a key gives; 0 if none, or if the value is not a port, which is noted. */
unsigned converted_port(
	struct converted_account *a, const struct converted_kept *kept, const char *key);

/* Iterates over the lines of a text (LF or CRLF), without white space at both ends. */
struct converted_cursor {
	struct converted_place at;
	struct str rest;
};

struct converted_cursor converted_lines(const struct converted_file *file);
bool converted_next(struct converted_cursor *c, struct str *ret_line);

#endif

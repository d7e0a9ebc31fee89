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
	DRAFT_ACCOUNTS = 1000, /* what is more is noted, and left out */
	DRAFT_NOTES = 65536,   /* octets of an account's notes */
	DRAFT_FILES = 16,
	DRAFT_KEPT = 24,
};

/* role: the usual name of such a file, whatever this one is called. */
struct draft_file {
	const char *path, *role;
	struct str text;
};

/* Where a text stands; line 0 is the file as a whole, path NULL no place at all. */
struct draft_place {
	const char *path;
	unsigned line;
};

enum draft_tls { DRAFT_CLEAR, DRAFT_STARTTLS, DRAFT_TLS_FIRST };

struct draft_account {
	char *name, *parent; /* parent: whose settings it begins with, or NULL */
	struct settings s;
	enum draft_tls tls;
	struct buf notes;
};

struct draft {
	const struct draft_file *files;
	size_t file_count;
	struct draft_account **accounts;
	size_t count;
	struct buf text;   /* lines that are written as they stand, before the accounts */
	bool has_commands; /* text has lines that run commands, or passwords */
	bool no_smarthost; /* the files name none */
};

/* What draft_write() begins with. */
#define DRAFT_FIRST_LINE "# A configuration of postrider, made from what "

#define DRAFT_INIT ((struct draft) { .text = BUF_INIT(16 << 20) })

void draft_done(struct draft *d);
/* The file of that role, or NULL. */
const struct draft_file *draft_find(const struct draft *d, const char *role);
/* Its name is made fit, and unlike the others. NULL: there are too many. */
struct draft_account *draft_account(struct draft *d, struct str name, const char *parent);
/* The same rules for a name that is given later. */
void draft_rename(struct draft *d, struct draft_account *a, struct str name);
/* Takes it away again. */
void draft_drop(struct draft *d, size_t number);
/* What cannot be set is noted. */
void draft_set(
	struct draft_account *a, struct draft_place at, enum setting_id id, struct str value);
void draft_note(struct draft_account *a, struct draft_place at, const char *fmt, ...)
	ATTR_PRINTF(3, 4);
/* The line that draft_note() writes. */
void draft_comment(struct buf *out, struct draft_place at, struct str text);
/* "HOST", "HOST:PORT", "[ADDRESS]:PORT"; a port may be a service's name. 0: no port is named. */
unsigned draft_hub(struct draft_account *a, struct draft_place at, struct str hub);
/* How TLS begins and on which port; hosts are known. Only what is no default here is set. */
void draft_way(struct draft_account *a, enum draft_tls tls, unsigned port);
/* A mechanism, unless it would show the password to others; after draft_way(). */
void draft_auth(struct draft_account *a, struct draft_place at, const char *mechanism);
/* The same file holds certificate and key unless that is named. */
void draft_identity(
	struct draft_account *a, struct draft_place at, struct str cert, struct str key);
/* When all is set: an account without a host gets one that says so. */
void draft_finish(struct draft *d, struct draft_account *a);
/* program: whose files they are. */
void draft_write(const struct draft *d, const char *program, struct buf *out);
/* "NAME value", with quotes where the grammar needs them. */
void draft_line(const char *name, struct str value, struct buf *out);

/* What becomes of a key. */
enum draft_act {
	DRAFT_SETS,  /* its value is that of the setting */
	DRAFT_KEEPS, /* it is looked at when all were read */
	DRAFT_TELLS, /* it becomes a comment */
};

struct draft_key {
	const char *name;
	enum draft_act act;
	int id; /* of the setting, or of what is kept */
	const char *note;
};

struct draft_kept {
	bool seen;
	struct str value;
	struct draft_place at;
};

struct draft_keys {
	const struct draft_key *rows;
	size_t count;
	bool any_case;
	struct draft_kept kept[DRAFT_KEPT];
};

const struct draft_key *draft_key(const struct draft_keys *keys, struct str name);
/* An unknown key is noted; a value that is kept replaces an earlier one. */
void draft_take(struct draft_keys *keys, struct draft_account *a, struct draft_place at,
	struct str name, struct str value);
bool draft_is_yes(const struct draft_kept *kept);
/* The port that a key names; 0: none, or what is none, which is noted. */
unsigned draft_port(struct draft_account *a, const struct draft_kept *kept, const char *key);

/* The lines of a text: LF or CRLF, blanks at both ends taken off. */
struct draft_cursor {
	struct draft_place at;
	struct str rest;
};

struct draft_cursor draft_lines(const struct draft_file *file);
bool draft_next(struct draft_cursor *c, struct str *ret_line);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * aliases - parses an aliases file: its entries, and the targets of an entry.
 *
 *   entry  = name ":" target *("," target)
 *   target = address / name / "\" name / ":include:" path
 *
 * A line that begins with white space continues the line above. Names and targets may be in double
 * quotes. A "#" where a word could begin starts a comment, up to the end of the line. Names are
 * case-insensitive. If a name comes twice the first counts; a name with a domain is ignored. An
 * included file holds only targets, on one line or on many. Commands and files ("|command", /file)
 * are refused as targets: no mail is written to them.
 *
 * aliases_read() checks only the names; a bad one is reported, and the other entries are kept.
 * Linear time. All text is borrowed.
 */
#ifndef MAIL_ALIASES_H
#define MAIL_ALIASES_H

#include "base/lookup.h"
#include "mail/addr.h"

enum { ALIAS_ITEM_MAX = 4096 }; /* octets of one target */

/* For mail/alias_expand: the state of an entry, inside or outside of `default`. */
struct alias_walk {
	unsigned mark, height;
};

struct alias {
	struct str name, targets;   /* the name in wire form (mail/addr) */
	char *copy;                 /* owns the name if it differs from the file's text; or NULL */
	unsigned line;              /* the line where the targets begin */
	struct alias_walk walks[2]; /* outside and inside of `default` */
};

struct aliases {
	const char *file; /* its name, for errors */
	struct alias *rows;
	size_t count, cap;
	struct lookup names; /* private */
	unsigned run;        /* for mail/alias_expand */
};

/* Called with each problem, as "file:line: ...". A warning concerns a line that is ignored. */
typedef void alias_report(void *ctx, bool warning, const struct err *problem);

void aliases_read(
	struct aliases *ret, const char *file, struct str text, alias_report *tell, void *ctx);
void aliases_done(struct aliases *a);
/* The entry of a name in wire form, or NULL. */
struct alias *aliases_find(const struct aliases *a, struct str name);

/* A position in the targets of an entry or of an included file. */
struct alias_list {
	const char *file;
	struct str rest;
	unsigned line, item_line; /* line numbers of rest, and of the last target read */
	bool by_line;             /* the end of a line separates targets too */
};

enum alias_got { ALIAS_END, ALIAS_ADDRESS, ALIAS_INCLUDE, ALIAS_BAD };

struct alias_target {
	struct addr addr;
	bool last;       /* it has a backslash in front: do not look it up */
	struct buf item; /* the path of an included file */
};

#define ALIAS_TARGET_INIT                        \
	{                                        \
		.item = BUF_INIT(ALIAS_ITEM_MAX) \
	}

/* Reads the next target. ALIAS_BAD: *e says why, without the place; the next one can be read. */
enum alias_got alias_next(struct alias_list *list, struct alias_target *ret, struct err *e);
void alias_target_done(struct alias_target *t);
/* Refuses a bare name that begins like a command or a file. */
bool alias_check_bare(const struct addr *a, struct err *e);

#endif

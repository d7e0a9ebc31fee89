/* SPDX-License-Identifier: MIT */
/*
 * aliases - the text of a file of aliases: its entries, and the targets of an entry.
 *
 *   entry  = name ":" target *("," target)   ; a line that begins with a blank goes on the one
 * above target = address / name / "\" name / ":include:" path
 *
 * Names and targets may stand in double quotes. A "#" where a word could begin starts a comment, up
 * to the end of the line. Names have no case; one that is there twice counts the first time, one
 * with a domain never. An included file has targets alone, on one line or on many. Commands and
 * files ("|command", /file) are no targets here: mail is not written to them.
 *
 * Reading the entries looks at the names alone; an error in one is reported and the others stay.
 * Linear time. Texts are borrowed.
 */
#ifndef MAIL_ALIASES_H
#define MAIL_ALIASES_H

#include "mail/addr.h"

enum { ALIAS_ITEM_MAX = 4096 }; /* octets of one target */

/* For mail/alias_expand: what is known of an entry in one of the two places where it can stand. */
struct alias_walk {
	unsigned mark, height;
};

struct alias {
	struct str name, targets;   /* the name in wire form (mail/addr) */
	char *copy;                 /* of the name, where it is not as in the file; or NULL */
	unsigned line;              /* where the targets begin */
	struct alias_walk walks[2]; /* outside and inside of `default` */
};

struct aliases {
	const char *file; /* its name, for errors */
	struct alias *rows;
	size_t count, cap;
	uint32_t *slots; /* hash table of positions + 1; private */
	size_t slot_count;
	unsigned run; /* for mail/alias_expand */
};

/* Gets each problem, as "file:line: ...". A warning is about a line that is ignored. */
typedef void alias_report(void *ctx, bool warning, const struct err *problem);

void aliases_read(
	struct aliases *ret, const char *file, struct str text, alias_report *tell, void *ctx);
void aliases_done(struct aliases *a);
/* The entry of a name in wire form, or NULL. */
struct alias *aliases_find(const struct aliases *a, struct str name);

/* The targets of an entry or of an included file. */
struct alias_list {
	const char *file;
	struct str rest;
	unsigned line, item_line; /* of rest; of the target that was read last */
	bool by_line;             /* the end of a line separates them too */
};

enum alias_got { ALIAS_END, ALIAS_ADDRESS, ALIAS_INCLUDE, ALIAS_BAD };

struct alias_target {
	struct addr addr;
	bool last;       /* it stood behind a backslash: not to be looked up */
	struct buf item; /* the path of an included file */
};

#define ALIAS_TARGET_INIT                        \
	{                                        \
		.item = BUF_INIT(ALIAS_ITEM_MAX) \
	}

/* ALIAS_BAD: *e says why, without the place; reading on is possible. */
enum alias_got alias_next(struct alias_list *list, struct alias_target *ret, struct err *e);
void alias_target_done(struct alias_target *t);
/* What has no domain and begins as a command or a file does is no address. */
bool alias_check_bare(const struct addr *a, struct err *e);

#endif

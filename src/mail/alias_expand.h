/* SPDX-License-Identifier: MIT */
/*
 * alias_expand - whom a name stands for, by a file of aliases.
 *
 * A target that is a name without a domain, or at one of this host's names, is looked up in turn:
 * but not behind a "\", and not if it is the name whose alias it stands in. The targets of
 * `default` are for names without a domain that have no alias of their own; in what those targets
 * stand for such a name is whom the mail is for, and what led there is no loop. A target at this
 * host that leads no further stands for its bare name. Included files are the caller's to read.
 *
 * ERR_CONFIG with "file:line: " in front: what mail/aliases does not take, a loop (all of it is
 * named), an entry or included file without targets, and what is beyond the limits. An entry is
 * walked once for a name, and once more inside of `default`, however often it is met: the time is
 * linear.
 */
#ifndef MAIL_ALIAS_EXPAND_H
#define MAIL_ALIAS_EXPAND_H

#include "mail/aliases.h"

enum {
	ALIAS_EXPAND_DEPTH = 10,         /* of aliases and included files below each other */
	ALIAS_EXPAND_RESULTS = 10000,    /* of one name */
	ALIAS_EXPAND_INCLUDES = 1000,    /* files included for one name */
	ALIAS_EXPAND_FILE_MAX = 16 << 20 /* octets of an included file */
};

/* What is asked of the caller. */
struct alias_expand_options {
	const char *const *hosts; /* the names of this host, NULL behind the last */
	bool (*include)(void *ctx, const char *path, struct buf *ret, struct err *e);
	/* Whom the name stands for, one at a time, bare or not; some may come twice. */
	bool (*take)(void *ctx, const struct addr *a, struct err *e);
	alias_report *tell; /* for alias_expand_check() */
	void *ctx;
};

/* A name without a domain, or one at one of these hosts: aliases are for nobody else. */
bool alias_expand_applies(const struct addr *a, const char *const *hosts);
/* A name without an alias stands for itself as it is, also one at this host. */
bool alias_expand(struct aliases *a, const struct addr *name, const struct alias_expand_options *t,
	struct err *e);
/*
 * Tells everything that is wrong with any entry, once, in whatever order they stand; take() is not
 * called. More than ALIAS_EXPAND_RESULTS are told of an entry that names them itself.
 */
void alias_expand_check(struct aliases *a, const struct alias_expand_options *t);

#endif

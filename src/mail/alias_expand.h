/* SPDX-License-Identifier: MIT */
/*
 * alias_expand - the addresses that a name stands for, by a file of aliases.
 *
 * The targets of a name's entry are looked up in turn, until only addresses are left. A target is
 * looked up if it has no domain, or if its domain is one of this host's names. It is not looked up
 * if a "\" stands before it in the file, or if it is the name of the entry that it stands in. A
 * target at this host that has no entry becomes its bare name. Included files are read by the
 * caller.
 *
 * The entry `default` is for bare names without an entry of their own. Below it such names are not
 * looked up again: they are addresses there. So an entry can be met twice, once below `default` and
 * once elsewhere, and the two are kept apart.
 *
 * Errors are ERR_CONFIG and begin with "file:line: ". They are: what mail/aliases does not accept,
 * a loop (all its names are listed), an entry or included file without targets, and anything beyond
 * the limits below. Each entry is expanded at most once for a name in each of the two places, so
 * that the time is linear in the size of the files.
 */
#ifndef MAIL_ALIAS_EXPAND_H
#define MAIL_ALIAS_EXPAND_H

#include "mail/aliases.h"

enum {
	ALIAS_EXPAND_DEPTH = 10,         /* entries and included files below each other */
	ALIAS_EXPAND_RESULTS = 10000,    /* addresses of one name */
	ALIAS_EXPAND_INCLUDES = 1000,    /* files included for one name */
	ALIAS_EXPAND_FILE_MAX = 16 << 20 /* octets of an included file */
};

/* What the caller does. */
struct alias_expand_options {
	const char *const *hosts; /* the names of this host, followed by NULL */
	bool (*include)(void *ctx, const char *path, struct buf *ret, struct err *e);
	/* Gets the addresses one at a time, bare or not; the same one may come twice. */
	bool (*take)(void *ctx, const struct addr *a, struct err *e);
	alias_report *tell; /* for alias_expand_check() */
	void *ctx;
};

/* Is the address a bare name, or at one of these hosts? Only then it can have an alias. */
bool alias_expand_applies(const struct addr *a, const char *const *hosts);
/* A name without an entry is passed to take() as it is, also one at this host. */
bool alias_expand(struct aliases *a, const struct addr *name, const struct alias_expand_options *t,
	struct err *e);
/*
 * Reports everything that is wrong with any entry, each problem once, whatever their order; take()
 * is not called. Too many addresses are reported for the entry that lists them itself.
 */
void alias_expand_check(struct aliases *a, const struct alias_expand_options *t);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * alias_expand - finds the addresses that a name stands for in an aliases file.
 *
 * The targets of a name's entry are looked up in turn until only addresses are left. A target is
 * looked up if it has no domain, or if its domain is one of this host's names; but not if the file
 * has a "\" before it, or if it is the name of the entry that lists it. A target at this host
 * without an entry becomes a bare name. The caller reads included files.
 *
 * The entry `default` is used for bare names without an entry. Within its expansion such names
 * are not looked up again, but count as addresses. An entry can therefore be reached in two ways,
 * inside and outside the expansion of `default`, which are kept apart.
 *
 * Errors are ERR_CONFIG and begin with "file:line: ": text that mail/aliases does not accept, a
 * loop (all its names are listed), an entry or included file without targets, and a limit exceeded.
 * Each entry is expanded at most once for a name in each of the two ways, so the time is linear in
 * the size of the files.
 */
#ifndef MAIL_ALIAS_EXPAND_H
#define MAIL_ALIAS_EXPAND_H

#include "mail/aliases.h"

enum {
	ALIAS_EXPAND_DEPTH = 10,         /* nested entries and included files */
	ALIAS_EXPAND_RESULTS = 10000,    /* addresses of one name */
	ALIAS_EXPAND_INCLUDES = 1000,    /* files included for one name */
	ALIAS_EXPAND_FILE_MAX = 16 << 20 /* octets of an included file */
};

/* What the caller provides. */
struct alias_expand_options {
	const char *const *hosts; /* the names of this host, followed by NULL */
	bool (*include)(void *ctx, const char *path, struct buf *ret, struct err *e);
	/* Called with each address, bare or not; the same one may come twice. */
	bool (*take)(void *ctx, const struct addr *a, struct err *e);
	alias_report *tell; /* for alias_expand_check() */
	void *ctx;
};

/* Whether the address is bare or at one of these hosts; only such an address can have an alias. */
bool alias_expand_applies(const struct addr *a, const char *const *hosts);
/* Expands a name; a name without an entry is passed to take() unchanged, even one at this host. */
bool alias_expand(struct aliases *a, const struct addr *name, const struct alias_expand_options *t,
	struct err *e);
/*
 * Reports all problems of all entries to tell(), each once, whatever their order. take() is not
 * called. Too many addresses are reported only if one entry itself lists them.
 */
void alias_expand_check(struct aliases *a, const struct alias_expand_options *t);

#endif

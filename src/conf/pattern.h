/* SPDX-License-Identifier: MIT */
/*
 * pattern - expands and matches addresses and names as configurations write them.
 *
 * %U is the login name, %H this host's name, %C its canonical name (which is looked up), %M the
 * first line of /etc/mailname, %F the address in the header's From field; %% is a '%', and any
 * other letter stays as it is. In an address `*`, `?` and [...] are wildcards.
 */
#ifndef CONF_PATTERN_H
#define CONF_PATTERN_H

#include "base/err.h"

/* The caller frees; NULL with ERR_CONFIG if a value is unknown. header_from: NULL if not known. */
char *pattern_expand(const char *text, const char *header_from, struct err *e);
/* Whether text has a wildcard, and so stands for more than one address. */
bool pattern_is_wild(struct str text);
/* Whether an expanded pattern matches, without regard to case and to a sender's "+detail". */
bool pattern_matches(const char *pattern, const char *sender);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * pattern - addresses and names as configurations write them.
 *
 * %U is the login name, %H this host's name, %C its canonical name (which is looked up), %M the
 * first line of /etc/mailname, %F the address in the header's From field; %% is a '%', and any
 * other letter stays as it is. In an address `*`, `?` and [...] are wildcards.
 */
#ifndef CONF_PATTERN_H
#define CONF_PATTERN_H

#include "base/err.h"

/* Yours; NULL with *e if a value is not known (ERR_CONFIG). header_from: NULL while not known. */
char *pattern_expand(const char *text, const char *header_from, struct err *e);
/* Does it stand for more than one address? */
bool pattern_is_wild(struct str text);
/* Does an expanded pattern fit? Case does not matter, and the "+detail" of a sender neither. */
bool pattern_matches(const char *pattern, const char *sender);

#endif

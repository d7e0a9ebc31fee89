/* SPDX-License-Identifier: MIT */
/*
 * netrc - the passwords in a .netrc file.
 *
 *   file   = *( "machine" name / "default" / "login" name / "password" name / "account" name /
 *               "macdef" name *line )
 *
 * Words are separated by white space. A word may be in double quotes, in which a backslash escapes
 * the next character. A "#" in place of a keyword starts a comment, up to the end of the line. A
 * macro ends at the next empty line. Unknown words are skipped.
 */
#ifndef CRED_NETRC_H
#define CRED_NETRC_H

#include "base/mem.h"
#include "base/str.h"

/*
 * Finds the password of the first entry for that machine (case-insensitive) or "default", with that
 * login name. False if there is none; *ret does not change then.
 */
bool netrc_find(struct str text, struct str machine, struct str login, struct secret *ret);

#endif

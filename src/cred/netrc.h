/* SPDX-License-Identifier: MIT */
/*
 * netrc - the passwords in a .netrc file.
 *
 *   file   = *( "machine" name / "default" / "login" name / "password" name / "account" name /
 *               "macdef" name *line )
 *
 * Words stand between blanks and line ends; one may stand in double quotes, where a backslash makes
 * the next character an ordinary one. A comment is "#" where a keyword may stand, up to the end of
 * the line. A macro goes on to the next empty line. Unknown words are passed over.
 */
#ifndef CRED_NETRC_H
#define CRED_NETRC_H

#include "base/mem.h"
#include "base/str.h"

/*
 * The password of the first entry for that machine (without case) or "default" with that login
 * name. False when there is none; ret is unchanged then.
 */
bool netrc_find(struct str text, struct str machine, struct str login, struct secret *ret);

#endif

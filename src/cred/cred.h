/* SPDX-License-Identifier: MIT */
/*
 * cred - the password of an account: the first source that has it.
 *
 * Sources are rows, tried in order: what was configured, the first line of a file, the output of a
 * command, the person at the terminal, if there is one. A source that is configured and fails is an
 * error (ERR_CONFIG, or what the command says), never a reason to try the next: a stale password
 * locks accounts. A file must be ours or root's, with no way for others to change it, and ours must
 * not be open to group or others.
 */
#ifndef CRED_CRED_H
#define CRED_CRED_H

#include "base/err.h"
#include "base/mem.h"

enum { CRED_SECONDS = 120 }; /* for a command, since gpg and keyrings ask people; for a person */

struct cred_terms {
	const struct secret *password;
	const char *password_file, *passwordeval; /* NULL or "": none */
	const char *user, *host; /* for the question at the terminal; a socket's path is fine */
};

bool cred_find(const struct cred_terms *terms, struct secret *ret, struct err *e);

#endif

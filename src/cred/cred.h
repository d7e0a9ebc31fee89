/* SPDX-License-Identifier: MIT */
/*
 * cred - the password of an account: the first source that has it.
 *
 * Sources are rows, tried in order: what was configured, the output of a command. A source that is
 * configured and fails is an error, never a reason to try the next: a stale password locks
 * accounts.
 */
#ifndef CRED_CRED_H
#define CRED_CRED_H

#include "base/err.h"
#include "base/mem.h"

enum { CRED_HELPER_SECONDS = 120 }; /* gpg and keyrings ask people */

struct cred_terms {
	const struct secret *password;
	const char *passwordeval; /* NULL or "": none */
};

bool cred_find(const struct cred_terms *terms, struct secret *ret, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * cred - the secret of an account, a password or a token: the first source that has it.
 *
 * Sources are rows, tried in order: what was configured, the first line of a file, the output of a
 * command; what systemd has given us (a file postrider.ACCOUNT or postrider in
 * $CREDENTIALS_DIRECTORY); the keyring, where there is a session bus (secret-tool, with the
 * attributes host, service smtp, user); ~/.netrc and /etc/netrc; the person at the terminal, if
 * there is one.
 *
 * A source that is configured, or has an entry for us, and fails is an error (ERR_CONFIG, or what
 * the command says), never a reason to try the next: a stale password locks accounts. A file must
 * be ours or root's, with no way for others to change it, and ours must not be open to group or
 * others.
 */
#ifndef CRED_CRED_H
#define CRED_CRED_H

#include "base/err.h"
#include "base/err.h"
#include "base/mem.h"

#include <time.h>

enum {
	CRED_SECONDS = 120, /* for a command, since gpg and keyrings ask people; for a person */
	CRED_KEYRING_SECONDS = 5, /* since it was not asked for */
};

struct cred_options {
	const struct secret *password;
	const char *password_file, *passwordeval; /* NULL or "": none */
	const char *account;                      /* its name, maybe "" */
	const char *user, *host;                  /* whose, where; a socket's path is fine */
	const char *home;                         /* the folder of .netrc; NULL: none */
	bool token;                               /* words for people: it is a token */
	bool optional; /* it may be missing, and then ret is empty: no question is asked */
};

/* Where a secret came from; the order is that in which the sources are tried. */
enum cred_source {
	CRED_NONE,
	CRED_SETTING, /* the line password */
	CRED_FILE,    /* password_file */
	CRED_COMMAND, /* passwordeval */
	CRED_SYSTEMD,
	CRED_KEYRING,
	CRED_NETRC,        /* ~/.netrc */
	CRED_SYSTEM_NETRC, /* /etc/netrc */
	CRED_TERMINAL,
	CRED_SOURCES
};

struct cred {
	struct secret secret;
	enum cred_source source; /* CRED_NONE: there is no secret */
	bool token;              /* an access token (RFC 6750), and no password */
	time_t expires;          /* of a token whose end is known; 0: it is not known */
};

/* *ret is to be zero. True without a secret only if that is optional. */
bool cred_find(const struct cred_options *options, struct cred *ret, struct err *e);
void cred_done(struct cred *c);
/* "the line password_file", for messages to people. */
const char *cred_source_name(enum cred_source source);

#endif

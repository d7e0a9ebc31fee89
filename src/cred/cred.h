/* SPDX-License-Identifier: MIT */
/*
 * cred - finds an account's secret, a password or a token, in the first source that has it.
 *
 * Sources are table rows, tried in order: the setting password, the first line of password_file,
 * the output of passwordeval; a systemd credential (the file postrider.ACCOUNT or postrider in
 * $CREDENTIALS_DIRECTORY); the keyring, if there is a session bus (secret-tool, with the attributes
 * host, service smtp, user); ~/.netrc and /etc/netrc; a prompt at the terminal, if there is one.
 *
 * If a source is configured, or has an entry for us, and fails, that is an error (ERR_CONFIG, or
 * the command's own) and the next source is not tried, because a stale password can lock an
 * account. A file must belong to us or to root and be safe from changes by others; if it is ours,
 * group and others must not be able to read it.
 */
#ifndef CRED_CRED_H
#define CRED_CRED_H

#include "base/err.h"
#include "base/mem.h"

#include <time.h>

enum {
	CRED_SECONDS = 120,       /* for a prompt, and for a command, which may prompt too (gpg) */
	CRED_KEYRING_SECONDS = 5, /* less, because the keyring was not configured */
};

struct cred_options {
	const struct secret *password;
	const char *password_file, *passwordeval; /* NULL or "": none */
	const char *account;                      /* the account's name, perhaps "" */
	const char *user, *host;                  /* of the login; host may be a socket's path */
	const char *home;                         /* the folder of .netrc; NULL: none */
	bool by_option; /* password_file or passwordeval was given on the command line */
	bool token;     /* messages to people call it a token */
	bool optional;  /* the secret may be missing: no prompt, and *ret stays empty */
};

/* Where a secret came from, in the order in which the sources are tried. */
enum cred_source {
	CRED_NONE,
	CRED_SETTING, /* the setting password */
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
	bool token;              /* an access token (RFC 6750), not a password */
	time_t expires;          /* when the token expires; 0: not known */
};

/* *ret must be all zero. If the secret is optional, true may also mean that there is none. */
bool cred_find(const struct cred_options *options, struct cred *ret, struct err *e);
void cred_done(struct cred *c);
/*
 * Whether a .netrc file that has the secret may be used: others may neither change it nor, if it is
 * ours, read it. A systemd credential is checked likewise. *ret_nowhere: no source has the secret,
 * and there is no keyring that could, so only a person at a terminal can give it. Nothing is run
 * and nobody is asked.
 */
bool cred_check_netrc(const struct cred_options *options, bool *ret_nowhere, struct err *e);
/*
 * The source for messages to people, such as "the line password_file". by_option: it was given on
 * the command line.
 */
const char *cred_source_name(enum cred_source source, bool by_option);

#endif

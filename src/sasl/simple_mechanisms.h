/* SPDX-License-Identifier: MIT */
/*
 * simple_mechanisms - the mechanisms that send configured values unchanged: PLAIN (RFC 4616),
 * LOGIN, EXTERNAL (RFC 4422 appendix A), OAUTHBEARER (RFC 7628) and XOAUTH2.
 *
 * They compute nothing and need no library, which might copy secrets. Their messages, before
 * base64, hold secrets: wipe them. sasl/sasl calls them.
 */
#ifndef SASL_SIMPLE_MECHANISMS_H
#define SASL_SIMPLE_MECHANISMS_H

#include "base/buf.h"
#include "base/mem.h"

struct sasl_options {
	const char *user;            /* may be "" if no secret is needed */
	const struct secret *secret; /* the password or token */
	const char *only;   /* "scram" or a mechanism's name, in any case; NULL: our ranking */
	const char *realm;  /* the domain for NTLM; NULL: none */
	const char *source; /* where the secret is from, as "~/.netrc"; or NULL */
};

/* The server, and the connection to it. */
struct sasl_peer {
	const char *host;
	unsigned port;
	/* Whether the server offers the mechanism. */
	bool (*offers)(const void *ctx, struct str mech);
	/* Appends channel binding data in base64 (RFC 5929, 9266); false if there is none. */
	bool (*binding)(const void *ctx, bool unique, struct buf *ret);
	const void *ctx;
};

/* Appends our message of that step, which counts from 0. */
typedef void mech_say(const struct sasl_options *options, const struct sasl_peer *peer,
	unsigned step, struct buf *out);

mech_say mech_plain, mech_login, mech_external, mech_oauthbearer, mech_xoauth2;

/*
 * A challenge of OAUTHBEARER or XOAUTH2 says in JSON why the token was refused (RFC 7628 section
 * 3.2.2). Appends its status to out, printable. The answer to it is one octet (OAUTHBEARER) or
 * empty.
 */
void mech_oauth_status(struct str json, struct buf *out);

/* Whether text has the form of a token (RFC 6750 section 2.1). */
bool mech_is_token(struct str text);

#endif

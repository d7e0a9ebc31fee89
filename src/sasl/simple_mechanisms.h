/* SPDX-License-Identifier: MIT */
/*
 * simple_mechanisms - mechanisms whose messages are made of what is configured: PLAIN (RFC 4616),
 * LOGIN, EXTERNAL (RFC 4422 appendix A), OAUTHBEARER (RFC 7628) and XOAUTH2.
 *
 * They compute nothing, so no library makes copies of secrets for them. The text is what goes into
 * base64; it holds secrets: wipe it. sasl/sasl drives them.
 */
#ifndef SASL_SIMPLE_MECHANISMS_H
#define SASL_SIMPLE_MECHANISMS_H

#include "base/buf.h"
#include "base/mem.h"

struct sasl_options {
	const char *user;            /* may be "" where no secret is needed */
	const struct secret *secret; /* the password, or a token */
	const char *only;  /* "scram" or a mechanism's name, any case; NULL: our ranking */
	const char *realm; /* of NTLM; NULL: none */
};

/* The server, and the connection to it. */
struct sasl_peer {
	const char *host;
	unsigned port;
	bool (*offers)(const void *ctx, struct str mech);
	/* Channel binding data in base64 (RFC 5929, 9266); false: there is none, or no TLS. */
	bool (*binding)(const void *ctx, bool unique, struct buf *ret);
	const void *ctx;
};

/* What is said in that step, from 0 on. */
typedef void mech_say(const struct sasl_options *options, const struct sasl_peer *peer,
	unsigned step, struct buf *out);

mech_say mech_plain, mech_login, mech_external, mech_oauthbearer, mech_xoauth2;

/*
 * A challenge of the last two says why the token was refused, in JSON (RFC 7628 section 3.2.2): its
 * status is put into out, printable. It is answered by one octet (OAUTHBEARER) or by none.
 */
void mech_oauth_status(struct str json, struct buf *out);

/* Can this be a token (RFC 6750 section 2.1)? */
bool mech_is_token(struct str text);

#endif

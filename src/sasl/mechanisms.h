/* SPDX-License-Identifier: MIT */
/*
 * mechanisms - the mechanisms that are known here, what each needs, and which one is used.
 *
 * Without a choice of the account, the first of our ranking that both sides have is used. The
 * ranking is for a password over verified TLS: PLAIN, LOGIN, then SCRAM (RFC 5802, 7677), bound to
 * the channel where that can be done. "scram" stands for the strongest SCRAM of both sides: it
 * never shows the password. All other mechanisms are used only where the account names them.
 */
#ifndef SASL_MECHANISMS_H
#define SASL_MECHANISMS_H

#include "base/err.h"
#include "sasl/simple_mechanisms.h"
#include "tls/hash.h"

enum mech_flags {
	MECH_FIRST = 1,      /* it has an initial response */
	MECH_PREPARED = 2,   /* user and password go through SASLprep */
	MECH_SCRAM = 4,      /* SCRAM, which is safe with any server */
	MECH_PLUS = 8,       /* bound to the channel */
	MECH_NAMED = 16,     /* used only if the user names it */
	MECH_ASKED = 32,     /* the server's challenge must not be empty */
	MECH_TOKEN = 64,     /* the secret is a token */
	MECH_EXTERNAL = 128, /* the secret is the key of our certificate */
	MECH_GSSAPI = 256,   /* the library finds the secret, a ticket */
};

struct mech {
	const char *name;
	unsigned flags; /* enum mech_flags */
	mech_say *say;  /* of simple_mechanisms; NULL: GNU SASL has it */
	unsigned steps; /* of say */
	enum hash hash; /* of SCRAM */
};

/* Whether mech is "scram" or the name of a mechanism here, in any case. */
bool mech_is_known(struct str mech);
/* Appends all these names, in lower case, for people. */
void mech_list(struct buf *out);
/* NULL: there is none of that name. */
const struct mech *mech_find(struct str name);

enum mech_wants {
	MECH_WANTS_PASSWORD,
	MECH_WANTS_TOKEN,
	MECH_WANTS_CERTIFICATE,
	MECH_WANTS_TICKET
};
/* What the mechanism uses to prove who we are. only: as in struct sasl_options. */
enum mech_wants mech_wants(const char *only);
/* Whether it sends nothing that helps any server to guess the password. */
bool mech_is_safe(const char *only);

/* The first mechanism that may be used, if all that may be used need SASLprep; otherwise NULL. */
const struct mech *mech_first_prepared(const char *only);
/*
 * The mechanism to use with this server. Those in `tried`, names with blanks between, are left out.
 * NULL with ERR_NOPERM if there is none.
 */
const struct mech *mech_choose(const struct sasl_options *options, const struct sasl_peer *peer,
	const char *tried, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * sasl - one authentication exchange with GNU SASL (RFC 4422, 4616).
 *
 * The caller names the mechanisms that the server offers; sasl_start() takes the first of our own
 * ranking that both have: with a password over verified TLS, PLAIN, then LOGIN. A mechanism that is
 * named is taken alone. Text goes in and out in base64, as SMTP carries it. Answers hold secrets:
 * wipe them.
 */
#ifndef SYS_SASL_H
#define SYS_SASL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

enum { SASL_ANSWER_MAX = 12000 }; /* what an AUTH line has room for (RFC 4954 section 4) */

struct sasl_terms {
	const char *user;
	const struct secret *password;
	const char *only; /* a mechanism's name, any case; NULL: our ranking */
};

struct sasl;

/* Is there a mechanism of this name here? */
bool sasl_knows(struct str mech);
/* offered(ctx, mech) says what the server has; a mechanism in `tried` (may be "") is left out. */
struct sasl *sasl_start(const struct sasl_terms *terms,
	bool (*offered)(const void *ctx, struct str mech), const void *ctx, const char *tried,
	struct err *e);
void sasl_free(struct sasl *s);

const char *sasl_mech(const struct sasl *s);
bool sasl_sends_first(const struct sasl *s); /* it has an initial response */
/* The answer to a challenge, or the initial response (challenge empty). */
bool sasl_step(struct sasl *s, struct str challenge, struct buf *ret_answer, struct err *e);
/* Nothing is left to say or to check: a success of the server may be believed. */
bool sasl_is_complete(const struct sasl *s);

const char *sasl_library_version(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * sasl - one authentication exchange with GNU SASL (RFC 4422, 4616, 5802, 7677, 2195).
 *
 * The caller names the mechanisms that the server offers; sasl_start() takes the first of our own
 * ranking that both have. The ranking is for a password over verified TLS: PLAIN, LOGIN, then
 * SCRAM. "scram" stands for the strongest SCRAM of both sides: it never shows the password, and a
 * success counts only once the server has proved that it knows it, too. CRAM-MD5 is used only when
 * it is named. No mechanism here has a security layer.
 *
 * Text goes in and out in base64, as SMTP carries it. Answers hold secrets: wipe them. Copies that
 * the library makes are freed with the exchange and not wiped. What a server does wrong is
 * ERR_NOPERM; a user or password that cannot be carried is ERR_CONFIG.
 */
#ifndef SYS_SASL_H
#define SYS_SASL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

enum {
	SASL_ANSWER_MAX = 12000, /* base64; what an AUTH line has room for (RFC 4954 section 4) */
	SASL_CREDENTIALS_MAX = SASL_ANSWER_MAX / 4 * 3 - 2, /* octets of user and password */
};

struct sasl_terms {
	const char *user;
	const struct secret *password;
	const char *only; /* "scram" or a mechanism's name, any case; NULL: our ranking */
};

struct sasl;

/* Is this "scram" or the name of a mechanism here? */
bool sasl_knows(struct str mech);
/* All of these names, in small letters, for people. */
void sasl_list(struct buf *out);
/*
 * Before anything is connected: can user and password be carried at all? They are UTF-8 without
 * NUL, 0x01, CR and LF, not too long, and, where only such mechanisms may be used, pass SASLprep
 * (RFC 4013).
 */
bool sasl_check(const struct sasl_terms *terms, struct err *e);

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

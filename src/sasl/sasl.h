/* SPDX-License-Identifier: MIT */
/*
 * sasl - one authentication exchange (RFC 4422), by a mechanism of ours (sasl/simple_mechanisms) or
 * of GNU SASL.
 *
 * sasl_start() takes the mechanism that sasl/mechanisms chooses. A success with SCRAM counts only
 * once the server has proved that it knows the password, too. No mechanism here has a security
 * layer.
 *
 * Text goes in and out in base64, as SMTP carries it. Answers hold secrets: wipe them. The
 * library's copies of what SCRAM derives from a password, and of the passwords of CRAM-MD5,
 * DIGEST-MD5 and NTLM, are freed with the exchange, but not wiped. A mistake of the server is
 * ERR_NOPERM; a user or a secret that cannot be carried is ERR_CONFIG.
 */
#ifndef SASL_SASL_H
#define SASL_SASL_H

#include "base/clock.h"
#include "base/err.h"
#include "sasl/mechanisms.h"

enum {
	SASL_ANSWER_MAX =
		12000, /* octets of base64 that fit into an AUTH line (RFC 4954 section 4) */
	SASL_CREDENTIALS_MAX =
		SASL_ANSWER_MAX / 4 * 3 - 2, /* octets of user and password together */
};

struct sasl;

/*
 * Checks, before any connection, that user and secret can be sent: they must be UTF-8 without NUL,
 * 0x01, CR and LF, and not too long. If only mechanisms with SASLprep (RFC 4013) may be used, they
 * must pass that too.
 */
bool sasl_check(const struct sasl_options *options, struct err *e);

/*
 * Prepares GSSAPI (RFC 4752), which must read files and ask other servers before its first message.
 * Call it before the connection is made. NULL with ERR_TEMPORARY, or ERR_TIMEOUT at the deadline.
 */
struct sasl *sasl_prepare(
	const struct sasl_options *options, const char *host, deadline until, struct err *e);

/* Chooses a mechanism that is not in `tried` (which may be ""). Borrows options and peer. */
struct sasl *sasl_start(const struct sasl_options *options, const struct sasl_peer *peer,
	const char *tried, struct err *e);
void sasl_free(struct sasl *s);

const char *sasl_mech(const struct sasl *s);
bool sasl_sends_first(const struct sasl *s); /* whether it has an initial response */
/* Makes the answer to a challenge, or the initial response (challenge empty). */
bool sasl_step(struct sasl *s, struct str challenge, struct buf *ret_answer, struct err *e);

enum sasl_end {
	SASL_GOES_ON, /* the exchange is incomplete: do not believe a success now */
	SASL_MAY_END, /* success may be believed, but a challenge may come too */
	SASL_ENDS,    /* nothing is left to send or to check */
};
enum sasl_end sasl_end(const struct sasl *s);
/* Why the server refused the token, in its own words; "" if it gave no reason. */
const char *sasl_complaint(const struct sasl *s);

const char *sasl_library_version(void);

#endif

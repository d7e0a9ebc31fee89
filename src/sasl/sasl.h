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
	SASL_ANSWER_MAX = 12000, /* base64; what an AUTH line has room for (RFC 4954 section 4) */
	SASL_CREDENTIALS_MAX = SASL_ANSWER_MAX / 4 * 3 - 2, /* octets of user and password */
};

struct sasl;

/*
 * Before anything is connected: can user and secret be carried at all? They are UTF-8 without NUL,
 * 0x01, CR and LF, not too long, and, where only such mechanisms may be used, pass SASLprep (RFC
 * 4013).
 */
bool sasl_check(const struct sasl_options *options, struct err *e);

/*
 * GSSAPI (RFC 4752) reads files and asks servers of its own before it can say anything: that is
 * done here, within the deadline, for a start that comes later. NULL with ERR_TEMPORARY or
 * ERR_TIMEOUT.
 */
struct sasl *sasl_prepare(
	const struct sasl_options *options, const char *host, deadline until, struct err *e);

/* A mechanism in `tried` (may be "") is left out. The options and the peer are borrowed. */
struct sasl *sasl_start(const struct sasl_options *options, const struct sasl_peer *peer,
	const char *tried, struct err *e);
void sasl_free(struct sasl *s);

const char *sasl_mech(const struct sasl *s);
bool sasl_sends_first(const struct sasl *s); /* it has an initial response */
/* The answer to a challenge, or the initial response (challenge empty). */
bool sasl_step(struct sasl *s, struct str challenge, struct buf *ret_answer, struct err *e);

enum sasl_end {
	SASL_GOES_ON, /* a success that the server claims now is none */
	SASL_MAY_END, /* it may be believed, but a challenge may come, too */
	SASL_ENDS,    /* nothing is left to say or to check */
};
enum sasl_end sasl_end(const struct sasl *s);
/* Why the server does not like the token, in its words; "": it said nothing. */
const char *sasl_complaint(const struct sasl *s);

const char *sasl_library_version(void);

#endif

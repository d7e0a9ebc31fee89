/* SPDX-License-Identifier: MIT */
/*
 * capabilities - what a server offers in its reply to EHLO (RFC 5321 section 4.1.1.1).
 *
 * Keywords are compared whole and without regard to case. The first line holds the server's name
 * and never a keyword. Unknown keywords and malformed parameters are ignored. If a keyword with a
 * number comes twice, the last number counts.
 */
#ifndef SMTP_CAPABILITIES_H
#define SMTP_CAPABILITIES_H

#include "base/buf.h"
#include "base/err.h"

enum { CAPABILITIES_MECHS_MAX = 1024 };

struct capabilities {
	bool starttls, pipelining, eightbit, smtputf8, size, auth;
	bool chunking;     /* RFC 3030 */
	bool dsn;          /* RFC 3461 */
	bool requiretls;   /* RFC 8689 */
	bool etrn;         /* RFC 1985 */
	uint64_t size_max; /* octets of a message (RFC 1870); 0: the server named no limit */
	uint64_t rcpt_max; /* recipients of a transaction (RFC 9422); 0: no limit */
	uint32_t keywords; /* a hash of all keywords; it changes when the offer changes */
	char mechs[CAPABILITIES_MECHS_MAX + 1]; /* SASL mechanisms as offered, spaces between */
};

/* Fills *ret from text: the lines of the reply to EHLO, joined by '\n'. */
void capabilities_parse(struct capabilities *ret, struct str text);
/*
 * Whether the server offers what must come next: STARTTLS, otherwise AUTH if that is wanted. tls:
 * the session is inside TLS. False with *e, before anything of a message or a secret has left.
 */
bool capabilities_suffice(
	const struct capabilities *caps, bool starttls, bool auth, bool tls, struct err *e);
/* Whether the server offers the SASL mechanism mech. */
bool capabilities_have_mech(const struct capabilities *caps, struct str mech);

#endif

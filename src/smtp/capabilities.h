/* SPDX-License-Identifier: MIT */
/*
 * capabilities - what a server offers in its reply to EHLO (RFC 5321 section 4.1.1.1).
 *
 * Keywords are compared whole and without case; the first line is the server's name and never a
 * keyword. Unknown keywords and malformed parameters are ignored; of a keyword that comes twice
 * with a number the last one counts.
 */
#ifndef SMTP_CAPABILITIES_H
#define SMTP_CAPABILITIES_H

#include "base/buf.h"

enum { CAPABILITIES_MECHS_MAX = 1024 };

struct capabilities {
	bool starttls, pipelining, eightbit, smtputf8, size, auth;
	bool chunking;     /* RFC 3030 */
	bool dsn;          /* RFC 3461 */
	bool requiretls;   /* RFC 8689 */
	bool etrn;         /* RFC 1985 */
	uint64_t size_max; /* 0: no limit was named (RFC 1870) */
	uint64_t rcpt_max; /* recipients of a transaction (RFC 9422); 0: no limit */
	uint32_t keywords; /* a hash of all keywords: did the server change? */
	char mechs[CAPABILITIES_MECHS_MAX + 1]; /* SASL mechanisms, space between, as offered */
};

/* text: the reply's lines joined by '\n'. */
void capabilities_parse(struct capabilities *ret, struct str text);
/* Is mech among those offered? */
bool capabilities_have_mech(const struct capabilities *caps, struct str mech);

#endif

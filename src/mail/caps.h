/* SPDX-License-Identifier: MIT */
/*
 * caps - what a server offers in its reply to EHLO (RFC 5321 section 4.1.1.1).
 *
 * Keywords are compared whole and without case; the first line is the server's name and never a
 * keyword. Unknown keywords and malformed parameters are ignored.
 */
#ifndef MAIL_CAPS_H
#define MAIL_CAPS_H

#include "base/buf.h"

enum { CAPS_MECHS_MAX = 1024 };

struct caps {
	bool starttls, pipelining, eightbit, smtputf8, size, auth;
	uint64_t size_max;              /* 0: no limit was named (RFC 1870) */
	char mechs[CAPS_MECHS_MAX + 1]; /* SASL mechanisms, space between, as offered */
};

/* text: the reply's lines joined by '\n'. */
void caps_parse(struct caps *ret, struct str text);
/* Is mech among those offered? */
bool caps_have_mech(const struct caps *caps, struct str mech);

#endif

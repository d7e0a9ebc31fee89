/* SPDX-License-Identifier: MIT */
/*
 * pipelining_memory - how much goes in one flight: as it is set, or as earlier runs have learnt of
 * the server.
 *
 * With FLIGHTS_AUTO, and where the terms allow it, the first contact asks whether commands may
 * follow AUTH in its flight (RFC 4954 section 4), and what came of it is remembered: one small
 * file for each host, port and account in $XDG_CACHE_HOME/postrider, else ~/.cache/postrider. It
 * holds for FLIGHTS_SECONDS and for the EHLO keywords with which it was learnt. Without a folder
 * that can be written each run is a first contact, and nothing is lost but time.
 */
#ifndef SESSION_PIPELINING_MEMORY_H
#define SESSION_PIPELINING_MEMORY_H

#include "smtp/client.h"

enum { FLIGHTS_SECONDS = 30 * 24 * 3600 };

enum flights_set {
	FLIGHTS_AUTO,  /* what is known, or can be learnt, of the server */
	FLIGHTS_ALL,   /* CLIENT_FULL */
	FLIGHTS_APART, /* CLIENT_BASIC */
	FLIGHTS_OFF,   /* CLIENT_ONE_BY_ONE */
};

struct flights_terms {
	enum flights_set set;
	/*
	 * The server is verified and not on port 25: such servers take mail for their own domains
	 * from anyone, whatever they said to AUTH.
	 */
	bool may_learn;
	const char *host; /* or the path of the socket */
	unsigned port;
	const char *account; /* its name */
	uint32_t keywords;   /* struct caps has them */
};

enum flights_known {
	FLIGHTS_UNKNOWN, /* also: to be forgotten */
	FLIGHTS_FULL,    /* AUTH, MAIL and RCPT in one flight were answered one by one */
	FLIGHTS_BASIC,   /* they were not */
};

enum client_flights flights_choose(const struct flights_terms *terms);
/* Nothing where the terms do not allow it. */
void flights_learn(const struct flights_terms *terms, enum flights_known what);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * known - what earlier runs learnt of a server: may commands follow AUTH in one flight?
 *
 * One small file for each host, port and account in $XDG_CACHE_HOME/postrider, else
 * ~/.cache/postrider. It holds for KNOWN_SECONDS and for the EHLO keywords with which it was
 * learnt. Without a folder that can be written nothing is known, and nothing is lost but time.
 */
#ifndef SUBMIT_KNOWN_H
#define SUBMIT_KNOWN_H

#include "base/buf.h"

enum { KNOWN_SECONDS = 30 * 24 * 3600 };

enum known {
	KNOWN_NOTHING,
	KNOWN_FULL,  /* AUTH, MAIL and RCPT in one flight were answered one by one */
	KNOWN_BASIC, /* they were not */
};

struct known_key {
	const char *host; /* or the path of the socket */
	unsigned port;
	const char *account; /* its name */
};

/* keywords: struct caps has them. */
enum known known_recall(const struct known_key *key, uint32_t keywords);
/* KNOWN_NOTHING forgets. */
void known_remember(const struct known_key *key, uint32_t keywords, enum known what);

#endif

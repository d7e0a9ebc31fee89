/* SPDX-License-Identifier: MIT */
/*
 * pipelining_memory - how many commands are sent before a reply is in: as the account says, or as
 * earlier runs have learnt of the server.
 *
 * With PIPELINING_AUTO, and where the options allow it, the first contact asks whether commands may
 * be sent behind AUTH at once (RFC 4954 section 4), and the answer is remembered: one small
 * file for each host, port and account in $XDG_CACHE_HOME/postrider, else ~/.cache/postrider. It
 * holds for PIPELINING_MEMORY_SECONDS and for the EHLO keywords with which it was learnt. Without a
 * folder that can be written each run is a first contact, and nothing is lost but time.
 */
#ifndef SESSION_PIPELINING_MEMORY_H
#define SESSION_PIPELINING_MEMORY_H

#include "conf/setting.h"
#include "smtp/client.h"

enum { PIPELINING_MEMORY_SECONDS = 30 * 24 * 3600 };

struct pipelining_memory_options {
	enum setting_pipelining set;
	/*
	 * The server is verified and not on port 25: such servers take mail for their own domains
	 * from anyone, whatever they said to AUTH.
	 */
	bool may_learn;
	const char *host; /* or the path of the socket */
	unsigned port;
	const char *account; /* its name */
	uint32_t keywords;   /* struct capabilities has them */
};

enum pipelining_known {
	PIPELINING_UNKNOWN,     /* also: to be forgotten */
	PIPELINING_KNOWN_FULL,  /* AUTH, MAIL and RCPT sent at once were answered one by one */
	PIPELINING_KNOWN_BASIC, /* they were not */
};

enum client_pipelining pipelining_memory_choose(const struct pipelining_memory_options *options);
/* Does nothing where the options do not allow it. */
void pipelining_memory_learn(
	const struct pipelining_memory_options *options, enum pipelining_known what);

#endif

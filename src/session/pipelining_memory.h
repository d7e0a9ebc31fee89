/* SPDX-License-Identifier: MIT */
/*
 * pipelining_memory - decides how many commands are sent before a reply has come: as the account
 * says, or as earlier runs have learnt about the server.
 *
 * With PIPELINING_AUTO, and if the options allow it, the first contact tries whether commands may
 * be sent together with AUTH (RFC 4954 section 4). The result is remembered for each host, port and
 * account (session/server_memory). Without a writable folder each run is a first contact.
 */
#ifndef SESSION_PIPELINING_MEMORY_H
#define SESSION_PIPELINING_MEMORY_H

#include "conf/setting.h"
#include "session/server_memory.h"
#include "smtp/client.h"

struct pipelining_memory_options {
	enum setting_pipelining set;
	/*
	 * The server is verified and not on port 25, where servers accept mail for their own
	 * domains from anyone, whatever their reply to AUTH.
	 */
	bool may_learn;
	struct server_memory about; /* without the kind */
};

enum pipelining_known {
	PIPELINING_UNKNOWN,     /* not known, or to be forgotten */
	PIPELINING_KNOWN_FULL,  /* AUTH, MAIL and RCPT sent together were answered one by one */
	PIPELINING_KNOWN_BASIC, /* the message was taken although AUTH was refused */
	PIPELINING_KNOWN_OFF,   /* they were not: one command, one reply */
};

enum client_pipelining pipelining_memory_choose(const struct pipelining_memory_options *options);
/* Remembers what was learnt; does nothing if the options do not allow it. */
void pipelining_memory_learn(
	const struct pipelining_memory_options *options, enum pipelining_known what);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * srv - finds the servers that a domain publishes for a service in SRV records (RFC 2782).
 *
 * Answers of name servers are not trusted: lengths are checked, a target is at most SRV_NAME_MAX
 * octets of letters, digits, hyphens, underscores and dots, and no more than SRV_MOST are kept.
 * Records of names that were not asked for are ignored, except CNAMEs. A malformed answer is
 * ERR_NETWORK, and no answer is ERR_TIMEOUT. An answer counts as proved only if the name server has
 * validated it (DNSSEC) and the system's configuration trusts that server (`trust-ad` in
 * resolv.conf).
 *
 * A look-up runs in a process of its own (os/forked_call), which has ended when srv_find() returns,
 * at the deadline at the latest.
 */
#ifndef NET_SRV_H
#define NET_SRV_H

#include "base/clock.h"
#include "base/err.h"

enum { SRV_MOST = 16, SRV_NAME_MAX = 255 };

struct srv {
	unsigned priority, weight, port;
	char target[SRV_NAME_MAX + 1]; /* without the dot of the DNS root */
};

struct srv_answer {
	struct srv list[SRV_MOST];
	size_t count;
	bool refused; /* the service is not offered there: the target "." */
	bool proved;
};

/* octets: a DNS message, about the SRV records of `name`. No records are count 0. */
bool srv_parse(const unsigned char *octets, size_t len, const char *name, struct srv_answer *ret,
	struct err *e);
/*
 * Sorts the servers into the order in which they are tried: by priority, and within one priority at
 * random by weight. pick() returns a random number below `below`.
 */
void srv_order(struct srv_answer *answer, unsigned (*pick)(void *ctx, unsigned below), void *ctx);

/* Looks up a service ("_submissions._tcp") of the domain, and sorts the answer. */
bool srv_find(const char *service, const char *domain, deadline until, struct srv_answer *ret,
	struct err *e);

#endif

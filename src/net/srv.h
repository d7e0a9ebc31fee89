/* SPDX-License-Identifier: MIT */
/*
 * srv - the servers that a domain publishes for a service, by SRV records (RFC 2782).
 *
 * What a name server says is foreign: answers are read with their lengths checked, a target is at
 * most SRV_NAME_MAX octets of letters, digits, hyphens, underscores and dots, and no more than
 * SRV_MOST are kept. Records of other names than the one asked
 * for are passed over, but for a CNAME. An answer that does not hold together is ERR_NETWORK, and
 * none is ERR_TIMEOUT. It counts as proved only where the system's configuration says that
 * the name server may be believed (`trust-ad` in resolv.conf) and that has validated it (DNSSEC).
 *
 * A look-up is made in a process that ends with it (os/forked_call): nothing of it is left when
 * srv_find() returns, which it does at the deadline.
 */
#ifndef NET_SRV_H
#define NET_SRV_H

#include "base/clock.h"
#include "base/err.h"

enum { SRV_MOST = 16, SRV_NAME_MAX = 255 };

struct srv {
	unsigned priority, weight, port;
	char target[SRV_NAME_MAX + 1]; /* without the dot of the root */
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
 * The order in which they are to be tried: by priority, and at random by weight within one. pick:
 * a number below `below`.
 */
void srv_order(struct srv_answer *answer, unsigned (*pick)(void *ctx, unsigned below), void *ctx);

/* Looks up service ("_submissions._tcp") of the domain; in the order to be tried. */
bool srv_find(const char *service, const char *domain, deadline until, struct srv_answer *ret,
	struct err *e);

#endif

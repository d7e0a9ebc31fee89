/* SPDX-License-Identifier: MIT */
/*
 * happy_eyeballs - connects to the first of several addresses that accepts TCP (RFC 8305, "Happy
 * Eyeballs").
 *
 * Addresses are tried in the order given, except that the families alternate, beginning with the
 * family of the first (section 4). An attempt begins HAPPY_EYEBALLS_STAGGER_MS after the one before
 * it, or at once when one has failed. No attempt is given up for another one; the one deadline
 * holds for all. The first that connects is taken and the others are closed. At most
 * HAPPY_EYEBALLS_MOST are tried.
 *
 * Errors: ERR_TIMEOUT if any address did not answer, else ERR_NETWORK (ERR_OS if no socket could be
 * made). They say how each address failed, or the first ones if there are many. A source address
 * that this machine does not have is ERR_NETWORK too, with a hint: it may come with its interface.
 */
#ifndef NET_HAPPY_EYEBALLS_H
#define NET_HAPPY_EYEBALLS_H

#include "base/clock.h"
#include "base/err.h"
#include "os/poll.h"

struct addrinfo;

enum { HAPPY_EYEBALLS_MOST = POLL_MOST, HAPPY_EYEBALLS_STAGGER_MS = 250 };

struct happy_eyeballs_options {
	const struct addrinfo *to;
	const struct addrinfo *from_v4, *from_v6; /* our own address, or NULL: any */
};

/* The connected socket, non-blocking and close-on-exec; -1 with *e on failure. */
int happy_eyeballs(const struct happy_eyeballs_options *options, deadline until,
	const struct addrinfo **ret_winner, struct err *e);

/* The order in which they are tried; how many. */
size_t happy_eyeballs_order(
	const struct addrinfo *list, const struct addrinfo *ret[HAPPY_EYEBALLS_MOST]);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * resolve - finds the addresses of a host name, by libc, within a deadline.
 *
 * An address in numbers needs no resolver. Names that mean this machine (RFC 6761 section 6.3) are
 * its loopback addresses, whatever a resolver would say, because secrets may go there in clear.
 * Everything else is looked up by libc (/etc/nsswitch.conf), whose order of addresses is kept. If
 * the deadline or a signal ends the wait, the look-up goes on in a thread that is left behind
 * (os/task).
 *
 * Errors: ERR_NETWORK and ERR_TIMEOUT, since networks and name servers come back; ERR_CONFIG for an
 * address whose family is excluded; ERR_INTERRUPTED.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include "base/clock.h"
#include "base/err.h"

struct addrinfo;

enum resolve_family { RESOLVE_ANY, RESOLVE_IPV4, RESOLVE_IPV6 };

struct resolve_options {
	const char *host; /* a name or an address */
	unsigned port;
	enum resolve_family family;
};

/* At least one address; release with resolve_free(). NULL with *e on failure. */
struct addrinfo *resolve(const struct resolve_options *options, deadline until, struct err *e);
void resolve_free(struct addrinfo *list);

/*
 * The canonical name that the resolver has for a host. The look-up leaves no thread behind, so it
 * is allowed before the process is confined (os/sandbox).
 */
bool resolve_canonical(const char *host, deadline until, char *ret, size_t size, struct err *e);

/* The family of host if it is written as an address, otherwise RESOLVE_ANY. */
enum resolve_family resolve_literal(const char *host);
/* Whether host is written as a loopback name or address; names are not looked up. */
bool resolve_is_loopback(const char *host);

enum { RESOLVE_TEXT_MAX = 80 };
/* "192.0.2.7", "2001:db8::7", "fe80::1%eth0" */
void resolve_text(const struct addrinfo *address, char ret[RESOLVE_TEXT_MAX]);

#endif

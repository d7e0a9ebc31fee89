/* SPDX-License-Identifier: MIT */
/*
 * dial - connects to a server in the configured way; the result is a stream.
 *
 *   socket   a Unix socket
 *   tunnel   a command's standard input and output (net/tunnel)
 *   proxy    a SOCKS5 proxy (net/socks), which looks the host up
 *   else     the host and port, all addresses of which compete (net/happy_eyeballs)
 *
 * The first one that is set is used. There is one deadline for the look-up, the connection and the
 * handshake with a proxy. If there are source addresses (at most one of each family), the socket
 * is bound to that of its family, and a family without one is not tried.
 *
 * Errors are temporary (ERR_NETWORK, ERR_TIMEOUT), since networks and servers come back, except
 * those that only another configuration can mend: ERR_CONFIG, and ERR_NOPERM from a proxy. They
 * name what was tried. Every step is reported as a detail (base/log).
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "net/resolve.h"
#include "net/socks.h"
#include "net/stream.h"

enum { DIAL_ADDRESS_MAX = RESOLVE_TEXT_MAX, DIAL_SECONDS = 30 };

/* All text is borrowed, and may be NULL, except host. */
struct dial_options {
	const char *host;
	unsigned port;
	const char *socket, *tunnel;
	const char *proxy; /* the proxy's name or address */
	unsigned proxy_port;
	const char *proxy_user;
	const struct secret *proxy_password; /* not NULL if there is a user */
	const char *sources;                 /* our own addresses, '\n' after each */
	enum resolve_family family;
};

struct dial_result {
	struct stream *stream; /* the caller's */
	/* "192.0.2.7", "2001:db8::7", "proxy 192.0.2.9", "tunnel", or the path, cut to fit */
	char peer[DIAL_ADDRESS_MAX];
	char local[DIAL_ADDRESS_MAX]; /* our end as EHLO may name it: "[192.0.2.9]", "localhost" */
};

bool dial(
	const struct dial_options *options, deadline until, struct dial_result *ret, struct err *e);

/* Checks the options as far as possible without a network: ERR_CONFIG. */
bool dial_check(const struct dial_options *options, struct err *e);
/* Whether octets sent there stay on this machine; false for a tunnel or proxy. */
bool dial_is_local(const struct dial_options *options);

#endif

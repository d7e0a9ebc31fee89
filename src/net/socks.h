/* SPDX-License-Identifier: MIT */
/*
 * socks - the handshake with a SOCKS5 proxy (RFC 1928, RFC 1929): buffers, no sockets.
 *
 * The proxy resolves the name. If there is a user, two methods are offered, with user name and
 * password and without, and the proxy chooses. It is an error if it chooses another method.
 *
 *   socks_begin()   then, until `wanted` is 0: write and clear `out`, read exactly `wanted` octets
 *   socks_take()    and give them here. Not one octet of what follows the handshake is read.
 *
 * No part of a proxy's answer is longer than SOCKS_WANTED_MAX. Errors are ERR_NETWORK, since a
 * server behind a proxy may come back like any other; ERR_NOPERM if the proxy refuses us, and
 * ERR_CONFIG for a name or password too long for the protocol.
 */
#ifndef NET_SOCKS_H
#define NET_SOCKS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

enum { SOCKS_PORT = 1080, SOCKS_WANTED_MAX = 257, SOCKS_OUT_MAX = 600 };

struct socks_options {
	const char *host; /* the name or address that the proxy must connect to */
	unsigned port;
	const char *user; /* NULL: none */
	const struct secret *password;
};

enum socks_state { SOCKS_METHOD, SOCKS_AUTH, SOCKS_REPLY, SOCKS_REPLY_REST, SOCKS_DONE };

struct socks {
	struct socks_options options;
	enum socks_state state;
	size_t wanted;  /* octets to read next; 0: the handshake is done */
	struct buf out; /* holds the password: socks_done() wipes it */
};

bool socks_begin(struct socks *s, const struct socks_options *options, struct err *e);
/* bytes: s->wanted octets. */
bool socks_take(struct socks *s, const unsigned char *bytes, struct err *e);
void socks_done(struct socks *s);

#endif

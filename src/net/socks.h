/* SPDX-License-Identifier: MIT */
/*
 * socks - the handshake with a SOCKS5 proxy (RFC 1928, RFC 1929): buffers, no sockets.
 *
 * The proxy resolves the name. Where there is a user both ways to begin are offered, with a name
 * and password and without, and the proxy chooses; what it chose and was not offered is an error.
 *
 *   socks_begin()   then, until `wanted` is 0: write and clear `out`, read exactly `wanted` octets
 *   socks_take()    and give them here. Not one octet of what follows the handshake is read.
 *
 * Nothing that a proxy says is longer than SOCKS_WANTED_MAX. Errors are ERR_NETWORK, since a
 * server behind a proxy comes back as any other does; ERR_NOPERM if the proxy refuses us, and
 * ERR_CONFIG for a name or password that the protocol has no room for.
 */
#ifndef NET_SOCKS_H
#define NET_SOCKS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

enum { SOCKS_PORT = 1080, SOCKS_WANTED_MAX = 257, SOCKS_OUT_MAX = 600 };

struct socks_options {
	const char *host; /* a name or an address: where the proxy is to connect to */
	unsigned port;
	const char *user; /* NULL: none */
	const struct secret *password;
};

enum socks_state { SOCKS_METHOD, SOCKS_AUTH, SOCKS_REPLY, SOCKS_REPLY_REST, SOCKS_DONE };

struct socks {
	struct socks_options options;
	enum socks_state state;
	size_t wanted;  /* 0: the handshake is done */
	struct buf out; /* holds the password: socks_done() wipes it */
};

bool socks_begin(struct socks *s, const struct socks_options *options, struct err *e);
/* bytes: s->wanted octets. */
bool socks_take(struct socks *s, const unsigned char *bytes, struct err *e);
void socks_done(struct socks *s);

#endif

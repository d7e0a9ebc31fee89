/* SPDX-License-Identifier: MIT */
/*
 * verify - checks the certificates that a server has sent.
 *
 * Accepted is a chain of at most VERIFY_CHAIN_MAX certificates that leads to a trusted authority,
 * is within its dates and meant for servers, and has the host's name (or address) in a
 * subjectAltName; a common name does not count (RFC 9525). A pinned certificate is accepted
 * whatever else it says. A stapled response about revocation is checked, and is required if the
 * certificate says so. Errors are ERR_CERTIFICATE with the reason and a hint. The time is bounded
 * by the size of a handshake message.
 */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H

#include "base/buf.h"
#include "tls/trust.h"

struct gnutls_session_int;

enum {
	VERIFY_CHAIN_MAX = 16,
	VERIFY_KEY_BITS = 16384,
};

/*
 * Whether the keys of all certificates that the server sent are of a size that is worth a
 * computation: of RSA and DSA at most VERIFY_KEY_BITS. A signature takes minutes with the largest
 * keys that fit into a handshake, and anyone on the way can show one. To be called before the
 * server's own signature is checked, even if the server is not to be verified.
 */
bool verify_key_sizes(struct gnutls_session_int *session, struct err *e);
/* Verifies the server during the handshake. */
bool verify_server(const struct trust *trust, struct gnutls_session_int *session, struct err *e);
/* Checks names, dates and pins of a resumed session, whose server was verified before. */
bool verify_again(const struct trust *trust, struct gnutls_session_int *session, struct err *e);
/* Until when the session may be resumed; 0: not at all. */
time_t verify_until(const struct trust *trust, struct gnutls_session_int *session);
/* Appends, for people, who issued the server's certificate and when it expires. */
void verify_describe(struct gnutls_session_int *session, struct buf *out);

#endif

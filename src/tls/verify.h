/* SPDX-License-Identifier: MIT */
/*
 * verify - the verdict on the certificates that a server has shown.
 *
 * Good is a chain of at most VERIFY_CHAIN_MAX that leads to a trusted authority, is within its
 * dates and for servers, with the host's name (or address) in a subjectAltName: a common name alone
 * does not count (RFC 9525); or a certificate that is pinned, whatever else it says. What the
 * server stapled about revocation counts, and must be there where the certificate says so.
 * Errors are ERR_CERTIFICATE with the reason in words, and what to do. Names and signatures are
 * checked in time that is bounded by the size of a handshake message.
 */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H

#include "base/buf.h"
#include "tls/trust.h"

struct gnutls_session_int;

enum { VERIFY_CHAIN_MAX = 16 };

/* In the handshake. */
bool verify_server(const struct trust *trust, struct gnutls_session_int *session, struct err *e);
/* Of a resumed session, whose server was verified before: names, dates and pins. */
bool verify_again(const struct trust *trust, struct gnutls_session_int *session, struct err *e);
/* Until when a session may be taken up again; 0: not at all. */
time_t verify_until(const struct trust *trust, struct gnutls_session_int *session);
/* Who issued the server's certificate, and until when: for people. */
void verify_describe(struct gnutls_session_int *session, struct buf *out);

#endif

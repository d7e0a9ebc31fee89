/* SPDX-License-Identifier: MIT */
/*
 * verify - checks the certificates that a server has sent.
 *
 * Accepted is a certificate with a path (tls/path) to a trusted authority that is within its dates
 * and meant for servers, has no weak key, and may have the certificate's names; the host's name (or
 * address) is in a subjectAltName, and a common name does not count (RFC 9525). Only that path is
 * judged, including the authority at its end, and not what else the server sends, which is at most
 * PATH_SHOWN_MAX certificates. A pinned certificate is accepted whatever else it says. Revocation
 * is checked by tls/revocation. Errors are ERR_CERTIFICATE with the reason and a hint. The time is
 * bounded by the size of a handshake message.
 */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H

#include "base/buf.h"
#include "tls/trust.h"

struct gnutls_session_int;

enum { VERIFY_KEY_BITS = 16384 };

/*
 * Whether the keys of all certificates that the server sent are of a size that is worth a
 * computation: of RSA and DSA at most VERIFY_KEY_BITS. A signature takes minutes with the largest
 * keys that fit into a handshake, and anyone on the way can show one. To be called before the
 * server's own signature is checked, even if the server is not to be verified.
 */
bool verify_key_sizes(struct gnutls_session_int *session, struct err *e);
/*
 * Says what may be wrong with a Certificate message (RFC 5246 section 7.4.2, RFC 8446 section
 * 4.4.2, without its head) that GnuTLS does not take. Always false.
 */
bool verify_explain_message(struct str message, bool tls13, struct err *e);
/* Verifies the server during the handshake. */
bool verify_server(const struct trust *trust, struct gnutls_session_int *session, struct err *e);
/* Checks names, dates and pins of a resumed session, whose server was verified before. */
bool verify_again(const struct trust *trust, struct gnutls_session_int *session, struct err *e);
/* Until when the session may be resumed; 0: not at all. */
time_t verify_until(const struct trust *trust, struct gnutls_session_int *session);
/* Appends, for people, who issued the server's certificate and when it expires. */
void verify_describe(struct gnutls_session_int *session, struct buf *out);

#endif

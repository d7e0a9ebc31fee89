/* SPDX-License-Identifier: MIT */
/*
 * tls - TLS 1.2 or later on top of a stream, with GnuTLS; the server is verified (tls/verify).
 *
 * The priorities are the system's policy without TLS 1.0 and 1.1, and PROFILE_MEDIUM, unless the
 * options (tls/trust) set others. A session kept by an earlier run is resumed (tls/session_cache),
 * and the session of this run is kept when the stream is closed. Records are filled (16 KiB) and
 * joined into large writes; stream_flush() sends what is still held. Errors: ERR_CERTIFICATE with
 * the reason, also if no version or cipher suite is acceptable; ERR_PROTOCOL if the server does not
 * speak TLS; ERR_TIMEOUT and ERR_NETWORK.
 */
#ifndef TLS_TLS_H
#define TLS_TLS_H

#include "base/buf.h"
#include "net/stream.h"
#include "tls/trust.h"

enum { TLS_TEXT_MAX = 300 };

/*
 * Makes the handshake. The new stream owns lower; on failure (NULL) lower stays the caller's.
 * ret_text, for people: version, cipher suite, whether resumed, the certificate's issuer and end.
 */
struct stream *tls_start(struct stream *lower, struct trust *trust, deadline until,
	char ret_text[TLS_TEXT_MAX], struct err *e);

/*
 * Appends channel binding data in base64: tls-exporter (RFC 9266) with TLS 1.3, tls-unique (RFC
 * 5929) before. False if the session's version has the other kind, or if it has none (no extended
 * master secret).
 */
bool tls_binding(const struct stream *s, bool unique, struct buf *ret_base64);

const char *tls_library_version(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * tls - TLS 1.2 or later on top of a stream, with GnuTLS; the server proved (tls/verify) or
 * refused.
 *
 * The priorities are the system's policy without TLS 1.0 and 1.1, and PROFILE_MEDIUM, unless the
 * options (tls/trust) have others. A session that an earlier run kept is resumed
 * (tls/session_cache), and what this one gets is kept when the stream is closed. Records are filled
 * (16 KiB) and joined into large writes; stream_flush() sends what was held. Errors:
 * ERR_CERTIFICATE with the reason, also where version or cipher suite will not do; ERR_PROTOCOL
 * where there is no TLS; ERR_TIMEOUT and ERR_NETWORK.
 */
#ifndef TLS_TLS_H
#define TLS_TLS_H

#include "base/buf.h"
#include "net/stream.h"
#include "tls/trust.h"

enum { TLS_TEXT_MAX = 300 };

/*
 * The handshake. The new stream owns lower; on failure (NULL) lower stays the caller's.
 * ret_text: version, cipher suite, whether resumed, issuer and end of the certificate, for people.
 */
struct stream *tls_start(struct stream *lower, struct trust *trust, deadline until,
	char ret_text[TLS_TEXT_MAX], struct err *e);

/*
 * Channel binding data of a session, in base64: tls-exporter (RFC 9266) with TLS 1.3, tls-unique
 * (RFC 5929) before. False: that is not the session's, or it has none (no extended master secret).
 */
bool tls_binding(const struct stream *s, bool unique, struct buf *ret_base64);

const char *tls_library_version(void);

#endif

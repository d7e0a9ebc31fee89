/* SPDX-License-Identifier: MIT */
/*
 * tls - TLS 1.2 or later on top of a stream, with GnuTLS; the server proved (sys/trust) or refused.
 *
 * The priorities are the system's policy without TLS 1.0 and 1.1, and PROFILE_MEDIUM. Records are
 * filled (16 KiB) and joined into large writes; one stream_flush() ends a flight. Errors:
 * ERR_CERTIFICATE with the reason, also where version or cipher suite will not do; ERR_PROTOCOL
 * where there is no TLS; ERR_TIMEOUT and ERR_NETWORK.
 */
#ifndef SYS_TLS_H
#define SYS_TLS_H

#include "base/buf.h"
#include "sys/stream.h"
#include "sys/trust.h"

enum { TLS_TEXT_MAX = 200 };

/*
 * The handshake. The new stream owns lower; on failure (NULL) lower stays the caller's.
 * ret_text: version and cipher suite for people.
 */
struct stream *tls_start(struct stream *lower, struct trust *trust, deadline until,
	char ret_text[TLS_TEXT_MAX], struct err *e);

/*
 * Channel binding data of a session, in base64: tls-exporter (RFC 9266), or tls-unique (RFC 5929),
 * which TLS 1.3 has not. False: the session has none (without extended master secret).
 */
bool tls_binding(const struct stream *s, bool unique, struct buf *ret_base64);

const char *tls_library_version(void);

#endif

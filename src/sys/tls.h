/* SPDX-License-Identifier: MIT */
/*
 * tls - TLS 1.2 or later on top of a stream, with GnuTLS; the server proved or refused.
 *
 * Proved means: the chain leads to a trusted authority, is within its dates and for servers, and
 * the host's name (or address) stands in a subjectAltName: a common name alone does not count
 * (RFC 9525). The priorities are the system's policy without TLS 1.0 and 1.1, and PROFILE_MEDIUM.
 * Without check nothing is verified. Errors: ERR_CONFIG for an unusable trust file (before any
 * connection), ERR_CERTIFICATE with the reason, ERR_PROTOCOL where there is no TLS, ERR_TIMEOUT
 * and ERR_NETWORK.
 *
 * Records are filled (16 KiB) and joined into large writes; one stream_flush() ends a flight.
 */
#ifndef SYS_TLS_H
#define SYS_TLS_H

#include "sys/stream.h"

struct tls_terms {
	const char *host;       /* for SNI and verification; borrowed for the stream's life */
	const char *trust_file; /* PEM authorities; NULL: the system's */
	bool check;
};

struct tls_trust;

/* The authorities, loaded before there is a connection; the caller's, outlives the streams. */
struct tls_trust *tls_trust_load(const struct tls_terms *terms, struct err *e);
void tls_trust_free(struct tls_trust *trust);

enum { TLS_TEXT_MAX = 200 };

/*
 * The handshake. The new stream owns lower; on failure (NULL) lower stays the caller's.
 * ret_text: version and cipher suite for people.
 */
struct stream *tls_start(struct stream *lower, struct tls_trust *trust, deadline until,
	char ret_text[TLS_TEXT_MAX], struct err *e);

const char *tls_library_version(void);

#endif

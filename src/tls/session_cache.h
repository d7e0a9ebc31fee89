/* SPDX-License-Identifier: MIT */
/*
 * session_cache - keeps TLS sessions for a later run to resume (RFC 8446 section 2.2, RFC 5077).
 *
 * A session is a file in a private folder (os/private_cache), mode 0600, because it holds secrets.
 * Its key is made from all that the session must not outlive: the peer, and the reason why it was
 * trusted. A session is offered once: taking it from the cache removes it. It is valid for
 * SESSION_CACHE_SECONDS after the full handshake it comes from, but not beyond the dates of the
 * server's certificates. There is no early data. Failures are silent: the handshake is then full.
 */
#ifndef TLS_SESSION_CACHE_H
#define TLS_SESSION_CACHE_H

#include "base/str.h"

#include <time.h>

struct gnutls_session_int;

enum { SESSION_CACHE_SECONDS = 24 * 3600, SESSION_CACHE_KEY_OCTETS = 65 };

/* Where sessions are kept, and the key of ours. */
struct session_cache {
	const char *folder; /* borrowed; NULL: no session is kept */
	char key[SESSION_CACHE_KEY_OCTETS];
};

/* Makes a key: the SHA-256 of text. */
bool session_cache_digest(struct str text, char ret_key[SESSION_CACHE_KEY_OCTETS]);
/* Offers the server the kept session. *ret_verified: when the server was verified; 0: none kept. */
void session_cache_offer(
	const struct session_cache *r, struct gnutls_session_int *session, time_t *ret_verified);
/*
 * Keeps the session if the server has sent what resumption needs; does not wait for that. until:
 * when the first of the certificates expires.
 */
void session_cache_keep(const struct session_cache *r, struct gnutls_session_int *session,
	time_t verified, time_t until);

#endif

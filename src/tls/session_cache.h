/* SPDX-License-Identifier: MIT */
/*
 * session_cache - TLS sessions that a later run takes up again (RFC 8446 section 2.2, RFC 5077).
 *
 * A session is a file of a private folder (os/private_cache), 0600, because it has secrets. Its key
 * is whatever the session may not outlive: whom it is with and why that one was trusted. A session
 * is offered once: who takes it takes it away. It counts for SESSION_CACHE_SECONDS after the full
 * handshake that it descends from, and not beyond the dates of the server's certificates. No early
 * data. Failure is silence: the handshake is a full one.
 */
#ifndef TLS_SESSION_CACHE_H
#define TLS_SESSION_CACHE_H

#include "base/str.h"

#include <time.h>

struct gnutls_session_int;

enum { SESSION_CACHE_SECONDS = 24 * 3600, SESSION_CACHE_KEY_OCTETS = 65 };

/* Where sessions are kept, and the key. */
struct session_cache {
	const char *folder; /* NULL: none are; borrowed */
	char key[SESSION_CACHE_KEY_OCTETS];
};

/* The key that a text makes: its SHA-256. */
bool session_cache_digest(struct str text, char ret_key[SESSION_CACHE_KEY_OCTETS]);
/* *ret_verified: when the server was verified; 0: there is nothing to offer. */
void session_cache_offer(
	const struct session_cache *r, struct gnutls_session_int *session, time_t *ret_verified);
/* Keeps what the session gave, without waiting for it. until: the certificates' first end. */
void session_cache_keep(const struct session_cache *r, struct gnutls_session_int *session,
	time_t verified, time_t until);

#endif

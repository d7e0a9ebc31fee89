/* SPDX-License-Identifier: MIT */
/*
 * trust - how a server proves who it is, and how we do: all that is read before TLS.
 *
 * A server is believed for a chain to a trusted authority (tls/ca_lookup) and its name, or for a
 * pin alone: a pin replaces authorities, names, dates and revocation. Loading reads the files that
 * the options name, all but the system's authorities. Errors are ERR_CONFIG, before there is any
 * connection.
 */
#ifndef TLS_TRUST_H
#define TLS_TRUST_H

#include "base/err.h"
#include "tls/ca_lookup.h"
#include "tls/session_cache.h"

struct gnutls_certificate_credentials_st;
struct gnutls_priority_st;

/* Text is borrowed for trust's life; NULL or empty where there is none. */
struct trust_options {
	const char *trust_file;   /* PEM authorities; NULL: the system's */
	const char *crl_file;     /* PEM: what they have revoked */
	const char *fingerprints; /* lists of pins (tls/pins) */
	const char *pins;
	const char *cert_file, *key_file; /* ours: PEM files or PKCS#11 URLs */
	const char *priorities;           /* as GnuTLS has them; none: the system's policy */
	bool tls13;                       /* no version below */
	bool check;                       /* off: anyone is believed, unless there are pins */
	const char *sessions;             /* the folder for sessions; NULL: none is resumed */
};

/* Whom we talk to. Text is borrowed until the next one. */
struct trust_goal {
	const char *host;      /* the name to verify, and for SNI */
	const char *service;   /* an SRVName that will do, too (tls/x509); NULL: none */
	const char *name_hint; /* what to do where the certificate has another; NULL: the usual */
	const char *peer;      /* server, port and account that a session is for; NULL: none is */
};

struct trust;

/* The caller's; outlives the streams that use it. NULL with *e on failure. */
struct trust *trust_load(const struct trust_options *options, struct err *e);
void trust_free(struct trust *trust);

/* Before each handshake. */
void trust_set_goal(struct trust *trust, const struct trust_goal *goal);
const struct trust_goal *trust_goal(const struct trust *trust);
const struct trust_options *trust_options(const struct trust *trust);
/* Are there pins? Is the server verified in any way? */
bool trust_is_pinned(const struct trust_options *options);
bool trust_is_verifying(const struct trust_options *options);

struct gnutls_certificate_credentials_st *trust_credentials(const struct trust *trust);
struct gnutls_priority_st *trust_priorities(const struct trust *trust);
/* Is one key share enough, because the first group is the one that nearly every server takes? */
bool trust_has_one_share(const struct trust *trust);
/* Adds to the credentials the authorities of these names; may a greater effort find more? */
bool trust_find_authorities(const struct trust *trust, const struct str *names, size_t count,
	enum ca_lookup_effort effort);
const struct session_cache *trust_sessions(const struct trust *trust);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * trust - what is loaded before TLS to verify the server and to identify ourselves.
 *
 * A server is trusted if it has a chain to a trusted authority (tls/ca_lookup) and its name, or if
 * it matches a pin: a pin replaces authorities, names, dates and revocation. Loading reads the
 * files that the options name, but not yet the system's authorities. Errors are ERR_CONFIG, before
 * there is any connection.
 */
#ifndef TLS_TRUST_H
#define TLS_TRUST_H

#include "base/err.h"
#include "tls/ca_lookup.h"
#include "tls/revocation.h"
#include "tls/session_cache.h"

struct gnutls_certificate_credentials_st;
struct gnutls_priority_st;
struct gnutls_x509_trust_list_st;

/* Text is borrowed as long as the trust lives; NULL or empty if there is none. */
struct trust_options {
	const char *trust_file;   /* PEM authorities; NULL: the system's */
	const char *crl_file;     /* PEM lists of certificates that authorities have revoked */
	const char *fingerprints; /* lists of pins (tls/pins) */
	const char *pins;
	const char *cert_file, *key_file; /* ours: PEM files or PKCS#11 URLs */
	const char *priorities;           /* in GnuTLS's syntax; none: the system's policy */
	bool tls13;                       /* require TLS 1.3 or later */
	bool check;                       /* false: accept any server, unless there are pins */
	const char *sessions;             /* folder for session_cache; NULL: resume no session */
};

/* The server we connect to. Text is borrowed until the next trust_set_goal(). */
struct trust_goal {
	const char *host;      /* the name to verify, and for SNI */
	const char *service;   /* an SRVName accepted in place of host (tls/x509); NULL: none */
	const char *name_hint; /* hint if the certificate has another name; NULL: the usual hint */
	const char *peer;      /* server, port and account, for session_cache; NULL: keep none */
};

struct trust;

/* NULL with *e on failure. The caller frees it, after the streams that use it. */
struct trust *trust_load(const struct trust_options *options, struct err *e);
void trust_free(struct trust *trust);

/* Call it before each handshake. */
void trust_set_goal(struct trust *trust, const struct trust_goal *goal);
const struct trust_goal *trust_goal(const struct trust *trust);
const struct trust_options *trust_options(const struct trust *trust);
/* Whether there are pins; whether the server is verified in any way. */
bool trust_is_pinned(const struct trust_options *options);
bool trust_is_verifying(const struct trust_options *options);

struct gnutls_certificate_credentials_st *trust_credentials(const struct trust *trust);
struct gnutls_priority_st *trust_priorities(const struct trust *trust);
/* Whether one key share is enough, because nearly every server supports the first group. */
bool trust_has_one_share(const struct trust *trust);
/* Adds the authorities of these names to the credentials. True if more effort may find more. */
bool trust_find_authorities(const struct trust *trust, const struct str *names, size_t count,
	enum ca_lookup_effort effort);
/* Whether some may be missing, as the machine was short of something when they were looked for. */
bool trust_is_short(const struct trust *trust);
/* The authorities that were added. */
struct gnutls_x509_trust_list_st *trust_list(const struct trust *trust);
/* NULL: there is no tls_crl_file. */
const struct revocation_lists *trust_revocation_lists(const struct trust *trust);
/*
 * What GnuTLS is to demand of a path, as its flags. If not *ret_complete, the priorities or the
 * system's policy demand more of keys and signatures, which only a session knows.
 */
unsigned trust_path_flags(const struct trust *trust, bool *ret_complete);
const struct session_cache *trust_sessions(const struct trust *trust);

#endif

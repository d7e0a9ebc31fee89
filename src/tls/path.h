/* SPDX-License-Identifier: MIT */
/*
 * path - finds the ways from a server's certificate to trusted authorities (RFC 4158).
 *
 * A server may show certificates in any order and some in vain, and several authorities may have
 * one name: each that fits is followed. Every step is a signature that holds, by one who is an
 * authority. Signatures are looked for from the trusted authorities downwards, so that no key is
 * used in a computation before one who is trusted vouches for it. Dates, purposes, constraints and
 * the strength of keys are checked only by path_status() and its callers. At most PATHS_MAX paths
 * are found, of at most PATH_SHOWN_MAX certificates that were shown.
 */
#ifndef TLS_PATH_H
#define TLS_PATH_H

#include "tls/x509.h"

struct gnutls_x509_crt_int;
struct gnutls_x509_trust_list_st;

enum { PATH_SHOWN_MAX = 16, PATHS_MAX = 32 };

struct path_cert {
	struct x509 read;
	struct gnutls_x509_crt_int *crt;
	size_t number; /* among those that were shown */
};

/*
 * The server's certificate, those that signed each other, and at the end the trusted authority. A
 * server's certificate that is trusted itself stands alone.
 */
struct path {
	const struct path_cert *certs[PATH_SHOWN_MAX + 1];
	size_t count;
};

struct paths;

/* Never NULL; the result borrows from what was shown, and the caller frees it. */
struct paths *path_find(
	const struct x509 *shown, size_t count, struct gnutls_x509_trust_list_st *trusted);
void path_free(struct paths *paths);
size_t path_count(const struct paths *paths);
const struct path *path_get(const struct paths *paths, size_t i);

/* What GnuTLS says of this path for a server, or of all that was shown; both with GnuTLS's flags.
 */
unsigned path_status(const struct path *path, unsigned flags);
unsigned path_status_of_all(
	const struct paths *paths, struct gnutls_x509_trust_list_st *trusted, unsigned flags);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * trust - who may be the server: the authorities, and the verdict on a certificate.
 *
 * Good is a chain that leads to a trusted authority, is within its dates and for servers, with the
 * host's name (or address) in a subjectAltName: a common name alone does not count (RFC 9525).
 * Errors: ERR_CONFIG for an unusable trust file, before there is any connection; ERR_CERTIFICATE
 * with the reason in words, and what to do.
 */
#ifndef SYS_TRUST_H
#define SYS_TRUST_H

#include "base/err.h"

struct gnutls_session_int;
struct gnutls_certificate_credentials_st;

struct trust_terms {
	const char *host;       /* the name to verify, and for SNI; borrowed for trust's life */
	const char *trust_file; /* PEM authorities; NULL: the system's */
	const char *name_hint;  /* what to do where the name does not fit; NULL: the usual */
	bool check;             /* off: anyone is believed */
};

struct trust;

/* The caller's; outlives the streams that use it. NULL with *e on failure. */
struct trust *trust_load(const struct trust_terms *terms, struct err *e);
void trust_free(struct trust *trust);

const struct trust_terms *trust_terms(const struct trust *trust);
struct gnutls_certificate_credentials_st *trust_credentials(const struct trust *trust);
/* The verdict on the certificate that this session's server has shown. */
bool trust_verify(const struct trust *trust, struct gnutls_session_int *session, struct err *e);

/* Is the host written as an address? Its octets, and how many. */
bool trust_is_address(const char *host, unsigned char octets[16], unsigned *ret_size);

#endif

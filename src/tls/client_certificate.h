/* SPDX-License-Identifier: MIT */
/*
 * client_certificate - who we are to a server that asks: our certificate and its private key.
 *
 * Each is a file in PEM form or a PKCS#11 URL (RFC 7512); nothing of PKCS#11 is touched without
 * one. A key file is guarded like a password's, and is not encrypted. A token's PIN stands in the
 * URL of the key (pin-value), in a file that the URL names and that is guarded in the same way
 * (pin-source), else it is asked for at the terminal, once. Errors are
 * ERR_CONFIG and show no URL.
 */
#ifndef TLS_CLIENT_CERTIFICATE_H
#define TLS_CLIENT_CERTIFICATE_H

#include "base/err.h"

struct gnutls_certificate_credentials_st;

/* Both are read now, and shown if the server asks for them. */
bool client_certificate_load(struct gnutls_certificate_credentials_st *cred, const char *cert,
	const char *key, struct err *e);
/* Is it a PKCS#11 URL? */
bool client_certificate_is_url(const char *where);

#endif

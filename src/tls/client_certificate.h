/* SPDX-License-Identifier: MIT */
/*
 * client_certificate - loads our certificate and its private key, for servers that ask for one.
 *
 * Each is a PEM file or a PKCS#11 URL (RFC 7512); without such a URL, PKCS#11 is not initialised. A
 * key file must be protected like a password file, and must not be encrypted. A token's PIN is in
 * the key's URL (pin-value), or in a file that the URL names (pin-source), protected in the same
 * way; otherwise the terminal is asked for it, once. Errors are ERR_CONFIG and do not show the URL.
 */
#ifndef TLS_CLIENT_CERTIFICATE_H
#define TLS_CLIENT_CERTIFICATE_H

#include "base/err.h"

struct gnutls_certificate_credentials_st;

/* Reads both now, and adds them to cred, to be used if the server asks for a certificate. */
bool client_certificate_load(struct gnutls_certificate_credentials_st *cred, const char *cert,
	const char *key, struct err *e);
/* Whether where is a PKCS#11 URL. */
bool client_certificate_is_url(const char *where);

#endif

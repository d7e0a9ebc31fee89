/* SPDX-License-Identifier: MIT */
/*
 * ca_lookup - finds, among all that are trusted, the few authorities that a chain needs.
 *
 * A file of authorities is read when it is opened, which fails with ERR_CONFIG where it cannot be
 * read or has no certificate that can be; what is not one is skipped (as GnuTLS does). The system's
 * are looked for in its bundle of PEM certificates: by the hashed names that OpenSSL's programs use
 * (/etc/ssl/certs/HASH.N), and if that was not enough in the whole bundle. A system without a
 * bundle has all its authorities loaded, as GnuTLS finds them. Names are compared octet for octet,
 * as GnuTLS does.
 */
#ifndef TLS_CA_LOOKUP_H
#define TLS_CA_LOOKUP_H

#include "base/err.h"
#include "base/str.h"

struct gnutls_x509_trust_list_st;

enum ca_lookup_effort {
	CA_LOOKUP_QUICK, /* what a hashed name finds; a file is read through all the same */
	CA_LOOKUP_WHOLE, /* every one */
};

struct authorities;

/* path: NULL for the system's. What must be loaded at once goes to list. NULL with *e. */
struct authorities *ca_lookup_open(
	const char *path, struct gnutls_x509_trust_list_st *list, struct err *e);
void ca_lookup_free(struct authorities *a);

/* Adds to list all that have one of the names as their subject; is there more that may be tried? */
bool ca_lookup_find(const struct authorities *a, const struct str *names, size_t count,
	enum ca_lookup_effort effort, struct gnutls_x509_trust_list_st *list);

/* The system's bundle, if it is that; else NULL. */
const char *ca_lookup_bundle(const struct authorities *a);
/* The folders and files that may be read after opening, for os/sandbox: NULL behind the last. */
const char *const *ca_lookup_paths(void);

#endif

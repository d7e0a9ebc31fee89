/* SPDX-License-Identifier: MIT */
/*
 * ca_lookup - finds, among all trusted authorities, the few that a chain needs.
 *
 * A file of authorities is read when it is opened. That fails with ERR_CONFIG if the file cannot be
 * read or holds no usable certificate; other text is skipped, as in GnuTLS. The system's
 * authorities are looked up first by the hashed file names of OpenSSL's programs
 * (/etc/ssl/certs/HASH.N), and if that is not enough, in the whole bundle of PEM certificates. On a
 * system without a bundle GnuTLS loads all authorities. Names are compared octet for octet, as in
 * GnuTLS.
 */
#ifndef TLS_CA_LOOKUP_H
#define TLS_CA_LOOKUP_H

#include "base/err.h"
#include "base/str.h"

struct gnutls_x509_trust_list_st;

enum ca_lookup_effort {
	CA_LOOKUP_QUICK, /* the system's by hashed name only; a file is always searched whole */
	CA_LOOKUP_WHOLE, /* all */
};

struct authorities;

/*
 * path: NULL for the system's authorities. Authorities that can only be loaded all together are
 * added to list. NULL with *e on failure. Free with ca_lookup_free().
 */
struct authorities *ca_lookup_open(
	const char *path, struct gnutls_x509_trust_list_st *list, struct err *e);
void ca_lookup_free(struct authorities *a);

/* Adds to list all whose subject is one of the names. True if a greater effort may find more. */
bool ca_lookup_find(struct authorities *a, const struct str *names, size_t count,
	enum ca_lookup_effort effort, struct gnutls_x509_trust_list_st *list);

/* Whether a file could not be read for want of descriptors or memory, so that some may be missing.
 */
bool ca_lookup_is_short(const struct authorities *a);

/* The path of the system's bundle if it is used, otherwise NULL. */
const char *ca_lookup_bundle(const struct authorities *a);
/* The folders and files that may be read after opening, for os/sandbox; NULL after the last. */
const char *const *ca_lookup_paths(void);

#endif

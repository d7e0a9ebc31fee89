/* SPDX-License-Identifier: MIT */
/*
 * x509 - what an X.509 certificate says (RFC 5280), read without trusting any of it.
 *
 * Reading is linear in the certificate's size. A struct x509 points into the octets it was read
 * from. Here are the rules that GnuTLS leaves open or gets wrong in versions that are in use: a
 * host's name counts in a subjectAltName only (RFC 9525), whole, or with "*" for the whole
 * left-most label of at least three; an address only as iPAddress; nameConstraints hold without
 * regard to case, for each authority by itself.
 */
#ifndef TLS_X509_H
#define TLS_X509_H

#include "base/buf.h"

#include <time.h>

struct x509 {
	struct str whole;
	struct str issuer, subject; /* Names, with their heads */
	time_t from, until;
	struct str key;         /* SubjectPublicKeyInfo, with its head */
	struct str names;       /* the GeneralNames of subjectAltName, or empty */
	struct str constraints; /* the content of nameConstraints, or empty */
	bool must_staple;       /* TLS Feature status_request (RFC 7633) */
};

bool x509_read(struct str der, struct x509 *ret);
/* The subject of a certificate, of which only the beginning is there. */
bool x509_peek_subject(struct str beginning, struct str *ret);

/* Is the host written as an address? Its octets, and how many. */
bool x509_is_address(const char *host, unsigned char octets[16], unsigned *ret_size);
bool x509_is_for(const struct x509 *cert, const char *host);
/* An SRVName (RFC 4985), such as "_submissions.example.org". */
bool x509_is_for_service(const struct x509 *cert, const char *service);
/* Does an authority's nameConstraints allow all names of a certificate, and the host? */
bool x509_allows(const struct x509 *authority, const struct x509 *cert, const char *host);
/* An elliptic curve of less than 256 bits? Of other keys the priorities decide. */
bool x509_has_weak_curve(const struct x509 *cert);
/* Some of the names and addresses it is for, for people; how many there are, and are shown. */
size_t x509_list_names(const struct x509 *cert, size_t *ret_shown, struct buf *out);
/* commonName, else organizationName of a Name, for people; maybe empty. */
void x509_title(struct str name, struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * x509 - reads an X.509 certificate (RFC 5280) without trusting its contents.
 *
 * Reading is linear in the certificate's size. A struct x509 points into the octets it was read
 * from. This module has the rules that GnuTLS leaves open, or gets wrong in versions still in use:
 * a host's name counts only in a subjectAltName (RFC 9525), whole, or with "*" for the whole
 * left-most label of at least three; an address counts only as iPAddress; nameConstraints apply
 * without regard to case, those of each authority separately, to names of all forms that the RFCs
 * define limits for (RFC 5280 section 4.2.1.10, RFC 4985 section 4), the subject among them.
 */
#ifndef TLS_X509_H
#define TLS_X509_H

#include "base/buf.h"

#include <time.h>

struct x509 {
	struct str whole;
	struct str issuer, subject; /* Names, with their DER heads */
	time_t from, until;
	struct str key;         /* SubjectPublicKeyInfo, with its DER head */
	struct str names;       /* the GeneralNames of subjectAltName, or empty */
	struct str constraints; /* the content of nameConstraints, or empty */
	struct str extensions;  /* all of them */
	bool must_staple;       /* TLS Feature status_request (RFC 7633) */
};

/* Why a name that looks like the host's does not count. */
enum x509_slip {
	X509_NO_SLIP, /* there is no such name */
	X509_ADDRESS_AS_NAME,
	X509_BAD_ADDRESS, /* an iPAddress of neither 4 nor 16 octets */
	X509_NOT_ASCII,   /* an international name that is not written with "xn--" */
	X509_STAR,        /* "*" where it has no meaning */
	X509_BLANK,       /* a blank or another octet that cannot be seen */
	X509_DOT,         /* at the end */
};

bool x509_read(struct str der, struct x509 *ret);
/* Reads the subject from the beginning of a certificate. */
bool x509_peek_subject(struct str beginning, struct str *ret);

/* Whether host is an IP address; gives its octets and their number. */
bool x509_is_address(const char *host, unsigned char octets[16], unsigned *ret_size);
bool x509_is_for(const struct x509 *cert, const char *host);
/* service: an SRVName (RFC 4985), such as "_submissions.example.org". */
bool x509_is_for_service(const struct x509 *cert, const char *service);
/* Whether the authority's nameConstraints allow all names of the certificate, and the host. */
bool x509_allows(const struct x509 *authority, const struct x509 *cert, const char *host);
/* Whether the key is on an elliptic curve of less than 256 bits; priorities judge other keys. */
bool x509_has_weak_curve(const struct x509 *cert);
/*
 * Octets of the modulus of an RSA key (RFC 3279 section 2.3.1) or of the prime p of a DSA key
 * (section 2.3.2): what a signature costs depends on them. 0 for keys of other algorithms; SIZE_MAX
 * for a key that cannot be read.
 */
size_t x509_modulus_octets(const struct x509 *cert);
/* Why TLS cannot use a certificate, as far as can be told; NULL: nothing is known against it. */
const char *x509_flaw(struct str der);
/* Looks for a name that is meant for the host, and counts for nothing; *ret_name is cut if long. */
enum x509_slip x509_find_slip(const struct x509 *cert, const char *host, struct str *ret_name);
/* Appends some of the certificate's names and addresses, for people; returns how many it has. */
size_t x509_list_names(const struct x509 *cert, size_t *ret_shown, struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * distinguished_name - the Name of a certificate's subject or issuer (RFC 5280 section 4.1.2.4).
 *
 * A Name is given with its DER head. Two are compared in a canonical form: text as UTF-8, in lower
 * case, without spaces at its ends and with one between words. A Name cannot be compared if it has
 * text in an encoding that is not supported here, or several attributes in one place.
 */
#ifndef TLS_DISTINGUISHED_NAME_H
#define TLS_DISTINGUISHED_NAME_H

#include "base/buf.h"

/*
 * The hash that OpenSSL's programs use to name a certificate's file: the SHA-1 of the canonical
 * form (openssl-rehash(1)). It is only an index and proves nothing. False if the name cannot be
 * compared.
 */
bool distinguished_name_hash(struct str name, uint32_t *ret);
/* Whether the name begins with all that limit has. False if the two cannot be compared. */
bool distinguished_name_is_within(struct str name, struct str limit, bool *ret);
/* Appends the commonName, or else organizationName, for people; perhaps nothing. */
void distinguished_name_title(struct str name, struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * pem - the certificates in a text (RFC 7468 section 5.1).
 *
 * Text between and around them is skipped, and so are other kinds of blocks; among these are those
 * of OpenSSL with trust of their own (BEGIN TRUSTED CERTIFICATE), which GnuTLS does not read.
 */
#ifndef TLS_PEM_H
#define TLS_PEM_H

#include "base/buf.h"

/* Takes the next certificate off *rest; *ret: its base64. False behind the last. */
bool pem_next(struct str *rest, struct str *ret);
/* Its octets replace what is in out, as many as out's limit allows: is all of that well-formed? */
bool pem_decode(struct str base64, struct buf *out);

#endif

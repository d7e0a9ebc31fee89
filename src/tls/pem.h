/* SPDX-License-Identifier: MIT */
/*
 * pem - finds the certificates in a text (RFC 7468 section 5.1).
 *
 * All other text is skipped, and so are blocks of other kinds, such as OpenSSL's BEGIN TRUSTED
 * CERTIFICATE, which GnuTLS does not read either.
 */
#ifndef TLS_PEM_H
#define TLS_PEM_H

#include "base/buf.h"

/* Takes the next certificate off *rest; *ret: its base64. False after the last. */
bool pem_next(struct str *rest, struct str *ret);
/* Decodes into out, replacing its contents, up to out's limit. False if not well-formed. */
bool pem_decode(struct str base64, struct buf *out);

#endif

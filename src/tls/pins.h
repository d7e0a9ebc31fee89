/* SPDX-License-Identifier: MIT */
/*
 * pins - recognises servers by their certificate or by its key.
 *
 * A fingerprint is the SHA-256 of the certificate in hexadecimal digits, with or without colons;
 * a key's pin is "sha256//" and the base64 of the SHA-256 of its SubjectPublicKeyInfo (RFC 7469
 * section 2.4). A list has '\n' after each item. A bad text is ERR_CONFIG with the valid form.
 */
#ifndef TLS_PINS_H
#define TLS_PINS_H

#include "base/buf.h"
#include "base/err.h"
#include "tls/x509.h"

bool pins_check_fingerprint(struct str text, struct err *e);
bool pins_check_key(struct str text, struct err *e);
/* Whether the certificate is in one list, or its key in the other. A list may be NULL. */
bool pins_match(const char *fingerprints, const char *keys, const struct x509 *cert);
/* Appends the configuration line that pins the certificate, or its key. */
void pins_line(const struct x509 *cert, bool key, struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * hash - digests, and keys derived from passwords, for rooms that do not see GnuTLS.
 *
 * Every function writes hash_octets(which) octets, at most HASH_MAX. False means that the library
 * failed, for example because its policy forbids the digest.
 */
#ifndef TLS_HASH_H
#define TLS_HASH_H

#include "base/err.h"

enum { HASH_MAX = 32 };

enum hash { HASH_SHA_1, HASH_SHA_256 };

size_t hash_octets(enum hash which);
bool hash_digest(enum hash which, struct str octets, unsigned char ret[HASH_MAX]);

struct hash_salt {
	struct str octets;
	unsigned iterations;
};

/* The kind of an error of GnuTLS: ERR_TEMPORARY if memory or random numbers ran out, else `kind`.
 */
enum err_kind hash_failure(int code, enum err_kind kind);

/* PBKDF2 (RFC 8018 section 5.2) with HMAC; the result is a secret. Fails with ERR_SOFTWARE. */
bool hash_pbkdf2(enum hash which, struct str password, const struct hash_salt *salt,
	unsigned char ret[HASH_MAX], struct err *e);

#endif

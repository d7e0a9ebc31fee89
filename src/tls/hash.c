/* SPDX-License-Identifier: MIT */
#include "tls/hash.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

static const struct {
	gnutls_digest_algorithm_t digest;
	gnutls_mac_algorithm_t mac;
	size_t octets;
} hashes[] = {
	[HASH_SHA_1] = { GNUTLS_DIG_SHA1, GNUTLS_MAC_SHA1, 20 },
	[HASH_SHA_256] = { GNUTLS_DIG_SHA256, GNUTLS_MAC_SHA256, 32 },
};

size_t hash_octets(enum hash which)
{
	return hashes[which].octets;
}

bool hash_digest(enum hash which, struct str octets, unsigned char ret[HASH_MAX])
{
	return gnutls_hash_fast(hashes[which].digest, octets.p, octets.len, ret) ==
	       GNUTLS_E_SUCCESS;
}

static gnutls_datum_t datum(struct str s)
{
	/* The library's type has no const; it only reads. */
	return (gnutls_datum_t) { (unsigned char *)(uintptr_t)s.p, (unsigned)s.len };
}

enum err_kind hash_failure(int code, enum err_kind kind)
{
	bool short_of = code == GNUTLS_E_MEMORY_ERROR || code == GNUTLS_E_RANDOM_FAILED;

	return short_of ? ERR_TEMPORARY : kind;
}

bool hash_pbkdf2(enum hash which, struct str password, const struct hash_salt *salt,
	unsigned char ret[HASH_MAX], struct err *e)
{
	gnutls_datum_t key = datum(password), salted = datum(salt->octets);
	int rc = gnutls_pbkdf2(
		hashes[which].mac, &key, &salted, salt->iterations, ret, hashes[which].octets);

	return rc == GNUTLS_E_SUCCESS ||
	       err_set(e, hash_failure(rc, ERR_SOFTWARE), "%s", gnutls_strerror(rc));
}

/* SPDX-License-Identifier: MIT */
#include "tls/pins.h"

#include "tls/hash.h"

#include <string.h>

enum { DIGEST = 32, MD5 = 16, SHA1 = 20 };

static const struct str key_prefix = { "sha256//", 8 };

/* Reads pairs of digits, with colons between all pairs or none; too many set out->over. */
static bool read_hex(struct str text, struct buf *out)
{
	bool colons = text.len > 2 && text.p[2] == ':';

	while (text.len >= 2) {
		int high = chr_hex(text.p[0]), low = chr_hex(text.p[1]);
		if (high < 0 || low < 0)
			return false;
		buf_char(out, (char)(high << 4 | low));
		text = str_from(text, 2);
		if (!text.len)
			return true;
		if (colons && (text.p[0] != ':' || text.len < 3))
			return false;
		text = str_from(text, colons ? 1 : 0);
	}
	return false;
}

static bool read_fingerprint(struct str text, struct buf *out)
{
	return read_hex(str_trim(text), out) && !out->over && out->len == DIGEST;
}

static bool read_key(struct str text, struct buf *out)
{
	return str_starts(text, key_prefix) && buf_unbase64(out, str_from(text, key_prefix.len)) &&
	       !out->over && out->len == DIGEST;
}

bool pins_check_fingerprint(struct str text, struct err *e)
{
	struct buf digest CLEAN_UP(buf_done) = BUF_INIT(DIGEST);

	if (read_fingerprint(text, &digest))
		return true;
	buf_clear(&digest);
	bool hex = read_hex(str_trim(text), &digest) && !digest.over;
	if (hex && (digest.len == SHA1 || digest.len == MD5))
		return err_set(e, ERR_CONFIG,
			"this is the %s of a certificate, which does not tell it from a forged "
			"one; use its SHA-256",
			digest.len == SHA1 ? "SHA-1" : "MD5");
	return err_set(
		e, ERR_CONFIG, "must be 64 hexadecimal digits, the SHA-256 of the certificate");
}

bool pins_check_key(struct str text, struct err *e)
{
	struct buf digest CLEAN_UP(buf_done) = BUF_INIT(DIGEST);

	return read_key(text, &digest) ||
	       err_set(e, ERR_CONFIG,
		       "must be sha256// and the base64 of the SHA-256 of a public key");
}

static bool is_listed(
	const char *list, bool (*read)(struct str text, struct buf *out), struct str octets)
{
	unsigned char digest[HASH_MAX];
	struct str rest = str_of(list);

	if (!rest.len || !hash_digest(HASH_SHA_256, octets, digest))
		return false;
	while (rest.len) {
		struct buf wanted CLEAN_UP(buf_done) = BUF_INIT(DIGEST);
		if (read(str_cut(&rest, '\n'), &wanted) &&
			str_eq(buf_str(&wanted), str_n((const char *)digest, DIGEST)))
			return true;
	}
	return false;
}

bool pins_match(const char *fingerprints, const char *keys, const struct x509 *cert)
{
	return is_listed(fingerprints, read_fingerprint, cert->whole) ||
	       is_listed(keys, read_key, cert->key);
}

void pins_line(const struct x509 *cert, bool key, struct buf *out)
{
	struct str octets = key ? cert->key : cert->whole;
	unsigned char digest[HASH_MAX];

	if (!hash_digest(HASH_SHA_256, octets, digest))
		return;
	if (key) {
		buf_add(out, STR("tls_pin sha256//"));
		buf_base64(out, str_n((const char *)digest, DIGEST));
		return;
	}
	buf_add(out, STR("tls_fingerprint "));
	for (size_t i = 0; i < DIGEST; i++)
		buf_fmt(out, "%s%02X", i ? ":" : "", (unsigned)digest[i]);
}

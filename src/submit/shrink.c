/* SPDX-License-Identifier: MIT */
#include "submit/shrink.h"

#include "base/mem.h"
#include "conf/search.h"
#include "sys/cache.h"
#include "sys/confine.h"

enum { PORT_DNS = 53 }; /* for answers that are too long for UDP */

/* Where systems keep their authorities, and what the library has of a policy. */
static const char *const authorities[] = {
	"/etc/ssl/certs",
	"/etc/ssl/cert.pem",
	"/etc/ssl/ca-bundle.pem",
	"/etc/pki/tls/certs",
	"/etc/pki/tls/cert.pem",
	"/etc/pki/ca-trust",
	"/etc/ca-certificates",
	"/usr/share/ca-certificates",
	"/usr/local/share/ca-certificates",
	"/usr/share/pki",
	"/etc/gnutls",
	"/etc/crypto-policies",
	"/usr/share/crypto-policies",
};

/* Whoever drives it opens what it likes, whenever it likes. */
static bool is_token(const char *url)
{
	return str_starts_same(str_of(url), STR("pkcs11:"));
}

void shrink_to_talk(const struct session_terms *terms)
{
	const char *read[ARRAY_LEN(authorities) + 2] = { NULL };
	char *folder CLEAN_UP(mem_free_at) = search_cache_folder();
	struct confine_terms confine = { .read = read };
	bool verified = terms->tls != SESSION_CLEAR && trust_is_verifying(&terms->trust);
	size_t n = 0;

	if (is_token(terms->trust.key_file) || is_token(terms->trust.cert_file)) {
		confine_privileges();
		return;
	}
	for (; verified && n < ARRAY_LEN(authorities); n++)
		read[n] = authorities[n];
	if (verified)
		read[n] = terms->trust.trust_file;
	if (verified && folder && cache_prepare(folder))
		confine.folder = folder;
	if (!terms->socket) {
		confine.ports[confine.port_count++] = terms->port;
		confine.ports[confine.port_count++] = PORT_DNS;
	}
	confine_talk(&confine);
}

void shrink_to_record(void)
{
	confine_record();
}

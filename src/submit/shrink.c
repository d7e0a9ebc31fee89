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

static void add_port(struct confine_terms *confine, unsigned port)
{
	for (size_t i = 0; i < confine->port_count; i++)
		if (confine->ports[i] == port)
			return;
	must(confine->port_count < CONFINE_PORTS_MAX);
	confine->ports[confine->port_count++] = port;
}

static void add_ports(const struct session_terms *terms, struct confine_terms *confine)
{
	if (terms->way.socket)
		return;
	add_port(confine, PORT_DNS);
	if (terms->way.proxy)
		add_port(confine, terms->way.proxy_port);
	for (size_t i = 0; !terms->way.proxy && i < terms->count; i++)
		add_port(confine, terms->targets[i].port);
}

static bool has_tls(const struct session_terms *terms)
{
	for (size_t i = 0; i < terms->count; i++)
		if (terms->targets[i].tls != SESSION_CLEAR)
			return true;
	return false;
}

void shrink_to_talk(const struct session_terms *terms)
{
	const char *read[ARRAY_LEN(authorities) + 2] = { NULL };
	char *folder CLEAN_UP(mem_free_at) = search_cache_folder();
	struct confine_terms confine = { .read = read, .source = terms->way.sources != NULL };
	bool verified = has_tls(terms) && trust_is_verifying(&terms->trust);
	size_t n = 0;

	if (terms->way.tunnel)
		return;
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
	add_ports(terms, &confine);
	confine_talk(&confine);
}

void shrink_to_record(void)
{
	confine_record();
}

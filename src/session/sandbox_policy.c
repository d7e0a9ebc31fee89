/* SPDX-License-Identifier: MIT */
#include "session/sandbox_policy.h"

#include "base/mem.h"
#include "conf/config_files.h"
#include "session/servers.h"
#include "os/private_cache.h"
#include "os/sandbox.h"
#include "tls/client_certificate.h"

enum { PORT_DNS = 53 }; /* for answers that are too long for UDP */

_Static_assert(CONFINE_PORTS_MAX >= TARGETS_MOST + 2, "each server, a proxy, name servers");

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
	const struct trust_terms *t = &terms->trust;
	char *folder CLEAN_UP(mem_free_at) = search_cache_folder();
	struct confine_terms confine = { .source = terms->way.sources != NULL };
	bool verified = has_tls(terms) && trust_is_verifying(t);

	if (terms->way.tunnel)
		return;
	if (identity_is_url(t->key_file) || identity_is_url(t->cert_file)) {
		confine_privileges();
		return;
	}
	if (verified && !trust_is_pinned(t) && !t->trust_file)
		confine.read = authorities_paths();
	if (verified && folder && cache_prepare(folder))
		confine.folder = folder;
	add_ports(terms, &confine);
	confine_talk(&confine);
}

void shrink_to_record(void)
{
	confine_record();
}

/* SPDX-License-Identifier: MIT */
#include "session/sandbox_policy.h"

#include "base/mem.h"
#include "conf/config_files.h"
#include "os/private_cache.h"
#include "os/sandbox.h"
#include "session/server_list.h"
#include "tls/client_certificate.h"

enum { PORT_DNS = 53 }; /* for answers that are too long for UDP */

_Static_assert(SANDBOX_PORTS_MAX >= SERVER_LIST_MOST + 2, "each server, a proxy, name servers");

static void add_port(struct sandbox_options *sandbox, unsigned port)
{
	for (size_t i = 0; i < sandbox->port_count; i++)
		if (sandbox->ports[i] == port)
			return;
	must(sandbox->port_count < SANDBOX_PORTS_MAX);
	sandbox->ports[sandbox->port_count++] = port;
}

static void add_ports(const struct session_options *options, struct sandbox_options *sandbox)
{
	if (options->way.socket)
		return;
	add_port(sandbox, PORT_DNS);
	if (options->way.proxy)
		add_port(sandbox, options->way.proxy_port);
	for (size_t i = 0; !options->way.proxy && i < options->count; i++)
		add_port(sandbox, options->servers[i].port);
}

static bool has_tls(const struct session_options *options)
{
	for (size_t i = 0; i < options->count; i++)
		if (options->servers[i].tls != SESSION_CLEAR)
			return true;
	return false;
}

void sandbox_policy_talk(const struct session_options *options)
{
	const struct trust_options *t = &options->trust;
	char *folder CLEAN_UP(mem_free_at) = config_files_cache_folder();
	struct sandbox_options sandbox = {
		.source = options->way.sources != NULL,
		.keep = options->keep,
	};
	bool verified = has_tls(options) && trust_is_verifying(t);

	if (options->way.tunnel)
		return;
	if (client_certificate_is_url(t->key_file) || client_certificate_is_url(t->cert_file)) {
		sandbox_privileges();
		return;
	}
	if (verified && !trust_is_pinned(t) && !t->trust_file)
		sandbox.read = ca_lookup_paths();
	/* What is learnt of CHUNKING is kept for every server. */
	if ((verified || options->chunking) && folder && private_cache_prepare(folder))
		sandbox.folder = folder;
	add_ports(options, &sandbox);
	sandbox_talk(&sandbox);
}

void sandbox_policy_record(void)
{
	sandbox_record();
}

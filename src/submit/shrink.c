/* SPDX-License-Identifier: MIT */
#include "submit/shrink.h"

#include "base/mem.h"
#include "conf/search.h"
#include "sys/cache.h"
#include "sys/confine.h"
#include "sys/identity.h"

enum { PORT_DNS = 53 }; /* for answers that are too long for UDP */

void shrink_to_talk(const struct session_terms *terms)
{
	static const char *const nothing[] = { NULL };
	char *folder CLEAN_UP(mem_free_at) = search_cache_folder();
	struct confine_terms confine = { .read = nothing };
	bool verified = terms->tls != SESSION_CLEAR && trust_is_verifying(&terms->trust);

	if (identity_is_url(terms->trust.key_file))
		return; /* what a token's driver has to open, nobody knows */
	if (verified && !trust_is_pinned(&terms->trust) && !terms->trust.trust_file)
		confine.read = authorities_paths();
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

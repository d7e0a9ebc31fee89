/* SPDX-License-Identifier: MIT */
#include "session/route.h"

#include "base/log.h"
#include "cred/cred.h"
#include "os/process.h"

#include <string.h>

struct cred_options route_cred_options(
	const struct account *account, const struct hosts_item *host, const char *home)
{
	const struct settings *s = &account->s;
	bool any = settings_auth(s) == SETTINGS_AUTH_ON;

	return (struct cred_options) {
		.password = &s->password,
		.password_file = s->password_file,
		.passwordeval = s->passwordeval,
		.account = account->name,
		.user = str_given(s->user) ? s->user : "",
		.host = host->name[0] || !s->socket ? host->name : s->socket,
		.home = home[0] == '/' ? home : NULL,
		.by_option = account->secret_by_option,
		.token = !any && mech_wants(s->auth) == MECH_WANTS_TOKEN,
		.optional = any && str_given(s->tls_cert_file),
	};
}

bool route_needs_secret(const struct settings *s)
{
	switch (settings_auth(s)) {
	case SETTINGS_AUTH_OFF:
		return false;
	case SETTINGS_AUTH_ON:
		return true;
	default:
		return mech_wants(s->auth) <= MECH_WANTS_TOKEN;
	}
}

/* Finds the mechanism (NULL for our ranking), and the secret for it. */
static bool find_secret(
	const struct account *account, struct cred *ret, const char **ret_only, struct err *e)
{
	const struct settings *s = &account->s;
	bool any = settings_auth(s) == SETTINGS_AUTH_ON;
	char *home CLEAN_UP(mem_free_at) = setting_home_path(STR("~"));
	struct hosts_item host = hosts_first(s);
	struct cred_options options = route_cred_options(account, &host, home);

	*ret_only = any ? NULL : s->auth;
	if (!route_needs_secret(s))
		return true;
	if (!cred_find(&options, ret, e))
		return false;
	if (options.optional && ret->source == CRED_NONE) /* our certificate is the proof */
		*ret_only = "external";
	return true;
}

struct trust_options route_trust_options(const struct settings *s, const char *sessions)
{
	return (struct trust_options) {
		.trust_file = s->tls_trust_file,
		.crl_file = s->tls_crl_file,
		.fingerprints = s->tls_fingerprint,
		.pins = s->tls_pin,
		.cert_file = s->tls_cert_file,
		.key_file = s->tls_key_file,
		.priorities = s->tls_priorities,
		.tls13 = s->tls_min_version == TLS_VERSION_1_3,
		.check = s->tls_certcheck,
		.sessions = sessions,
	};
}

bool route_find(const struct account *account, deadline until, struct route *ret, struct err *e)
{
	const struct settings *s = &account->s;
	bool auth = settings_auth(s) != SETTINGS_AUTH_OFF;
	const char *only = NULL;

	process_guard_memory();
	if (auth && !find_secret(account, &ret->cred, &only, e))
		return false;
	if (s->tls && !hosts_is_verified(s))
		log_warning("the server's certificate is not verified (tls_certcheck off)");
	if (!server_list_find(s, until, &ret->servers, e))
		return false;
	ret->sessions = s->tls_session_cache ? config_files_cache_folder() : NULL;
	ret->options = (struct session_options) {
		.account = account->name,
		.way = hosts_dial_options(s),
		.servers = ret->servers.list,
		.count = ret->servers.count,
		.missed = buf_text(&ret->servers.missed),
		.pipelining = s->pipelining,
		.chunking = s->chunking != CHUNKING_OFF,
		.lmtp = s->protocol == PROTOCOL_LMTP,
		.trust = route_trust_options(s, ret->sessions),
		.auth = auth,
		.secrets = {
			.user = str_given(s->user) ? s->user : "",
			.secret = &ret->cred.secret,
			.only = only,
			.realm = s->ntlmdomain,
			.source = ret->cred.source ? cred_source_name(ret->cred.source,
							     account->secret_by_option)
						   : NULL,
		},
		.timeout = s->timeout,
		.timeout_final = s->timeout_final,
	};
	return true;
}

void route_done(struct route *r)
{
	cred_done(&r->cred);
	mem_free(r->sessions);
	server_list_done(&r->servers);
}

/* SPDX-License-Identifier: MIT */
#include "session/server_list.h"

#include "base/log.h"
#include "base/mem.h"
#include "conf/hosts.h"
#include "net/srv.h"

enum { MISSED_OCTETS = 300 };

static const char *keep_text(struct server_list *t, char *text)
{
	t->texts = mem_grow(t->texts, (t->text_count + 1) * sizeof(*t->texts));
	t->texts[t->text_count++] = text;
	return text;
}

static enum session_tls tls_mode(const struct settings *s)
{
	if (!s->tls)
		return SESSION_CLEAR;
	return s->tls_starttls ? SESSION_STARTTLS : SESSION_IMPLICIT;
}

/* Our name for EHLO; NULL means our address as a literal. */
static const char *hello_name(const struct settings *s, const char *host, struct server_list *t)
{
	struct dial_options way = hosts_dial_options(s);

	if (s->domain && s->domain[0])
		return s->domain;
	way.host = host;
	if (dial_is_local(&way))
		return "localhost";
	return t->helo[0] || host_public_name(t->helo) ? t->helo : NULL;
}

static const char * override(const struct settings *s)
{
	return s->tls_host_override && s->tls_host_override[0] ? s->tls_host_override : NULL;
}

static void add_server(struct server_list *t, const struct session_server *server)
{
	t->list[t->count++] = *server;
}

static void add_named(const struct settings *s, const char *name, struct server_list *t)
{
	const char *host = keep_text(t, mem_str(name));

	add_server(t, &(struct session_server) {
			      .host = host,
			      .port = s->port,
			      .tls = tls_mode(s),
			      .name = override(s) ? override(s) : host,
			      .helo = hello_name(s, host, t),
		      });
}

/* --- published servers --- */

struct service {
	const char *name;
	enum session_tls tls;
};

/* The hint for a name that DNS gave without proof: the host line to use if it is right. */
static char *name_hint(const struct srv *srv, const char *domain, enum session_tls tls)
{
	return mem_fmt(
		"nothing proves (DNSSEC) that %s is a server of %s; if it is, write in place of "
		"srv:%s: host %s, port %u, tls_starttls %s",
		srv->target, domain, domain, srv->target, srv->port,
		tls == SESSION_STARTTLS ? "on" : "off");
}

/* "_submissions._tcp" is the service "_submissions". */
static char *service_name(const struct service *service, const char *domain)
{
	struct str name = str_of(service->name);

	return mem_fmt("%.*s.%s", STR_ARG(str_head(name, str_find(name, '.'))), domain);
}

static void add_published(const struct settings *s, const char *domain,
	const struct service *service, const struct srv_answer *found, struct server_list *t)
{
	bool proved = found->proved || override(s);

	for (size_t i = 0; i < found->count && t->count < SERVER_LIST_MOST; i++) {
		const struct srv *srv = &found->list[i];
		const char *host = keep_text(t, mem_str(srv->target));
		const char *name = proved ? host : domain;
		add_server(t,
			&(struct session_server) {
				.host = host,
				.port = srv->port,
				.tls = service->tls,
				.name = override(s) ? override(s) : name,
				.service =
					proved ? NULL : keep_text(t, service_name(service, domain)),
				.name_hint =
					proved ? NULL
					       : keep_text(t, name_hint(srv, domain, service->tls)),
				.helo = hello_name(s, host, t),
			});
	}
}

static bool find_published(const struct settings *s, const char *name, deadline until,
	struct server_list *t, struct err *e)
{
	static const struct service services[] = {
		{ "_submissions._tcp", SESSION_IMPLICIT },
		{ "_submission._tcp", SESSION_STARTTLS },
	};
	const char *domain = keep_text(t, mem_str(name));
	size_t before = t->count;
	bool refused = false;

	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		struct srv_answer found;
		if (!srv_find(services[i].name, domain, until, &found, e))
			return err_in(e, "host srv:%s", domain);
		refused |= found.refused;
		add_published(s, domain, &services[i], &found, t);
	}
	if (t->count > before)
		return true;
	if (refused) {
		err_set(e, ERR_UNAVAILABLE, "host srv:%s: it offers no submission of mail", domain);
		return err_hint(e,
			"in place of the line host srv:%s write: host NAME, with the name of its "
			"server",
			domain);
	}
	err_set(e, ERR_NETWORK,
		"host srv:%s: it publishes no server (SRV records of "
		"_submissions._tcp or _submission._tcp)",
		domain);
	return err_hint(e,
		"is the domain spelt right in the line host srv:%s? else write: host NAME, with "
		"the name of its server",
		domain);
}

bool server_list_find(
	const struct settings *s, deadline run_until, struct server_list *ret, struct err *e)
{
	struct str list = str_of(s->host);
	int64_t seconds = s->timeout ? s->timeout : DIAL_SECONDS;
	deadline until = deadline_first(deadline_in(seconds * 1000), run_until);
	struct hosts_item host;
	struct err why = { 0 };

	*ret = (struct server_list) { .missed = BUF_INIT(ERR_WHAT_MAX) };
	if (!list.len)
		add_named(s, "", ret);
	while (ret->count < SERVER_LIST_MOST && hosts_next(&list, &host)) {
		deadline soon = deadline_in(SERVER_LIST_SECONDS * 1000);
		if (!host.srv) {
			add_named(s, host.name, ret);
			continue;
		}
		if (find_published(s, host.name, ret->count ? deadline_first(soon, until) : until,
			    ret, &why))
			continue;
		log_note("%s", why.what);
		if (ret->missed.len < MISSED_OCTETS)
			buf_fmt(&ret->missed, "%s%.150s", ret->missed.len ? "; then " : "",
				why.what);
	}
	if (!ret->count)
		*e = why;
	return ret->count > 0;
}

void server_list_done(struct server_list *t)
{
	for (size_t i = 0; i < t->text_count; i++)
		mem_free(t->texts[i]);
	mem_free(t->texts);
	buf_done(&t->missed);
}

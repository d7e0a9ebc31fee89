/* SPDX-License-Identifier: MIT */
#include "conf/hosts.h"

#include "mail/addr.h"
#include "tls/trust.h"

#include <string.h>

static const char SRV[] = "srv:";

bool hosts_next(struct str *list, struct hosts_item *ret)
{
	struct str name = str_cut(list, '\n');

	ret->srv = str_starts(name, str_of(SRV));
	if (ret->srv)
		name = str_from(name, sizeof(SRV) - 1);
	text_fmt(ret->name, sizeof(ret->name), "%.*s", STR_ARG(name));
	return name.len > 0;
}

struct hosts_item hosts_first(const struct settings *s)
{
	struct str list = str_of(s->host);
	struct hosts_item first;

	(void)hosts_next(&list, &first);
	return first;
}

static enum resolve_family family(const struct settings *s)
{
	if (s->address_family == FAMILY_IPV4)
		return RESOLVE_IPV4;
	if (s->address_family == FAMILY_IPV6)
		return RESOLVE_IPV6;
	return RESOLVE_ANY;
}

struct dial_options hosts_dial_options(const struct settings *s)
{
	return (struct dial_options) {
		.host = "",
		.socket = str_given(s->socket),
		.tunnel = str_given(s->tunnel),
		.proxy = str_given(s->proxy_host),
		.proxy_port = s->proxy_port,
		.proxy_user = str_given(s->proxy_user),
		.proxy_password = &s->proxy_password,
		.sources = str_given(s->source_ip),
		.family = family(s),
	};
}

bool hosts_is_tls_port(unsigned port)
{
	return port == 465 || port == 2465;
}

bool hosts_is_verified(const struct settings *s)
{
	struct trust_options options = {
		.check = s->tls_certcheck, .fingerprints = s->tls_fingerprint, .pins = s->tls_pin
	};

	return s->tls && trust_is_verifying(&options);
}

bool hosts_is_local(const struct settings *s)
{
	struct dial_options options = hosts_dial_options(s);
	struct str list = str_of(s->host);
	struct hosts_item host;

	if (options.socket || options.tunnel)
		return dial_is_local(&options);
	while (hosts_next(&list, &host)) {
		options.host = host.name;
		if (host.srv || !dial_is_local(&options))
			return false;
	}
	return true;
}

static bool add_host(const struct hosts_item *host, struct buf *out, struct err *e)
{
	struct buf labels CLEAN_UP(buf_done) = BUF_INIT(VALUE_NAME_OCTETS);
	bool ascii = str_is_ascii(str_of(host->name));

	if (!ascii && !addr_domain_to_ascii(str_of(host->name), &labels))
		return err_set(
			e, ERR_CONFIG, "host: %s is not a name that may be registered", host->name);
	buf_fmt(out, "%s%s\n", host->srv ? SRV : "", ascii ? host->name : buf_text(&labels));
	return true;
}

bool hosts_to_ascii(struct settings *s, struct err *e)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(2 * SETTING_LIST_MAX);
	struct str list = str_of(s->host);
	struct hosts_item host;

	while (hosts_next(&list, &host))
		if (!add_host(&host, &out, e))
			return false;
	mem_free(s->host);
	s->host = mem_str(buf_text(&out));
	return true;
}

static bool check_one_way(const struct settings *s, struct err *e)
{
	bool tunnel = str_given(s->tunnel);

	if (tunnel && (str_given(s->socket) || str_given(s->proxy_host))) {
		err_set(e, ERR_CONFIG, "tunnel and %s exclude each other",
			str_given(s->socket) ? "socket" : "proxy_host");
		return err_hint(e,
			"take one of them out; a line %s without a value unsets what was inherited",
			str_given(s->socket) ? "socket" : "proxy_host");
	}
	if (!tunnel && !str_given(s->socket))
		return true;
	struct hosts_item first = hosts_first(s);
	if (!first.srv && str_find(str_of(s->host), '\n') + 1 >= strlen(s->host))
		return true;
	err_set(e, ERR_CONFIG, "with a %s only one host may be named: the server at its other end",
		tunnel ? "tunnel" : "socket");
	return err_hint(e, "leave one line: host NAME");
}

/* A certificate is checked for a name, and neither a socket's path nor a command gives one. */
static bool check_name(const struct settings *s, struct err *e)
{
	bool tunnel = str_given(s->tunnel),
	     pinned = str_given(s->tls_fingerprint) || str_given(s->tls_pin);
	bool named = str_given(s->host) || str_given(s->tls_host_override);

	if (!(tunnel || str_given(s->socket)) || !s->tls || !s->tls_certcheck || pinned || named)
		return true;
	err_set(e, ERR_CONFIG, "%s %s: the name is missing that the certificate must have",
		tunnel ? "tunnel" : "socket", tunnel ? s->tunnel : s->socket);
	return err_hint(e, "add a line: host NAME (it is not connected to)%s",
		tunnel ? "" : ", or tls off, as it stays on this machine");
}

/* An attacker who controls DNS must not choose where mail and secrets go. */
static bool check_srv(const struct settings *s, const char *domain, struct err *e)
{
	if (s->protocol == PROTOCOL_LMTP)
		return err_set(
			e, ERR_CONFIG, "host srv:%s: such hosts speak SMTP, not LMTP", domain);
	if (hosts_is_verified(s))
		return true;
	err_set(e, ERR_CONFIG, "host srv:%s: servers that are looked up must be verified", domain);
	return err_hint(e,
		"add the lines tls on and tls_certcheck on, or name the server itself: host NAME");
}

static bool check_hosts(const struct settings *s, struct err *e)
{
	struct str list = str_of(s->host);
	struct hosts_item host;

	while (hosts_next(&list, &host))
		if (host.srv && !check_srv(s, host.name, e))
			return false;
	return true;
}

static bool check_proxy(const struct settings *s, struct err *e)
{
	bool user = str_given(s->proxy_user);

	if (user == secret_is_set(&s->proxy_password))
		return true;
	return err_set(e, ERR_CONFIG, "%s is set and %s is not",
		user ? "proxy_user" : "proxy_password", user ? "proxy_password" : "proxy_user");
}

bool hosts_check(const struct settings *s, struct err *e)
{
	struct dial_options options = hosts_dial_options(s);

	if (!str_given(s->host) && !options.socket && !options.tunnel) {
		err_set(e, ERR_CONFIG, "no server is named");
		return err_hint(
			e, "add the line host NAME to the account, with the name of the server");
	}
	return check_one_way(s, e) && check_name(s, e) && check_hosts(s, e) && check_proxy(s, e) &&
	       dial_check(&options, e);
}

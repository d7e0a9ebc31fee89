/* SPDX-License-Identifier: MIT */
#include "conf/value.h"

#include "base/printable.h"
#include "mail/dsn.h"
#include "net/resolve.h"
#include "os/log_sink.h"
#include "sasl/mechanisms.h"
#include "tls/pins.h"

#include <string.h>

enum { SERVER_SHOWN = 100 }; /* octets of a value that is no server */

static bool is_one_of(struct str value, const char *words)
{
	struct str rest = str_of(words), word;

	while ((word = str_word(&rest)).len)
		if (str_eq(word, value))
			return true;
	return false;
}

/* Whether the value may be a name: without spaces, and not too long. */
static bool check_spelling(const char *name, struct str value, struct err *e)
{
	if (value.len > VALUE_NAME_OCTETS)
		return err_set(
			e, ERR_CONFIG, "%s: longer than %d octets", name, (int)VALUE_NAME_OCTETS);
	for (size_t i = 0; i < value.len; i++)
		if (chr_is_white(value.p[i]))
			return err_set(e, ERR_CONFIG,
				"%s: must be a name without spaces, and no comment may follow it",
				name);
	return true;
}

static bool is_literal(struct str value)
{
	char text[RESOLVE_TEXT_MAX];

	text_fmt(text, sizeof(text), "%.*s", STR_ARG(str_head(value, sizeof(text) - 1)));
	return resolve_literal(text);
}

/* Without a user and a password before the host. */
static struct str without_login(struct str text)
{
	size_t at = str_rfind(text, '@');

	return at < text.len ? str_from(text, at + 1) : text;
}

static bool is_host(const char *name)
{
	return strcmp(name, "host") == 0;
}

/* Without what asks for a look-up of servers. */
static struct str without_srv(struct str value)
{
	return str_starts(value, STR("srv:")) ? str_from(value, 4) : value;
}

/* Whether the text can be a server's name or address. */
static bool is_server(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr(":/[]@", text.p[i]))
			return is_literal(text);
	return text.len > 0;
}

static bool is_port(struct str text)
{
	uint64_t number;

	return str_number(text, &number) && number > 0 && number <= UINT16_MAX;
}

/* The server that is meant by a URL, or by a host with its port. */
struct server {
	struct str host, port; /* borrowed from the value; host is "" if none can be told */
	bool at_once;          /* smtps: TLS begins at once */
};

static struct server read_server(struct str value)
{
	struct str text = without_srv(value);
	struct server ret = { .at_once = str_starts_same(text, STR("smtps://")) };
	size_t scheme = str_find_same(text, STR("://"));

	if (scheme < text.len)
		text = str_from(text, scheme + 3);
	text = without_login(text);
	text = str_head(text, str_find(text, '/'));
	if (text.len && text.p[0] == '[') {
		ret.host = str_from(str_head(text, str_find(text, ']')), 1);
		ret.port = str_from(text, ret.host.len + 2);
	} else {
		ret.host = str_head(text, str_rfind(text, ':'));
		ret.port = str_from(text, ret.host.len);
	}
	ret.port = str_from(ret.port, 1);
	if (ret.at_once && !ret.port.len)
		ret.port = STR("465");
	if (!is_server(ret.host) || (ret.port.len && !is_port(ret.port)))
		ret.host = STR("");
	return ret;
}

/* The setting for the port of the server that the setting `name` names; empty: there is none. */
static struct str port_setting(struct str name, char buf[static VALUE_NAME_OCTETS])
{
	size_t stem = name.len - STR("host").len;

	if (!str_ends_same(name, STR("host")))
		return STR("");
	text_fmt(buf, VALUE_NAME_OCTETS, "%.*sport", STR_ARG(str_head(name, stem)));
	return str_of(buf);
}

static void add_line(struct str name, struct str value, bool as_option, struct buf *out)
{
	buf_add(out, as_option ? STR("--") : STR(""));
	for (size_t i = 0; i < name.len; i++)
		buf_char(out, as_option && name.p[i] == '_' ? '-' : name.p[i]);
	buf_fmt(out, "%c%.*s", as_option ? '=' : ' ', STR_ARG(value));
}

void value_advise(const char *name, struct str value, bool as_options, struct buf *out)
{
	char buf[VALUE_NAME_OCTETS];
	struct str port = port_setting(str_of(name), buf);
	struct server server = read_server(value);
	bool both = server.port.len && port.len;
	bool at_once = both && server.at_once && is_host(name);

	if (!server.host.len)
		return;
	buf_add(out, both && !as_options ? STR("two lines, ") : STR(""));
	add_line(str_of(name), server.host, as_options, out);
	if (both) {
		buf_add(out, as_options ? STR(" ") : STR(" and "));
		add_line(port, server.port, as_options, out);
	}
	if (at_once)
		buf_add(out,
			as_options ? STR(" --tls-starttls=off") : STR(" (and tls_starttls off)"));
}

bool value_server(const char *name, struct str value, struct err *e)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(ERR_WHAT_MAX - 1);
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(ERR_WHAT_MAX - 1);
	struct buf advice CLEAN_UP(buf_done) = BUF_INIT(ERR_WHAT_MAX - 1);
	struct str server = is_host(name) ? without_srv(value) : value;

	if (!check_spelling(name, value, e))
		return false;
	if (!server.len || is_server(server))
		return true;
	struct str told = without_login(value);
	buf_fmt(&text, "must be a name or an address, not %s%.*s",
		told.len < value.len ? "(hidden)@" : "", STR_ARG(str_head(told, SERVER_SHOWN)));
	value_advise(name, value, false, &advice);
	if (advice.len)
		buf_fmt(&text, VALUE_ADVICE "%s", buf_text(&advice));
	printable_add(&shown, buf_str(&text));
	return err_set(e, ERR_CONFIG, "%s: %s", name, buf_text(&shown));
}

bool value_domain(const char *name, struct str value, struct err *e)
{
	bool is_address = value.len > 2 && str_starts(value, STR("[")) &&
			  str_find(value, ']') + 1 == value.len;

	return is_address ? check_spelling(name, value, e) : value_server(name, value, e);
}

bool value_ip(const char *name, struct str value, struct err *e)
{
	return !value.len || is_literal(value) ||
	       err_set(e, ERR_CONFIG, "%s: must be an IPv4 or IPv6 address", name);
}

bool value_auth(const char *name, struct str value, struct err *e)
{
	struct buf known CLEAN_UP(buf_done) = BUF_INIT(200);
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(200);

	if (!value.len || is_one_of(value, "on off") || mech_is_known(value))
		return true;
	mech_list(&known);
	if (str_find(value, ' ') < value.len || str_find(value, '\t') < value.len)
		return err_set(e, ERR_CONFIG, "%s: must be one word, one of on, off, %s", name,
			buf_text(&known)); /* and no password, which is not shown */
	printable_add(&shown, str_head(value, 60));
	return err_set(e, ERR_CONFIG, "%s: \"%s\" is not known here; it can be on, off, %s", name,
		buf_text(&shown), buf_text(&known));
}

/* Puts the setting's name in front of an error of mail/dsn. */
static bool misfit(const char *name, struct err *e)
{
	e->kind = ERR_CONFIG;
	return err_in(e, "%s", name);
}

bool value_dsn_notify(const char *name, struct str value, struct err *e)
{
	unsigned ignored;

	return !value.len || dsn_notify(value, &ignored, e) || misfit(name, e);
}

bool value_dsn_return(const char *name, struct str value, struct err *e)
{
	enum dsn_return ignored;

	return !value.len || dsn_returns(value, &ignored, e) || misfit(name, e);
}

bool value_syslog(const char *name, struct str value, struct err *e)
{
	char facility[20];

	text_fmt(facility, sizeof(facility), "%.*s", STR_ARG(str_head(value, 19)));
	return !value.len || is_one_of(value, "on off failures") || log_sink_knows(facility) ||
	       err_set(e, ERR_CONFIG,
		       "%s: must be off, on, failures, or a facility such as LOG_MAIL", name);
}

bool value_fingerprint(const char *name, struct str value, struct err *e)
{
	return !value.len || pins_check_fingerprint(value, e) || misfit(name, e);
}

bool value_pin(const char *name, struct str value, struct err *e)
{
	return !value.len || pins_check_key(value, e) || misfit(name, e);
}

/* SPDX-License-Identifier: MIT */
#include "conf/value.h"

#include "base/buf.h"
#include "mail/dsn.h"
#include "net/resolve.h"
#include "os/log_sink.h"
#include "sasl/mechanisms.h"
#include "tls/pins.h"

static bool is_one_of(struct str value, const char *words)
{
	struct str rest = str_of(words), word;

	while ((word = str_word(&rest)).len)
		if (str_eq(word, value))
			return true;
	return false;
}

bool value_host_name(const char *name, struct str value, struct err *e)
{
	if (value.len > VALUE_NAME_OCTETS)
		return err_set(
			e, ERR_CONFIG, "%s: longer than %d octets", name, (int)VALUE_NAME_OCTETS);
	for (size_t i = 0; i < value.len; i++)
		if (chr_is_white(value.p[i]))
			return err_set(e, ERR_CONFIG,
				"%s: a name without spaces is wanted, and no comment behind it",
				name);
	return true;
}

bool value_ip(const char *name, struct str value, struct err *e)
{
	char text[RESOLVE_TEXT_MAX];

	text_fmt(text, sizeof(text), "%.*s", STR_ARG(str_head(value, sizeof(text) - 1)));
	return !value.len || resolve_literal(text) ||
	       err_set(e, ERR_CONFIG, "%s: an IPv4 or IPv6 address is wanted", name);
}

bool value_auth(const char *name, struct str value, struct err *e)
{
	struct buf known CLEAN_UP(buf_done) = BUF_INIT(200);
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(200);

	if (!value.len || is_one_of(value, "on off") || mech_is_known(value))
		return true;
	mech_list(&known);
	buf_printable(&shown, str_head(value, 60));
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
		       "%s: off, on, failures, or a facility such as LOG_MAIL is wanted", name);
}

bool value_fingerprint(const char *name, struct str value, struct err *e)
{
	return !value.len || pins_check_fingerprint(value, e) || misfit(name, e);
}

bool value_pin(const char *name, struct str value, struct err *e)
{
	return !value.len || pins_check_key(value, e) || misfit(name, e);
}

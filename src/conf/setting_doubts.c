/* SPDX-License-Identifier: MIT */
#include "conf/setting_doubts.h"

#include "conf/hosts.h"

static bool has_no_tls(const struct settings *s)
{
	return !s->tls;
}

static bool wants_starttls_alone(const struct settings *s)
{
	return !s->tls && s->tls_starttls;
}

static bool checks_nothing(const struct settings *s)
{
	return s->tls && !s->tls_certcheck;
}

/* Without a user there is no login, and no secret is asked for. */
static bool has_no_login(const struct settings *s)
{
	return settings_auth(s) == SETTINGS_AUTH_OFF;
}

static bool has_password(const struct settings *s)
{
	return secret_is_set(&s->password);
}

static bool has_password_file(const struct settings *s)
{
	return !has_password(s) && str_given(s->password_file);
}

/* Settings that were given, and why they do nothing. */
static const struct {
	enum setting_id id;
	bool (*is_idle)(const struct settings *s);
	const char *why;
} idle[] = {
	{ SETTING_ID_tls_starttls, wants_starttls_alone, "tls is off" },
	{ SETTING_ID_tls_trust_file, has_no_tls, "tls is off" },
	{ SETTING_ID_tls_crl_file, has_no_tls, "tls is off" },
	{ SETTING_ID_tls_fingerprint, has_no_tls, "tls is off" },
	{ SETTING_ID_tls_pin, has_no_tls, "tls is off" },
	{ SETTING_ID_tls_cert_file, has_no_tls, "tls is off" },
	{ SETTING_ID_tls_host_override, has_no_tls, "tls is off" },
	{ SETTING_ID_tls_min_version, has_no_tls, "tls is off" },
	{ SETTING_ID_tls_priorities, has_no_tls, "tls is off" },
	{ SETTING_ID_tls_trust_file, checks_nothing, "tls_certcheck is off" },
	{ SETTING_ID_tls_crl_file, checks_nothing, "tls_certcheck is off" },
	{ SETTING_ID_password, has_no_login, "auth is off" },
	{ SETTING_ID_password_file, has_no_login, "auth is off" },
	{ SETTING_ID_passwordeval, has_no_login, "auth is off" },
	{ SETTING_ID_password_file, has_password, "password is set too" },
	{ SETTING_ID_passwordeval, has_password, "password is set too" },
	{ SETTING_ID_passwordeval, has_password_file, "password_file is set too" },
};

/* A value that is given and not empty, nor a word for the default. */
static bool is_given(const struct settings *s, enum setting_id id)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(SETTING_LIST_MAX + 100);

	settings_write(s, setting_row(id), &text);
	return settings_has(s, id) && text.len > 0;
}

static void check_port(const struct settings *s, struct buf *out)
{
	if (s->socket)
		return;
	if (!s->tls && hosts_is_tls_port(s->port))
		buf_fmt(out,
			"port %u has TLS from the start, and tls is off: add the lines tls on and "
			"tls_starttls off\n",
			s->port);
	if (!s->tls)
		return;
	if (hosts_is_tls_port(s->port) && s->tls_starttls)
		buf_fmt(out,
			"port %u has TLS from the start, and tls_starttls is on: add the line "
			"tls_starttls off\n",
			s->port);
	if ((s->port == 587 || s->port == 25) && !s->tls_starttls)
		buf_fmt(out,
			"on port %u TLS begins with STARTTLS, and tls_starttls is off: add the "
			"line tls_starttls on\n",
			s->port);
}

void setting_doubts(const struct settings *s, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(idle); i++)
		if (idle[i].is_idle(s) && is_given(s, idle[i].id))
			buf_fmt(out, "%s has no effect, as %s\n", setting_row(idle[i].id)->name,
				idle[i].why);
	check_port(s, out);
	if (s->tls && !hosts_is_verified(s) && !hosts_is_local(s))
		buf_add(out,
			STR("tls_certcheck is off: anybody on the way can read the mail and the "
			    "password\n"));
}

/* SPDX-License-Identifier: MIT */
#include "conf/defaults.h"

#include "base/log.h"
#include "conf/hosts.h"
#include "conf/pattern.h"
#include "conf/value.h"
#include "mail/addr.h"
#include "os/file.h"
#include "sasl/mechanisms.h"

#include <string.h>

static bool is_lmtp(const struct settings *s)
{
	return s->protocol == PROTOCOL_LMTP;
}

/* --- defaults that depend on the rest --- */

/* The usual port; 0 if there is none and none is needed. */
static unsigned usual_port(const struct settings *s, bool msmtp)
{
	if (str_given(s->socket) || is_lmtp(s))
		return 0;
	if (!s->tls)
		return 25;
	if (!s->tls_starttls)
		return 465;
	return msmtp ? 25 : 587;
}

static void preset_text(struct settings *s, enum setting_id id, const char *value)
{
	struct err e;

	must(settings_assign(s, setting_row(id), str_of(value), &e));
}

static void preset_auth(struct settings *s, bool msmtp)
{
	bool auth = s->auth || (!msmtp && str_given(s->user)); /* "auth" alone is on */

	if (!str_given(s->auth))
		preset_text(s, SETTING_ID_auth, auth ? "on" : "off");
}

static void preset_syslog(struct settings *s, bool sendmail)
{
	if (str_given(s->syslog))
		return;
	if (s->syslog) /* "syslog" alone */
		preset_text(s, SETTING_ID_syslog, "on");
	else
		preset_text(s, SETTING_ID_syslog, sendmail ? "failures" : "off");
}

/* A line aliases without a value means that there is no file. */
const char *defaults_aliases(const struct settings *s, bool sendmail)
{
	static const char path[] = "/etc/aliases";
	bool preset = sendmail && !settings_has(s, SETTING_ID_aliases);

	return preset && file_is_there(path) ? path : NULL;
}

/* "dsn_notify" and "dsn_return" alone are off. */
static void preset_dsn(struct settings *s)
{
	if (!str_given(s->dsn_notify))
		preset_text(s, SETTING_ID_dsn_notify, "off");
	if (!str_given(s->dsn_return))
		preset_text(s, SETTING_ID_dsn_return, "off");
}

/* With msmtp's defaults only the port and auth depend on other settings. */
static void preset_by_others(struct settings *s, const struct defaults_options *t)
{
	bool port = settings_has(s, SETTING_ID_port);
	bool implicit = port && hosts_is_tls_port(s->port);

	if (!settings_has(s, SETTING_ID_tls) && !t->msmtp && hosts_is_local(s))
		s->tls = implicit;
	if (!settings_has(s, SETTING_ID_tls_starttls))
		s->tls_starttls = t->msmtp || (port && !implicit);
	if (!port)
		s->port = usual_port(s, t->msmtp);
	preset_auth(s, t->msmtp);
	preset_syslog(s, t->sendmail);
	preset_dsn(s);
	const char *aliases = defaults_aliases(s, t->sendmail);
	if (aliases)
		s->aliases = mem_str(aliases);
}

/* --- checks --- */

static bool is_preset(const struct settings *s, const struct setting_row *row, bool msmtp)
{
	struct buf given CLEAN_UP(buf_done) = BUF_INIT(8192);
	const char *preset = msmtp ? row->msmtp_preset : row->preset;
	char *line CLEAN_UP(mem_free_at) = mem_fmt("%s %s\n", row->name, preset);

	settings_write(s, row, &given);
	return !given.len || str_eq(buf_str(&given), str_of(line));
}

static void note_ignored(const struct settings *s, bool msmtp)
{
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = setting_row((enum setting_id)i);
		if (row->flags & SETTING_IGNORED && settings_has(s, (enum setting_id)i) &&
			!is_preset(s, row, msmtp))
			log_note("%s has no effect", row->name);
	}
}

static bool is_safe_for_secrets(const struct settings *s)
{
	return hosts_is_verified(s) || s->auth_insecure || hosts_is_local(s);
}

/* Only a client certificate is configured as proof, and it reveals no secret. */
static bool proves_by_certificate(const struct settings *s)
{
	return s->tls && str_given(s->tls_cert_file) && !secret_is_set(&s->password) &&
	       !str_given(s->password_file) && !str_given(s->passwordeval);
}

/* Without verified TLS only SCRAM is safe, so `on` means SCRAM there. */
static bool restrict_auth(struct settings *s, struct err *e)
{
	struct str auth = str_of(s->auth);

	if (settings_auth(s) == SETTINGS_AUTH_ON)
		return settings_assign(s, setting_row(SETTING_ID_auth),
			proves_by_certificate(s) ? STR("external") : STR("scram"), e);
	if (mech_is_safe(s->auth))
		return true;
	if (str_ends_same(auth, STR("-md5")) || str_same(auth, STR("ntlm")))
		err_set(e, ERR_CONFIG, "what auth %s sends exposes too much about the password",
			s->auth);
	else
		err_set(e, ERR_CONFIG, "the password would go %s",
			s->tls ? "to a server that is not verified" : "over the network in clear");
	return err_hint(e,
		"add the line %s, or auth scram, to the account (only auth_insecure on would allow "
		"auth %s)",
		s->tls ? "tls_certcheck on, or tls_fingerprint SHA-256" : "tls on", s->auth);
}

/* A token must not be sent to an unverified server, whatever is set (RFC 7628 section 3). */
static bool check_token(const struct settings *s, struct err *e)
{
	if (hosts_is_verified(s) || hosts_is_local(s))
		return true;
	err_set(e, ERR_CONFIG, "the token would go %s",
		s->tls ? "to a server that is not verified" : "over the network in clear");
	return err_hint(
		e, "add the line %s to the account", s->tls ? "tls_certcheck on" : "tls on");
}

/* EXTERNAL needs a certificate, and no secret may be sent to an unverified server. */
static bool check_proof(struct settings *s, struct err *e)
{
	switch (mech_wants(s->auth)) {
	case MECH_WANTS_TICKET:
		return true;
	case MECH_WANTS_CERTIFICATE:
		if (s->tls && str_given(s->tls_cert_file))
			return true;
		err_set(e, ERR_CONFIG, "auth external needs %s",
			s->tls ? "a certificate of ours" : "TLS");
		return err_hint(e, s->tls ? "add the lines tls_cert_file FILE and tls_key_file FILE"
					  : "add the line tls on to the account");
	case MECH_WANTS_TOKEN:
		return check_token(s, e);
	case MECH_WANTS_PASSWORD:
		break;
	}
	return is_safe_for_secrets(s) || restrict_auth(s, e);
}

static bool is_anonymous(const struct settings *s)
{
	enum mech_wants wants = mech_wants(s->auth);
	bool any = settings_auth(s) == SETTINGS_AUTH_ON;

	return wants == MECH_WANTS_TICKET || wants == MECH_WANTS_CERTIFICATE ||
	       (any && str_given(s->tls_cert_file));
}

static bool check_auth(struct settings *s, struct err *e)
{
	if (settings_auth(s) == SETTINGS_AUTH_OFF)
		return true;
	if (!str_given(s->user) && !is_anonymous(s)) {
		err_set(e, ERR_CONFIG, "auth is on and there is no user");
		return err_hint(e, "add a line: user NAME");
	}
	return check_proof(s, e);
}

/* `domain` may have % patterns. */
static bool expand_domain(struct settings *s, struct err *e)
{
	if (!s->domain || !strchr(s->domain, '%'))
		return true;
	char *domain CLEAN_UP(mem_free_at) = pattern_expand(s->domain, NULL, e);
	if (!domain)
		return err_in(e, "domain");
	if (strchr(domain, '%')) {
		err_set(e, ERR_CONFIG, "domain %s: no name has a %% in it", s->domain);
		return err_hint(e, "write %%C for the full name of this machine, %%H for its short "
				   "one, or %%M for the name in /etc/mailname");
	}
	/* The expanded name is checked like one that is written in a file. */
	return settings_assign(s, setting_row(SETTING_ID_domain), str_of(domain), e);
}

/* A name outside ASCII becomes A-labels (RFC 5891). */
static bool to_ascii(char **name, const char *what, struct err *e)
{
	struct buf labels CLEAN_UP(buf_done) = BUF_INIT(VALUE_NAME_OCTETS);

	if (!*name || str_is_ascii(str_of(*name)))
		return true;
	if (!addr_domain_to_ascii(str_of(*name), &labels))
		return err_set(
			e, ERR_CONFIG, "%s: %s is not a name that may be registered", what, *name);
	mem_free(*name);
	*name = mem_dup(buf_text(&labels), labels.len);
	return true;
}

static bool fix_names(struct settings *s, struct err *e)
{
	return hosts_to_ascii(s, e) && to_ascii(&s->domain, "domain", e) &&
	       to_ascii(&s->maildomain, "maildomain", e) &&
	       to_ascii(&s->tls_host_override, "tls_host_override", e);
}

/* LMTP has no port of its own, and must not use that of SMTP (RFC 2033 section 5). */
static bool check_protocol(const struct settings *s, struct err *e)
{
	if (!is_lmtp(s) || str_given(s->socket) || str_given(s->tunnel))
		return true;
	if (s->port == 25) {
		err_set(e, ERR_CONFIG, "LMTP is not spoken on port 25, which is for SMTP");
		return err_hint(e, "add the line port NUMBER or socket FILE, as the server has it, "
				   "or protocol smtp");
	}
	if (s->port)
		return true;
	err_set(e, ERR_CONFIG, "LMTP has no usual port, and none is set");
	return err_hint(e, "add a line: port NUMBER (often 24), or: socket FILE");
}

/* Refuses TLS settings that contradict each other, so that no server is trusted by mistake. */
static bool check_tls(const struct settings *s, struct err *e)
{
	bool cert = str_given(s->tls_cert_file), key = str_given(s->tls_key_file);

	if (cert != key) {
		err_set(e, ERR_CONFIG, "%s is set and %s is not",
			cert ? "tls_cert_file" : "tls_key_file",
			cert ? "tls_key_file" : "tls_cert_file");
		return err_hint(e,
			"a certificate is of use only with its private key: add a line %s FILE",
			cert ? "tls_key_file" : "tls_cert_file");
	}
	if (!str_given(s->tls_crl_file))
		return true;
	if (!hosts_is_verified(s))
		return err_set(e, ERR_CONFIG,
			"tls_crl_file has no effect without TLS that is "
			"verified (tls on, tls_certcheck on)");
	if (str_given(s->tls_fingerprint) || str_given(s->tls_pin))
		log_note("tls_crl_file has no effect: a pin takes the place of authorities");
	return true;
}

/* The value "system" means no file: the system's own authorities. */
static void settle_trust_file(struct settings *s)
{
	const char *file = s->tls_trust_file;

	if (file && (!file[0] || strcmp(file, "system") == 0)) {
		mem_free(s->tls_trust_file);
		s->tls_trust_file = NULL;
	}
}

bool defaults_apply(struct settings *s, const struct defaults_options *options, struct err *e)
{
	settings_preset(s, options->msmtp);
	if (!expand_domain(s, e) || !fix_names(s, e))
		return false;
	preset_by_others(s, options);
	settle_trust_file(s);
	note_ignored(s, options->msmtp);
	return hosts_check(s, e) && check_protocol(s, e) && check_tls(s, e) && check_auth(s, e);
}

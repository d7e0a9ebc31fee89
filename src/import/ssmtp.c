/* SPDX-License-Identifier: MIT */
#include "import/ssmtp.h"

enum {
	ROOT,
	MAILHUB,
	REWRITE_DOMAIN,
	HOSTNAME,
	FROM_OVERRIDE,
	USE_TLS,
	USE_STARTTLS,
	USE_TLS_CERT,
	TLS_CERT,
	TLS_KEY,
	AUTH_METHOD,
	KEPT_COUNT
};
_Static_assert((int)KEPT_COUNT <= (int)CONVERTED_KEPT, "there is room for each");

static const struct converted_key rows[] = {
	{ "Root", CONVERTED_KEEPS, ROOT, NULL },
	{ "MailHub", CONVERTED_KEEPS, MAILHUB, NULL },
	{ "RewriteDomain", CONVERTED_KEEPS, REWRITE_DOMAIN, NULL },
	{ "Hostname", CONVERTED_KEEPS, HOSTNAME, NULL },
	{ "FromLineOverride", CONVERTED_KEEPS, FROM_OVERRIDE, NULL },
	{ "UseTLS", CONVERTED_KEEPS, USE_TLS, NULL },
	{ "UseSTARTTLS", CONVERTED_KEEPS, USE_STARTTLS, NULL },
	{ "UseTLSCert", CONVERTED_KEEPS, USE_TLS_CERT, NULL },
	{ "TLSCert", CONVERTED_KEEPS, TLS_CERT, NULL },
	{ "TLSKey", CONVERTED_KEEPS, TLS_KEY, NULL },
	{ "TLS_CA_File", CONVERTED_SETS, SETTING_ID_tls_trust_file, NULL },
	{ "TLS_CA_Dir", CONVERTED_TELLS, 0,
		"a folder of authorities is not read; tls_trust_file names a file with them" },
	{ "AuthUser", CONVERTED_SETS, SETTING_ID_user, NULL },
	{ "AuthPass", CONVERTED_SETS, SETTING_ID_password, NULL },
	{ "AuthMethod", CONVERTED_KEEPS, AUTH_METHOD, NULL },
	{ "UseOldAUTH", CONVERTED_TELLS, 0, "what the server offers decides" },
	{ "Debug", CONVERTED_TELLS, 0, "-v shows the conversation" },
};

static const struct converted_keys fresh = {
	.rows = rows, .count = ARRAY_LEN(rows), .any_case = true
};

/* A comment begins the line or follows a space, because a password may contain a "#". */
static struct str without_comment(struct str value)
{
	for (size_t i = 1; i < value.len; i++)
		if (value.p[i] == '#' && chr_is_blank(value.p[i - 1]))
			return str_head(value, i);
	return value;
}

/* Takes the key off the line; empty if the line has none. */
static struct str cut_key(struct str *line)
{
	if (!line->len || line->p[0] == '#')
		return STR("");
	if (str_find(*line, '=') == line->len)
		return str_word(line);
	struct str name = str_trim(str_cut(line, '='));
	*line = str_trim(without_comment(*line));
	return name;
}

bool ssmtp_knows(struct str line)
{
	return str_find(line, '=') < line.len && converted_key(&fresh, cut_key(&line));
}

static void read_lines(
	const struct converted_file *file, struct converted_keys *keys, struct converted_account *a)
{
	struct converted_cursor c = converted_lines(file);
	struct str line;

	while (converted_next(&c, &line)) {
		struct str name = cut_key(&line);
		if (name.len && (line.len || !converted_key(keys, name)))
			converted_take(keys, a, c.at, name, line);
	}
}

static enum converted_tls ssmtp_tls(const struct converted_keys *keys)
{
	if (converted_is_yes(&keys->kept[USE_STARTTLS]))
		return CONVERTED_STARTTLS;
	return converted_is_yes(&keys->kept[USE_TLS]) ? CONVERTED_TLS_FIRST : CONVERTED_CLEAR;
}

/*
 * The sender is the login name at the domain, and recipients without a domain get it too, unless a
 * key names an address for their mail: then that address is the account's own.
 */
static void set_domain(const struct converted_keys *keys, struct converted_account *a)
{
	const struct converted_kept *root = &keys->kept[ROOT];
	bool owned = root->seen && str_find(root->value, '@') < root->value.len;
	const struct converted_kept *host = &keys->kept[HOSTNAME],
				    *rewrite = &keys->kept[REWRITE_DOMAIN];
	const struct converted_kept *domain = rewrite->seen ? rewrite : host;
	struct str name = domain->value;
	size_t at = str_rfind(name, '@');

	if (host->seen)
		converted_set(a, host->at, SETTING_ID_domain, host->value);
	if (owned) {
		converted_set(a, root->at, SETTING_ID_from, root->value);
		converted_note(a, root->at,
			"Root: this address gets the mail of root and other bare names, and is the "
			"sender");
	}
	if (!domain->seen && !owned)
		converted_set(a, domain->at, SETTING_ID_from, STR("%U@%H"));
	if (!domain->seen)
		return;
	if (at < name.len)
		name = str_from(name, at + 1);
	if (!owned)
		converted_set(a, domain->at, SETTING_ID_maildomain, name);
	char *from CLEAN_UP(mem_free_at) = mem_fmt("%%U@%.*s", STR_ARG(name));
	converted_set(a, domain->at, SETTING_ID_from, str_of(from));
}

static void set_auth(const struct converted_keys *keys, struct converted_account *a)
{
	const struct converted_kept *method = &keys->kept[AUTH_METHOD];

	if (!method->seen)
		return;
	if (str_same(method->value, STR("cram-md5")))
		converted_auth(a, method->at, "cram-md5");
	else if (str_same(method->value, STR("login")))
		converted_auth(a, method->at, "login");
	else
		converted_note(a, method->at, "AuthMethod %.*s: what the server offers decides",
			STR_ARG(str_head(method->value, 40)));
}

static void convert_combined_keys(const struct converted_keys *keys, struct converted_account *a)
{
	const struct converted_kept *root = &keys->kept[ROOT], *cert = &keys->kept[TLS_CERT];
	const struct converted_kept *hub = &keys->kept[MAILHUB];
	unsigned port = hub->seen ? converted_hub(a, hub->at, hub->value) : 0;

	converted_way(a, ssmtp_tls(keys), port ? port : 25);
	set_domain(keys, a);
	if (cert->seen && converted_is_yes(&keys->kept[USE_TLS_CERT]))
		converted_identity(a, cert->at, cert->value, keys->kept[TLS_KEY].value);
	set_auth(keys, a);
	if (converted_is_yes(&keys->kept[FROM_OVERRIDE]))
		converted_set(
			a, keys->kept[FROM_OVERRIDE].at, SETTING_ID_read_envelope_from, STR("on"));
	if (root->seen && str_find(root->value, '@') == root->value.len)
		converted_note(a, root->at,
			"Root: to send the mail of root and other bare names to %.*s, write "
			"\"root: %.*s\" in a file, and name that: aliases FILE",
			STR_ARG(str_head(root->value, 80)), STR_ARG(str_head(root->value, 80)));
}

/* user:address[:hub[:port]] */
static void read_users(struct converted *d, const struct converted_keys *keys)
{
	const struct converted_file *file = converted_find(d, "revaliases");
	struct converted_cursor c = file ? converted_lines(file) : (struct converted_cursor) { 0 };
	struct str line;

	while (converted_next(&c, &line)) {
		if (!line.len || line.p[0] == '#')
			continue;
		struct str user = str_trim(str_cut(&line, ':'));
		struct str address = str_trim(str_cut(&line, ':'));
		struct converted_account *a = converted_account(d, user, d->accounts[0]->name);
		if (!a)
			return;
		if (address.len)
			converted_set(a, c.at, SETTING_ID_from, address);
		if (line.len) {
			unsigned port = converted_hub(a, c.at, line);
			converted_way(a, ssmtp_tls(keys), port ? port : 25);
			if (a->tls == CONVERTED_CLEAR && secret_is_set(&d->accounts[0]->s.password))
				converted_note(a, c.at,
					"without TLS the password is used with SCRAM alone; where "
					"the server has TLS, write: tls on");
		}
		converted_note(
			a, c.at, "chosen by this sender (-f), or by its name: -a %s", a->name);
		converted_note(d->accounts[0], c.at,
			"mail of the login name %.*s is not known by that: it is account %s where "
			"-a or -f says so; for cron make its first from line this account's",
			STR_ARG(str_head(user, 40)), a->name);
	}
}

void ssmtp_read(struct converted *d)
{
	const struct converted_file *file = converted_find(d, "ssmtp.conf");
	struct converted_account *a = converted_account(d, STR("default"), NULL);
	struct converted_keys keys = fresh;

	if (file)
		read_lines(file, &keys, a);
	convert_combined_keys(&keys, a);
	converted_finish(d, a);
	read_users(d, &keys);
}

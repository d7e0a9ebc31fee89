/* SPDX-License-Identifier: MIT */
#include "import/dma.h"

enum {
	SMARTHOST,
	PORT,
	AUTHPATH,
	SECURETRANSFER,
	STARTTLS,
	OPPORTUNISTIC,
	FINGERPRINT,
	CERTFILE,
	INSECURE,
	MAILNAME,
	MASQUERADE,
	NULLCLIENT,
	SECURE,
	KEPT_COUNT
};
_Static_assert((int)KEPT_COUNT <= (int)CONVERTED_KEPT, "there is room for each");

static const char no_queue[] = "there is no queue: the caller gets the server's answer";

static const struct converted_key rows[] = {
	{ "SMARTHOST", CONVERTED_KEEPS, SMARTHOST, NULL },
	{ "PORT", CONVERTED_KEEPS, PORT, NULL },
	{ "ALIASES", CONVERTED_SETS, SETTING_ID_aliases, NULL },
	{ "SPOOLDIR", CONVERTED_TELLS, 0, no_queue },
	{ "VIRTPATH", CONVERTED_TELLS, 0, "the account's from and the file of aliases do that" },
	{ "AUTHPATH", CONVERTED_KEEPS, AUTHPATH, NULL },
	{ "SECURETRANSFER", CONVERTED_KEEPS, SECURETRANSFER, NULL },
	{ "SECURETRANS", CONVERTED_KEEPS, SECURETRANSFER, NULL },
	{ "STARTTLS", CONVERTED_KEEPS, STARTTLS, NULL },
	{ "OPPORTUNISTIC_TLS", CONVERTED_KEEPS, OPPORTUNISTIC, NULL },
	{ "FINGERPRINT", CONVERTED_KEEPS, FINGERPRINT, NULL },
	{ "CERTFILE", CONVERTED_KEEPS, CERTFILE, NULL },
	{ "SECURE", CONVERTED_KEEPS, SECURE, NULL },
	{ "INSECURE", CONVERTED_KEEPS, INSECURE, NULL },
	{ "DEFER", CONVERTED_TELLS, 0, no_queue },
	{ "FULLBOUNCE", CONVERTED_TELLS, 0,
		"no bounces are written here; dsn_return full asks the server for such ones" },
	{ "MAILNAME", CONVERTED_KEEPS, MAILNAME, NULL },
	{ "MASQUERADE", CONVERTED_KEEPS, MASQUERADE, NULL },
	{ "NULLCLIENT", CONVERTED_KEEPS, NULLCLIENT, NULL },
};

static const struct converted_keys fresh = { .rows = rows, .count = ARRAY_LEN(rows) };

bool dma_knows(struct str line)
{
	return converted_key(&fresh, str_word(&line));
}

static bool is_switch(int id)
{
	return id == SECURETRANSFER || id == STARTTLS || id == OPPORTUNISTIC || id == INSECURE ||
	       id == NULLCLIENT || id == SECURE;
}

static void read_lines(
	const struct converted_file *file, struct converted_keys *keys, struct converted_account *a)
{
	struct converted_cursor c = converted_lines(file);
	struct str line;

	while (converted_next(&c, &line)) {
		struct str name = str_word(&line);
		const struct converted_key *row = converted_key(keys, name);
		bool empty = row && row->act != CONVERTED_TELLS && !is_switch(row->id) && !line.len;
		if (name.len && name.p[0] != '#' && !empty)
			converted_take(keys, a, c.at, name, line);
	}
}

static enum converted_tls dma_tls(const struct converted_keys *keys)
{
	if (!keys->kept[SECURETRANSFER].seen)
		return CONVERTED_CLEAR;
	return keys->kept[STARTTLS].seen ? CONVERTED_STARTTLS : CONVERTED_TLS_FIRST;
}

static void set_way(const struct converted_keys *keys, struct converted_account *a)
{
	const struct converted_kept *host = &keys->kept[SMARTHOST];
	unsigned named = host->seen ? converted_hub(a, host->at, host->value) : 0;
	unsigned port = converted_port(a, &keys->kept[PORT], "PORT");

	if (!port)
		port = 25;
	converted_way(a, dma_tls(keys), named ? named : port);
	if (keys->kept[OPPORTUNISTIC].seen && a->tls != CONVERTED_CLEAR)
		converted_note(a, keys->kept[OPPORTUNISTIC].at,
			"OPPORTUNISTIC_TLS: without TLS nothing is sent; where the server has none "
			"write: tls off");
}

static void set_trust(const struct converted_keys *keys, struct converted_account *a)
{
	const struct converted_kept *print = &keys->kept[FINGERPRINT],
				    *cert = &keys->kept[CERTFILE];

	if (print->seen && a->tls != CONVERTED_CLEAR)
		converted_set(a, print->at, SETTING_ID_tls_fingerprint, print->value);
	else if (print->seen)
		converted_note(a, print->at, "FINGERPRINT: without TLS it has no use");
	if (cert->seen)
		converted_identity(a, cert->at, cert->value, STR(""));
	if (keys->kept[INSECURE].seen)
		converted_set(a, keys->kept[INSECURE].at, SETTING_ID_auth_insecure, STR("on"));
}

/* The first line of the file that MAILNAME names, or its value. */
static struct str mail_name(const struct converted *d, const struct converted_kept *kept)
{
	const struct converted_file *file = converted_find(d, "mailname");
	struct converted_cursor c = file ? converted_lines(file) : (struct converted_cursor) { 0 };
	struct str line;

	if (!kept->seen || !kept->value.len || kept->value.p[0] != '/')
		return kept->value;
	return converted_next(&c, &line) ? line : STR("");
}

static void set_names(
	const struct converted *d, const struct converted_keys *keys, struct converted_account *a)
{
	const struct converted_kept *kept = &keys->kept[MAILNAME], *mask = &keys->kept[MASQUERADE];
	struct str name = mail_name(d, kept), user = STR("%U"), host = mask->value;

	if (kept->seen && !name.len)
		converted_note(a, kept->at, "MAILNAME: there is no such file, or no name in it");
	if (name.len) {
		converted_set(a, kept->at, SETTING_ID_domain, name);
		converted_set(a, kept->at, SETTING_ID_maildomain, name);
	}
	if (!mask->seen) {
		char *login CLEAN_UP(mem_free_at) =
			mem_fmt("%%U@%.*s", STR_ARG(name.len ? name : STR("%H")));
		converted_set(a, kept->at, SETTING_ID_from, str_of(login));
		return;
	}
	if (str_find(host, '@') < host.len)
		user = str_cut(&host, '@');
	if (!host.len)
		host = name.len ? name : STR("%H");
	char *from CLEAN_UP(mem_free_at) =
		mem_fmt("%.*s@%.*s", STR_ARG(user.len ? user : STR("%U")), STR_ARG(host));
	converted_set(a, mask->at, SETTING_ID_from, str_of(from));
	converted_set(a, mask->at, SETTING_ID_allow_from_override, STR("off"));
}

/* user|smarthost:password. If dma.conf names no smarthost, the first entry's is used. */
static void read_auth(
	struct converted *d, const struct converted_keys *keys, struct converted_account *a)
{
	const struct converted_file *file = converted_find(d, "auth.conf");
	struct converted_cursor c = file ? converted_lines(file) : (struct converted_cursor) { 0 };
	struct str hub = keys->kept[SMARTHOST].value, line;
	bool found = false;

	while (converted_next(&c, &line)) {
		if (!line.len || line.p[0] == '#')
			continue;
		struct str user = str_cut(&line, '|'), host = str_cut(&line, ':');
		if (!hub.len && host.len) {
			hub = host;
			converted_set(a, c.at, SETTING_ID_host, host);
		}
		if (found || !str_same(host, hub)) {
			converted_note(a, c.at,
				"the entry for %.*s is of no use with this smarthost",
				STR_ARG(str_head(host, 80)));
			continue;
		}
		found = true;
		converted_set(a, c.at, SETTING_ID_user, user);
		converted_set(a, c.at, SETTING_ID_password, line);
	}
	if (!file && keys->kept[AUTHPATH].seen)
		converted_note(a, keys->kept[AUTHPATH].at, "AUTHPATH: there is no such file");
}

void dma_read(struct converted *d)
{
	const struct converted_file *file = converted_find(d, "dma.conf");
	struct converted_account *a = converted_account(d, STR("default"), NULL);
	struct converted_keys keys = fresh;

	if (file)
		read_lines(file, &keys, a);
	read_auth(d, &keys, a);
	set_way(&keys, a);
	set_trust(&keys, a);
	set_names(d, &keys, a);
	if (keys.kept[NULLCLIENT].seen)
		converted_set(a, keys.kept[NULLCLIENT].at, SETTING_ID_aliases, STR(""));
	converted_finish(d, a);
}

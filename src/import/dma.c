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
_Static_assert((int)KEPT_COUNT <= (int)DRAFT_KEPT, "there is room for each");

static const char no_queue[] = "there is no queue: the caller gets the server's answer";

static const struct draft_key rows[] = {
	{ "SMARTHOST", DRAFT_KEEPS, SMARTHOST, NULL },
	{ "PORT", DRAFT_KEEPS, PORT, NULL },
	{ "ALIASES", DRAFT_SETS, SETTING_ID_aliases, NULL },
	{ "SPOOLDIR", DRAFT_TELLS, 0, no_queue },
	{ "VIRTPATH", DRAFT_TELLS, 0, "the account's from and the file of aliases do that" },
	{ "AUTHPATH", DRAFT_KEEPS, AUTHPATH, NULL },
	{ "SECURETRANSFER", DRAFT_KEEPS, SECURETRANSFER, NULL },
	{ "SECURETRANS", DRAFT_KEEPS, SECURETRANSFER, NULL },
	{ "STARTTLS", DRAFT_KEEPS, STARTTLS, NULL },
	{ "OPPORTUNISTIC_TLS", DRAFT_KEEPS, OPPORTUNISTIC, NULL },
	{ "FINGERPRINT", DRAFT_KEEPS, FINGERPRINT, NULL },
	{ "CERTFILE", DRAFT_KEEPS, CERTFILE, NULL },
	{ "SECURE", DRAFT_KEEPS, SECURE, NULL },
	{ "INSECURE", DRAFT_KEEPS, INSECURE, NULL },
	{ "DEFER", DRAFT_TELLS, 0, no_queue },
	{ "FULLBOUNCE", DRAFT_TELLS, 0,
		"no bounces are written here; dsn_return full asks the server for such ones" },
	{ "MAILNAME", DRAFT_KEEPS, MAILNAME, NULL },
	{ "MASQUERADE", DRAFT_KEEPS, MASQUERADE, NULL },
	{ "NULLCLIENT", DRAFT_KEEPS, NULLCLIENT, NULL },
};

static const struct draft_keys fresh = { .rows = rows, .count = ARRAY_LEN(rows) };

bool dma_knows(struct str line)
{
	return draft_key(&fresh, str_word(&line));
}

static bool is_switch(int id)
{
	return id == SECURETRANSFER || id == STARTTLS || id == OPPORTUNISTIC || id == INSECURE ||
	       id == NULLCLIENT || id == SECURE;
}

static void read_lines(
	const struct draft_file *file, struct draft_keys *keys, struct draft_account *a)
{
	struct draft_cursor c = draft_lines(file);
	struct str line;

	while (draft_next(&c, &line)) {
		struct str name = str_word(&line);
		const struct draft_key *row = draft_key(keys, name);
		bool empty = row && row->act != DRAFT_TELLS && !is_switch(row->id) && !line.len;
		if (name.len && name.p[0] != '#' && !empty)
			draft_take(keys, a, c.at, name, line);
	}
}

static enum draft_tls tls_of(const struct draft_keys *keys)
{
	if (!keys->kept[SECURETRANSFER].seen)
		return DRAFT_CLEAR;
	return keys->kept[STARTTLS].seen ? DRAFT_STARTTLS : DRAFT_TLS_FIRST;
}

static void set_way(const struct draft_keys *keys, struct draft_account *a)
{
	const struct draft_kept *host = &keys->kept[SMARTHOST];
	unsigned named = host->seen ? draft_hub(a, host->at, host->value) : 0;
	unsigned port = draft_port(a, &keys->kept[PORT], "PORT");

	if (!port)
		port = 25;
	draft_way(a, tls_of(keys), named ? named : port);
	if (keys->kept[OPPORTUNISTIC].seen && a->tls != DRAFT_CLEAR)
		draft_note(a, keys->kept[OPPORTUNISTIC].at,
			"OPPORTUNISTIC_TLS: without TLS nothing is sent; where the server has none "
			"write: tls off");
}

static void set_trust(const struct draft_keys *keys, struct draft_account *a)
{
	const struct draft_kept *print = &keys->kept[FINGERPRINT], *cert = &keys->kept[CERTFILE];

	if (print->seen && a->tls != DRAFT_CLEAR)
		draft_set(a, print->at, SETTING_ID_tls_fingerprint, print->value);
	else if (print->seen)
		draft_note(a, print->at, "FINGERPRINT: without TLS it has no use");
	if (cert->seen)
		draft_identity(a, cert->at, cert->value, STR(""));
	if (keys->kept[INSECURE].seen)
		draft_set(a, keys->kept[INSECURE].at, SETTING_ID_auth_insecure, STR("on"));
}

/* The first line of the file that MAILNAME names, or its value. */
static struct str mail_name(const struct draft *d, const struct draft_kept *kept)
{
	const struct draft_file *file = draft_find(d, "mailname");
	struct draft_cursor c = file ? draft_lines(file) : (struct draft_cursor) { 0 };
	struct str line;

	if (!kept->seen || !kept->value.len || kept->value.p[0] != '/')
		return kept->value;
	return draft_next(&c, &line) ? line : STR("");
}

static void set_names(const struct draft *d, const struct draft_keys *keys, struct draft_account *a)
{
	const struct draft_kept *kept = &keys->kept[MAILNAME], *mask = &keys->kept[MASQUERADE];
	struct str name = mail_name(d, kept), user = STR("%U"), host = mask->value;

	if (kept->seen && !name.len)
		draft_note(a, kept->at, "MAILNAME: there is no such file, or no name in it");
	if (name.len) {
		draft_set(a, kept->at, SETTING_ID_domain, name);
		draft_set(a, kept->at, SETTING_ID_maildomain, name);
	}
	if (!mask->seen) {
		char *login CLEAN_UP(mem_free_at) =
			mem_fmt("%%U@%.*s", STR_ARG(name.len ? name : STR("%H")));
		draft_set(a, kept->at, SETTING_ID_from, str_of(login));
		return;
	}
	if (str_find(host, '@') < host.len)
		user = str_cut(&host, '@');
	if (!host.len)
		host = name.len ? name : STR("%H");
	char *from CLEAN_UP(mem_free_at) =
		mem_fmt("%.*s@%.*s", STR_ARG(user.len ? user : STR("%U")), STR_ARG(host));
	draft_set(a, mask->at, SETTING_ID_from, str_of(from));
	draft_set(a, mask->at, SETTING_ID_allow_from_override, STR("off"));
}

/* user|smarthost:password; without a smarthost in dma.conf the first entry's is it. */
static void read_auth(struct draft *d, const struct draft_keys *keys, struct draft_account *a)
{
	const struct draft_file *file = draft_find(d, "auth.conf");
	struct draft_cursor c = file ? draft_lines(file) : (struct draft_cursor) { 0 };
	struct str hub = keys->kept[SMARTHOST].value, line;
	bool found = false;

	while (draft_next(&c, &line)) {
		if (!line.len || line.p[0] == '#')
			continue;
		struct str user = str_cut(&line, '|'), host = str_cut(&line, ':');
		if (!hub.len && host.len) {
			hub = host;
			draft_set(a, c.at, SETTING_ID_host, host);
		}
		if (found || !str_same(host, hub)) {
			draft_note(a, c.at, "the entry for %.*s is of no use with this smarthost",
				STR_ARG(str_head(host, 80)));
			continue;
		}
		found = true;
		draft_set(a, c.at, SETTING_ID_user, user);
		draft_set(a, c.at, SETTING_ID_password, line);
	}
	if (!file && keys->kept[AUTHPATH].seen)
		draft_note(a, keys->kept[AUTHPATH].at, "AUTHPATH: there is no such file");
}

void dma_read(struct draft *d)
{
	const struct draft_file *file = draft_find(d, "dma.conf");
	struct draft_account *a = draft_account(d, STR("default"), NULL);
	struct draft_keys keys = fresh;

	if (file)
		read_lines(file, &keys, a);
	read_auth(d, &keys, a);
	set_way(&keys, a);
	set_trust(&keys, a);
	set_names(d, &keys, a);
	if (keys.kept[NULLCLIENT].seen)
		draft_set(a, keys.kept[NULLCLIENT].at, SETTING_ID_aliases, STR(""));
	draft_finish(d, a);
}

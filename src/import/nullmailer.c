/* SPDX-License-Identifier: MIT */
#include "import/nullmailer.h"

enum { PORT, STARTTLS, TLS, AUTH_LOGIN, INSECURE, CERTFILE, KEYFILE, CRLFILE, SOURCE, KEPT_COUNT };
_Static_assert((int)KEPT_COUNT <= (int)CONVERTED_KEPT, "there is room for each");

/* Options of a line of remotes; each may begin with "--". */
static const struct converted_key options[] = {
	{ "port", CONVERTED_KEEPS, PORT, NULL },
	{ "user", CONVERTED_SETS, SETTING_ID_user, NULL },
	{ "pass", CONVERTED_SETS, SETTING_ID_password, NULL },
	{ "auth-login", CONVERTED_KEEPS, AUTH_LOGIN, NULL },
	{ "starttls", CONVERTED_KEEPS, STARTTLS, NULL },
	{ "tls", CONVERTED_KEEPS, TLS, NULL },
	{ "ssl", CONVERTED_KEEPS, TLS, NULL },
	{ "insecure", CONVERTED_KEEPS, INSECURE, NULL },
	{ "source", CONVERTED_KEEPS, SOURCE, NULL },
	{ "x509certfile", CONVERTED_KEEPS, CERTFILE, NULL },
	{ "x509keyfile", CONVERTED_KEEPS, KEYFILE, NULL },
	{ "x509cafile", CONVERTED_SETS, SETTING_ID_tls_trust_file, NULL },
	{ "x509crlfile", CONVERTED_KEEPS, CRLFILE, NULL },
	{ "x509fmtder", CONVERTED_TELLS, 0,
		"certificates are read as PEM; openssl x509 converts them" },
	{ "tls-anon-auth", CONVERTED_TELLS, 0, "a server without a certificate is not accepted" },
};

static const struct converted_keys fresh = { .rows = options, .count = ARRAY_LEN(options) };

/* --- words --- */

static bool quoted(struct str *text, char quote, struct buf *out)
{
	while (text->len && text->p[0] != quote) {
		if (quote == '"' && text->p[0] == '\\' && text->len > 1)
			*text = str_from(*text, 1);
		buf_char(out, text->p[0]);
		*text = str_from(*text, 1);
	}
	*text = str_from(*text, 1);
	return true;
}

/* Takes the next word, split as by a shell. out must have room for all. False at the end. */
static bool next_shell_word(struct str *text, struct buf *out, struct str *ret)
{
	size_t begin = out->len;
	bool any = false;

	*text = str_trim(*text);
	while (text->len && !chr_is_blank(text->p[0])) {
		char c = text->p[0];
		any = true;
		*text = str_from(*text, 1);
		if (c == '\'' || c == '"') {
			quoted(text, c, out);
			continue;
		}
		if (c == '\\' && text->len) {
			c = text->p[0];
			*text = str_from(*text, 1);
		}
		buf_char(out, c);
	}
	*ret = any ? str_n(out->data + begin, out->len - begin) : STR("");
	return any;
}

static bool is_protocol(struct str word)
{
	return str_eq(word, STR("smtp")) || str_eq(word, STR("qmqp"));
}

bool nullmailer_knows(struct str line)
{
	struct str host = str_word(&line), protocol = str_word(&line);

	return host.len && host.p[0] != '#' && is_protocol(protocol);
}

/* --- remotes --- */

static unsigned port_of(
	const struct converted_keys *keys, unsigned named, struct converted_account *a)
{
	unsigned port = converted_port(a, &keys->kept[PORT], "port");

	if (port || named)
		return port ? port : named;
	return keys->kept[TLS].seen ? 465 : 25;
}

static void set_trust(const struct converted_keys *keys, struct converted_account *a)
{
	const struct converted_kept *cert = &keys->kept[CERTFILE], *crl = &keys->kept[CRLFILE];
	const struct converted_kept *insecure = &keys->kept[INSECURE],
				    *source = &keys->kept[SOURCE];

	if (insecure->seen && a->tls != CONVERTED_CLEAR) {
		converted_set(a, insecure->at, SETTING_ID_tls_certcheck, STR("off"));
		converted_note(a, insecure->at,
			"insecure: tls_fingerprint or tls_trust_file would make the server known%s",
			a->s.password.len ? "; until then the password is not sent to it, unless "
					    "you write: auth_insecure on"
					  : "");
	}
	if (cert->seen)
		converted_identity(a, cert->at, cert->value, keys->kept[KEYFILE].value);
	if (crl->seen && a->tls != CONVERTED_CLEAR && !insecure->seen)
		converted_set(a, crl->at, SETTING_ID_tls_crl_file, crl->value);
	else if (crl->seen)
		converted_note(
			a, crl->at, "x509crlfile: without TLS that is verified it has no use");
	if (source->seen)
		converted_set(a, source->at, SETTING_ID_source_ip, source->value);
	if (keys->kept[AUTH_LOGIN].seen)
		converted_auth(a, keys->kept[AUTH_LOGIN].at, "login");
}

/* Reads the words after host and protocol. named: the port given with the host, or 0. */
static void read_options(struct str line, unsigned named, struct buf *words,
	struct converted_place at, struct converted_account *a)
{
	struct converted_keys keys = fresh;
	struct str word;

	while (next_shell_word(&line, words, &word)) {
		if (str_starts(word, STR("--")))
			word = str_from(word, 2);
		bool value = str_find(word, '=') < word.len;
		struct str name = str_cut(&word, '=');
		if (!value && !converted_key(&keys, name)) { /* perhaps part of a password */
			converted_note(a, at,
				"a word of this line is not understood; a value with blanks needs "
				"quotes");
			continue;
		}
		converted_take(&keys, a, at, name, word);
	}
	enum converted_tls tls = keys.kept[TLS].seen ? CONVERTED_TLS_FIRST : CONVERTED_CLEAR;
	converted_way(
		a, keys.kept[STARTTLS].seen ? CONVERTED_STARTTLS : tls, port_of(&keys, named, a));
	set_trust(&keys, a);
}

/* Whether both are equal except for the host. */
static bool are_same(const struct converted_account *a, const struct converted_account *b)
{
	const struct secret *x = &a->s.password, *y = &b->s.password;
	struct buf texts[2] = { BUF_INIT(1 << 20), BUF_INIT(1 << 20) };

	for (unsigned i = SETTING_ID_host + 1; i < SETTING_COUNT; i++) {
		settings_write(&a->s, setting_row((enum setting_id)i), &texts[0]);
		settings_write(&b->s, setting_row((enum setting_id)i), &texts[1]);
	}
	bool same = str_eq(buf_str(&texts[0]), buf_str(&texts[1])) &&
		    str_eq(str_n(x->bytes, x->len), str_n(y->bytes, y->len));
	buf_done(&texts[0]);
	buf_done(&texts[1]);
	return same;
}

/* host [protocol [option...]] */
static bool read_remote(struct converted *d, struct str line, struct converted_place at)
{
	struct buf words CLEAN_UP(buf_wipe_done) = BUF_SECRET(line.len + 1);
	struct str host, protocol;

	buf_reserve(&words, line.len + 1);
	if (!next_shell_word(&line, &words, &host))
		return true;
	if (next_shell_word(&line, &words, &protocol) && !str_eq(protocol, STR("smtp"))) {
		converted_comment(&d->text, at, STR("this protocol is not spoken here, SMTP is"));
		return true;
	}
	struct converted_account *a = converted_account(d, d->count ? host : STR("default"), NULL);
	if (!a)
		return false;
	unsigned port = 0;
	if (host.len && (host.p[0] == '[' || str_find(host, ':') == str_rfind(host, ':')))
		port = converted_hub(a, at, host);
	else if (host.len)
		converted_set(a, at, SETTING_ID_host, host);
	read_options(line, port, &words, at, a);
	if (d->count == 1 || !a->s.host || !a->s.host[0])
		return true;
	if (are_same(d->accounts[0], a) && d->accounts[0]->s.host) {
		converted_set(d->accounts[0], at, SETTING_ID_host, host);
		converted_drop(d, d->count - 1);
	} else {
		converted_note(a, at,
			"another server is tried only where its options are the same; "
			"this one is chosen with -a %s",
			a->name);
	}
	return true;
}

static void read_remotes(struct converted *d)
{
	const struct converted_file *file = converted_find(d, "remotes");
	struct converted_cursor c = file ? converted_lines(file) : (struct converted_cursor) { 0 };
	struct str line;

	while (converted_next(&c, &line))
		if (line.len && line.p[0] != '#' && !read_remote(d, line, c.at))
			return;
}

/* --- the other files --- */

/* The first line of the file of that name; empty if there is no such file. */
static struct str read_first_line(
	const struct converted *d, const char *name, struct converted_place *ret_at)
{
	const struct converted_file *file = converted_find(d, name);
	struct converted_cursor c = file ? converted_lines(file) : (struct converted_cursor) { 0 };
	struct str line;

	*ret_at = (struct converted_place) { file ? file->path : NULL, 0 };
	return converted_next(&c, &line) ? line : STR("");
}

static void set_names(const struct converted *d, struct converted_account *a)
{
	struct converted_place at, host_at, helo_at;
	struct str domain = read_first_line(d, "defaultdomain", &at),
		   me = read_first_line(d, "me", &at);
	struct str host = read_first_line(d, "defaulthost", &host_at);
	struct str helo = read_first_line(d, "helohost", &helo_at);

	if (helo.len || me.len)
		converted_set(a, helo.len ? helo_at : at, SETTING_ID_domain, helo.len ? helo : me);
	if (!host.len) {
		host = me;
		host_at = at;
	}
	bool known = host.len;
	if (!known)
		host = STR("%H");
	bool dotted = !known || str_find(host, '.') < host.len || !domain.len;
	char *full CLEAN_UP(mem_free_at) = mem_fmt(
		"%.*s%s%.*s", STR_ARG(host), dotted ? "" : ".", STR_ARG(dotted ? STR("") : domain));
	if (known && !read_first_line(d, "adminaddr", &at)
			      .len) /* else bare names are the administrator's */
		converted_set(a, host_at, SETTING_ID_maildomain, str_of(full));
	char *from CLEAN_UP(mem_free_at) = mem_fmt("%%U@%s", full);
	if (!read_first_line(d, "allmailfrom", &at).len)
		converted_set(a, host_at, SETTING_ID_from, str_of(from));
}

static void set_addresses(const struct converted *d, struct converted_account *a)
{
	struct converted_place from_at, admin_at;
	struct str from = read_first_line(d, "allmailfrom", &from_at);
	struct str admin = read_first_line(d, "adminaddr", &admin_at);

	if (from.len) {
		converted_set(a, from_at, SETTING_ID_from, from);
		converted_set(a, from_at, SETTING_ID_allow_from_override, STR("off"));
	}
	if (!admin.len)
		return;
	struct str shown = str_head(admin, 80);
	if (from.len) {
		converted_note(a, admin_at,
			"adminaddr: to send the mail of bare names to %.*s, write \"default: "
			"%.*s\" "
			"in a file, and name that: aliases FILE",
			STR_ARG(shown), STR_ARG(shown));
		return;
	}
	converted_set(a, admin_at, SETTING_ID_from, admin);
	converted_note(a, admin_at,
		"adminaddr: this address gets the mail of root and other bare names, and is the "
		"sender");
}

static void set_rest(const struct converted *d, struct converted_account *a)
{
	static const struct {
		const char *file, *note;
	} others[] = {
		{ "pausetime", "there is no queue: the caller gets the server's answer" },
		{ "maxpause", "there is no queue: the caller gets the server's answer" },
		{ "queuelifetime", "there is no queue: the caller gets the server's answer" },
		{ "idhost", "the domain of a Message-ID is the sender's" },
	};
	struct converted_place at;

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (read_first_line(d, others[i].file, &at).len)
			converted_note(a, at, "%s", others[i].note);
	struct str seconds = read_first_line(d, "sendtimeout", &at);
	if (seconds.len)
		converted_set(a, at, SETTING_ID_run_timeout, seconds);
}

void nullmailer_read(struct converted *d)
{
	read_remotes(d);
	if (!d->count)
		converted_account(d, STR("default"), NULL);
	for (size_t i = 0; i < d->count; i++) {
		set_addresses(d, d->accounts[i]);
		set_names(d, d->accounts[i]);
		converted_finish(d, d->accounts[i]);
	}
	set_rest(d, d->accounts[0]);
}

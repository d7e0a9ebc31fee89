/* SPDX-License-Identifier: MIT */
#include "import/esmtp.h"

#include <string.h>

enum { HOSTNAME, STARTTLS, SENDER, REVERSE_PATH, MESSAGE_ID, KEPT_COUNT };
_Static_assert((int)KEPT_COUNT <= (int)CONVERTED_KEPT, "there is room for each");

static const struct converted_key rows[] = {
	{ "hostname", CONVERTED_KEEPS, HOSTNAME, NULL },
	{ "username", CONVERTED_SETS, SETTING_ID_user, NULL },
	{ "password", CONVERTED_SETS, SETTING_ID_password, NULL },
	{ "starttls", CONVERTED_KEEPS, STARTTLS, NULL },
	{ "certificate_passphrase", CONVERTED_TELLS, 0,
		"a key file is read without a passphrase; openssl pkey takes it away" },
	{ "helo", CONVERTED_SETS, SETTING_ID_domain, NULL },
	{ "qualifydomain", CONVERTED_SETS, SETTING_ID_maildomain, NULL },
	{ "sender", CONVERTED_KEEPS, SENDER, NULL },
	{ "reverse_path", CONVERTED_KEEPS, REVERSE_PATH, NULL },
	{ "message_id", CONVERTED_KEEPS, MESSAGE_ID, NULL },
	{ "preconnect", CONVERTED_TELLS, 0,
		"no command is run before; tunnel names one that is the connection itself" },
	{ "mda", CONVERTED_TELLS, 0,
		"nothing is delivered on this machine; see maildomain, aliases" },
	{ "force_mda", CONVERTED_TELLS, 0,
		"nothing is delivered on this machine; see maildomain, aliases" },
};

static const struct converted_keys fresh = { .rows = rows, .count = ARRAY_LEN(rows) };

/* --- words --- */

struct reader {
	struct converted *d;
	struct converted_account *a;      /* the current identity; NULL: there are too many */
	struct converted_account *chosen; /* the identity marked as default */
	struct converted_keys keys;
	struct converted_place at;
	struct str rest;
	struct buf words; /* with room for all of them */
};

static bool is_between(char c)
{
	return chr_is_white(c) || c == '=' || c == ':' || c == ';' || c == ',';
}

/* Skips white space, separators between key and value, and comments. False at the end. */
static bool skip(struct reader *r)
{
	while (r->rest.len && (is_between(r->rest.p[0]) || r->rest.p[0] == '#')) {
		if (r->rest.p[0] == '#') {
			r->rest = str_from(r->rest, str_find(r->rest, '\n'));
			continue;
		}
		r->at.line += r->rest.p[0] == '\n';
		r->rest = str_from(r->rest, 1);
	}
	return r->rest.len > 0;
}

static unsigned digits(struct str *text, unsigned base, size_t most)
{
	unsigned value = 0;

	for (size_t i = 0; i < most && text->len; i++) {
		int digit = chr_hex(text->p[0]);
		if (digit < 0 || (unsigned)digit >= base)
			break;
		value = value * base + (unsigned)digit;
		*text = str_from(*text, 1);
	}
	return value;
}

/* The character that an escape after a backslash means, as in a C string. */
static char escaped(struct str *text)
{
	static const char letters[] = "abfnrtv", means[] = "\a\b\f\n\r\t\v";
	char c = text->p[0];
	const char *letter = c ? strchr(letters, c) : NULL;

	if (c >= '0' && c <= '7')
		return (char)digits(text, 8, 3);
	*text = str_from(*text, 1);
	if (c == 'x')
		return (char)digits(text, 16, 2);
	return letter ? means[letter - letters] : c;
}

static struct str quoted(struct reader *r, char quote)
{
	size_t begin = r->words.len;

	while (r->rest.len && r->rest.p[0] != quote) {
		char c = r->rest.p[0];
		r->at.line += c == '\n';
		r->rest = str_from(r->rest, 1);
		if (c == '\\' && r->rest.len)
			c = escaped(&r->rest);
		buf_char(&r->words, c);
	}
	r->rest = str_from(r->rest, 1);
	return str_n(buf_text(&r->words) + begin, r->words.len - begin);
}

static struct str plain(struct reader *r, bool key)
{
	size_t n = 0;

	while (n < r->rest.len && !chr_is_white(r->rest.p[n]) && !(key && is_between(r->rest.p[n])))
		n++;
	struct str word = str_head(r->rest, n);
	r->rest = str_from(r->rest, n);
	return word;
}

/* Takes a value on the key's own line; empty if there is none. */
static struct str take_key_value(struct reader *r)
{
	while (r->rest.len && is_between(r->rest.p[0]) && r->rest.p[0] != '\n')
		r->rest = str_from(r->rest, 1);
	if (!r->rest.len || r->rest.p[0] == '\n' || r->rest.p[0] == '#')
		return STR("");
	char quote = r->rest.p[0];
	if (quote != '"' && quote != '\'')
		return plain(r, false);
	r->rest = str_from(r->rest, 1);
	return quoted(r, quote);
}

/* --- identities --- */

/* "%u" is the login name, which patterns of ours call %U; "%%" is the same in both. */
static char *pattern_of(struct str path)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(2 * path.len + 1);

	for (size_t i = 0; i < path.len; i++) {
		buf_char(&out, path.p[i]);
		if (path.p[i] != '%' || i + 1 == path.len)
			continue;
		i++;
		buf_char(&out, path.p[i] == 'u' ? 'U' : path.p[i]);
	}
	return mem_dup(buf_text(&out), out.len);
}

static void settle_way(const struct converted_keys *keys, struct converted_account *a)
{
	const struct converted_kept *host = &keys->kept[HOSTNAME], *tls = &keys->kept[STARTTLS];
	unsigned port = host->seen ? converted_hub(a, host->at, host->value) : 0;
	bool on = tls->seen && !str_eq(tls->value, STR("disabled"));

	converted_way(a, on ? CONVERTED_STARTTLS : CONVERTED_CLEAR, port ? port : 587);
	if (on && str_eq(tls->value, STR("enabled")))
		converted_note(a, tls->at,
			"starttls = enabled: without TLS nothing is sent; where the "
			"server has none write: tls off");
}

/* Converts settings that depend on more than one key. */
static void convert_combined_keys(struct reader *r)
{
	const struct converted_kept *path = &r->keys.kept[REVERSE_PATH];
	const struct converted_kept *sender = &r->keys.kept[SENDER],
				    *id = &r->keys.kept[MESSAGE_ID];
	struct converted_account *a = r->a;

	if (!a)
		return;
	settle_way(&r->keys, a);
	if (id->seen && str_eq(id->value, STR("disabled")))
		converted_set(a, id->at, SETTING_ID_set_msgid_header, STR("off"));
	if (sender->seen)
		converted_note(a, sender->at, "force sender: no Sender field is written");
	if (path->seen) {
		char *from CLEAN_UP(mem_free_at) = pattern_of(path->value);
		char *identity CLEAN_UP(mem_free_at) = a->s.from ? mem_str(a->s.from) : NULL;
		settings_clear(&a->s, setting_row(SETTING_ID_from));
		converted_set(a, path->at, SETTING_ID_from, str_of(from));
		for (struct str list = str_of(identity); list.len;) { /* these choose the account */
			struct str one = str_cut(&list, '\n');
			if (one.len && !str_eq(one, str_of(from)))
				converted_set(a, path->at, SETTING_ID_from, one);
		}
		converted_set(a, path->at, SETTING_ID_allow_from_override, STR("off"));
	} else if (!a->s.from) {
		converted_set(a, (struct converted_place) { 0 }, SETTING_ID_from, STR("%U@%H"));
	}
	r->keys = fresh;
}

static void begin_identity(struct reader *r)
{
	struct str address = take_key_value(r);

	convert_combined_keys(r);
	r->a = converted_account(r->d, address, NULL);
	if (r->a && address.len)
		converted_set(r->a, r->at, SETTING_ID_from, address);
}

static void read_line(struct reader *r)
{
	struct converted_place at = r->at;
	struct str name = plain(r, true);

	if (str_eq(name, STR("identity"))) {
		begin_identity(r);
		return;
	}
	if (str_eq(name, STR("default"))) {
		r->chosen = r->a;
		return;
	}
	if (str_eq(name, STR("force")) && skip(r))
		name = plain(r, true);
	if (!r->a)
		return;
	if (converted_key(&r->keys, name)) {
		struct str value = take_key_value(r);
		if (value.len)
			converted_take(&r->keys, r->a, at, name, value);
		return;
	}
	converted_take(&r->keys, r->a, at, name, STR(""));
	r->rest = str_from(r->rest, str_find(r->rest, '\n'));
}

/* Whether the global section sets nothing about a server, and so is no identity. */
static bool is_empty(const struct converted_account *a)
{
	return !settings_has(&a->s, SETTING_ID_host) && !settings_has(&a->s, SETTING_ID_user);
}

/* Names the default. The first account is the global section; the rest are in file order. */
static void name_default(struct reader *r)
{
	struct converted *d = r->d;
	struct converted_account *global = d->accounts[0];

	if (is_empty(global) && d->count > 1) {
		buf_add(&d->accounts[1]->notes, buf_str(&global->notes));
		if (r->chosen == global)
			r->chosen = NULL;
		converted_drop(d, 0);
		global = d->accounts[0];
	}
	if (!r->chosen || r->chosen == global) {
		converted_rename(d, global, STR("default"));
		return;
	}
	if (str_eq(str_of(global->name), STR("default")))
		converted_rename(d, global, STR("global"));
	converted_rename(d, r->chosen, STR("default"));
}

bool esmtp_knows(struct str line)
{
	struct reader r = { .rest = line };
	struct str name = skip(&r) ? plain(&r, true) : STR("");

	return str_eq(name, STR("identity")) || str_eq(name, STR("force")) ||
	       converted_key(&fresh, name);
}

void esmtp_read(struct converted *d)
{
	const struct converted_file *file = converted_find(d, "esmtprc");
	struct reader r = { .d = d, .keys = fresh };

	r.a = converted_account(d, STR("default"), NULL);
	if (file) {
		struct converted_cursor c = converted_lines(file);
		r.at = (struct converted_place) { file->path, 1 };
		r.rest = c.rest;
	}
	r.words = BUF_SECRET(r.rest.len + 1);
	buf_reserve(&r.words, r.rest.len + 1);
	while (skip(&r))
		read_line(&r);
	convert_combined_keys(&r);
	name_default(&r);
	for (size_t i = 0; i < d->count; i++)
		converted_finish(d, d->accounts[i]);
	buf_wipe_done(&r.words);
}

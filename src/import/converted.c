/* SPDX-License-Identifier: MIT */
#include "import/converted.h"

#include "base/printable.h"
#include "conf/hosts.h"
#include "conf/value.h"
#include "mail/addr.h"

#include <string.h>

static void account_free(struct converted_account *a)
{
	mem_free(a->name);
	mem_free(a->parent);
	settings_done(&a->s);
	buf_done(&a->notes);
	mem_free(a);
}

void converted_done(struct converted *d)
{
	for (size_t i = 0; i < d->count; i++)
		account_free(d->accounts[i]);
	mem_free(d->accounts);
	buf_wipe_done(&d->text);
	*d = (struct converted) { 0 };
}

const struct converted_file *converted_find(const struct converted *d, const char *role)
{
	for (size_t i = 0; i < d->file_count; i++)
		if (strcmp(d->files[i].role, role) == 0)
			return &d->files[i];
	return NULL;
}

/* --- accounts --- */

static bool is_taken(const struct converted *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->accounts[i]->name, name) == 0)
			return true;
	return false;
}

/* The name, with only letters that are safe in the grammar and after -a in a shell. */
static char *fit_name(struct str name)
{
	char *fit = mem_dup(name.p, str_head(name, 100).len);

	for (size_t i = 0; fit[i]; i++)
		if (!chr_is_alpha(fit[i]) && !chr_is_digit(fit[i]) && !strchr("@._+-", fit[i]))
			fit[i] = '_';
	if (!fit[0] || fit[0] == '-') {
		mem_free(fit);
		return mem_str("account");
	}
	return fit;
}

static char *new_name(const struct converted *d, struct str name)
{
	char *fit CLEAN_UP(mem_free_at) = fit_name(name);
	char *own = mem_str(fit);

	for (unsigned i = 2; is_taken(d, own); i++) {
		mem_free(own);
		own = mem_fmt("%s_%u", fit, i);
	}
	return own;
}

struct converted_account *converted_account(
	struct converted *d, struct str name, const char *parent)
{
	if (d->count == CONVERTED_ACCOUNTS) {
		converted_note(d->accounts[0], (struct converted_place) { 0 },
			"there were more than %d accounts; the rest is left out",
			(int)CONVERTED_ACCOUNTS);
		return NULL;
	}
	struct converted_account *a = mem_alloc(sizeof(*a));
	*a = (struct converted_account) { .name = new_name(d, name),
		.notes = BUF_INIT(CONVERTED_NOTES) };
	a->parent = parent ? mem_str(parent) : NULL;
	d->accounts = mem_grow(d->accounts, (d->count + 1) * sizeof(struct converted_account *));
	d->accounts[d->count++] = a;
	return a;
}

void converted_rename(struct converted *d, struct converted_account *a, struct str name)
{
	mem_free(a->name);
	a->name = mem_str("");
	char *own = new_name(d, name);
	mem_free(a->name);
	a->name = own;
}

void converted_drop(struct converted *d, size_t number)
{
	account_free(d->accounts[number]);
	d->count--;
	for (size_t i = number; i < d->count; i++)
		d->accounts[i] = d->accounts[i + 1];
}

void converted_comment(struct buf *out, struct converted_place at, struct str text)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(32768);

	buf_add(&line, STR("# "));
	if (at.path) {
		printable_add(&line, str_of(at.path));
		if (at.line)
			buf_fmt(&line, ":%u", at.line);
		buf_add(&line, STR(": "));
	}
	printable_add(&line, text);
	buf_char(&line, '\n');
	buf_add(out, buf_str(&line));
}

void converted_note(struct converted_account *a, struct converted_place at, const char *fmt, ...)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(4096);
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	converted_comment(&a->notes, at, buf_str(&text));
}

/* Whether the value has a line end, which no configuration line can hold. */
static bool has_line_end(struct str value)
{
	return str_find(value, '\n') < value.len || str_find(value, '\0') < value.len;
}

/* Requires an address with a domain; the letters of a pattern count as text (conf/pattern). */
static bool check_from(struct str value, struct err *e)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(1000);
	struct addr address;

	for (size_t i = 0; i < value.len; i++) {
		bool pattern = value.p[i] == '%' && i + 1 < value.len;
		buf_char(&text, pattern ? 'x' : value.p[i]);
		i += pattern;
	}
	if (text.over || !addr_one(buf_str(&text), &address, e))
		return err_set(e, ERR_CONFIG, "from: this is no address");
	return !addr_is_bare(&address) ||
	       err_set(e, ERR_CONFIG, "from: this address has no domain");
}

void converted_set(struct converted_account *a, struct converted_place at, enum setting_id id,
	struct str value)
{
	const struct setting_row *row = setting_row(id);
	struct err e;

	if (has_line_end(value))
		converted_note(a, at, "%s: a value of several lines has no place here", row->name);
	else if ((id == SETTING_ID_from && !check_from(value, &e)) ||
		 !settings_assign(&a->s, row, value, &e))
		converted_note(a, at, "%s", e.what);
}

/* --- what several programs have in common --- */

static unsigned port_of(struct str text)
{
	static const struct {
		const char *name;
		unsigned port;
	} services[] = {
		{ "smtp", 25 },
		{ "submission", 587 },
		{ "submissions", 465 },
		{ "smtps", 465 },
		{ "ssmtp", 465 },
	};
	uint64_t n;

	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		if (str_same(text, str_of(services[i].name)))
			return services[i].port;
	return str_number(text, &n) && n >= 1 && n <= 65535 ? (unsigned)n : 0;
}

unsigned converted_hub(struct converted_account *a, struct converted_place at, struct str hub)
{
	struct str host = hub, port = STR("");
	size_t colon = str_rfind(hub, ':');

	if (hub.len && hub.p[0] == '[') {
		host = str_from(hub, 1);
		port = host;
		host = str_cut(&port, ']');
		port = str_from(port, port.len && port.p[0] == ':');
	} else if (colon < hub.len && str_find(hub, ':') == colon) {
		host = str_head(hub, colon);
		port = str_from(hub, colon + 1);
	}
	host = str_trim(host);
	port = str_trim(port);
	if (host.len)
		converted_set(a, at, SETTING_ID_host, host);
	if (port.len && !port_of(port))
		converted_note(a, at, "%.*s is not a port; add a line here: port NUMBER",
			STR_ARG(str_head(port, 40)));
	return port_of(port);
}

static void set_port(struct converted_account *a, unsigned port)
{
	char text[20];

	text_fmt(text, sizeof(text), "%u", port);
	converted_set(a, (struct converted_place) { 0 }, SETTING_ID_port, str_of(text));
}

static void set_bool(struct converted_account *a, enum setting_id id, bool on)
{
	converted_set(a, (struct converted_place) { 0 }, id, on ? STR("on") : STR("off"));
}

/* The port that applies if none is given. */
static unsigned usual_port(enum converted_tls tls)
{
	static const unsigned ports[] = {
		[CONVERTED_CLEAR] = 25,
		[CONVERTED_STARTTLS] = 587,
		[CONVERTED_TLS_FIRST] = 465,
	};

	return ports[tls];
}

/* An account with a parent sets even defaults, as the parent may have set other values. */
void converted_way(struct converted_account *a, enum converted_tls tls, unsigned port)
{
	bool local = hosts_is_local(&a->s);
	bool all = a->parent != NULL, usual = !port || port == usual_port(tls);

	a->tls = tls;
	if (all || local != (tls == CONVERTED_CLEAR))
		set_bool(a, SETTING_ID_tls, tls != CONVERTED_CLEAR);
	if (tls == CONVERTED_STARTTLS || (tls == CONVERTED_TLS_FIRST && (all || !usual)))
		set_bool(a, SETTING_ID_tls_starttls, tls == CONVERTED_STARTTLS);
	if (all || !usual)
		set_port(a, port ? port : usual_port(tls));
}

static bool is_verified(const struct converted_account *a)
{
	const struct settings *s = &a->s;

	return a->tls != CONVERTED_CLEAR &&
	       (!settings_has(s, SETTING_ID_tls_certcheck) || s->tls_certcheck);
}

void converted_auth(struct converted_account *a, struct converted_place at, const char *mechanism)
{
	if (is_verified(a) || hosts_is_local(&a->s) || a->s.auth_insecure)
		converted_set(a, at, SETTING_ID_auth, str_of(mechanism));
	else
		converted_note(a, at,
			"auth %s is left out: without verified TLS the password is not shown; "
			"only SCRAM is used",
			mechanism);
}

void converted_identity(
	struct converted_account *a, struct converted_place at, struct str cert, struct str key)
{
	if (a->tls == CONVERTED_CLEAR) {
		converted_note(a, at, "without TLS a certificate of our own has no use");
		return;
	}
	converted_set(a, at, SETTING_ID_tls_cert_file, cert);
	converted_set(a, at, SETTING_ID_tls_key_file, key.len ? key : cert);
}

/* A password without TLS works only with SCRAM, so notes say that. */
static void note_scram(struct converted_account *a)
{
	if (a->tls == CONVERTED_CLEAR && secret_is_set(&a->s.password) && !a->s.auth_insecure &&
		!hosts_is_local(&a->s))
		converted_note(a, (struct converted_place) { 0 },
			"without TLS the password is used with SCRAM alone; where the server has "
			"TLS, remove: tls off");
}

void converted_finish(struct converted *d, struct converted_account *a)
{
	struct converted_place nowhere = { 0 };

	if (a->s.host && a->s.host[0]) {
		note_scram(a);
		return;
	}
	d->no_smarthost = true;
	converted_set(a, nowhere, SETTING_ID_host, STR("localhost"));
	converted_note(a, nowhere,
		"no smarthost was named: write in place of localhost the server that takes your "
		"mail");
}

/* --- tables of keys --- */

const struct converted_key *converted_key(const struct converted_keys *keys, struct str name)
{
	for (size_t i = 0; i < keys->count; i++) {
		struct str known = str_of(keys->rows[i].name);
		if (keys->any_case ? str_same(name, known) : str_eq(name, known))
			return &keys->rows[i];
	}
	return NULL;
}

void converted_take(struct converted_keys *keys, struct converted_account *a,
	struct converted_place at, struct str name, struct str value)
{
	const struct converted_key *row = converted_key(keys, name);

	if (!row) {
		converted_note(
			a, at, "%.*s: this key is not known here", STR_ARG(str_head(name, 60)));
		return;
	}
	switch (row->act) {
	case CONVERTED_SETS:
		converted_set(a, at, (enum setting_id)row->id, value);
		break;
	case CONVERTED_KEEPS:
		keys->kept[row->id] = (struct converted_kept) { true, value, at };
		break;
	case CONVERTED_TELLS:
		converted_note(a, at, "%s: %s", row->name, row->note);
		break;
	}
}

bool converted_is_yes(const struct converted_kept *kept)
{
	return kept->seen && str_same(kept->value, STR("yes"));
}

unsigned converted_port(
	struct converted_account *a, const struct converted_kept *kept, const char *key)
{
	uint64_t n = 0;

	if (!kept->seen || (str_number(kept->value, &n) && n >= 1 && n <= 65535))
		return (unsigned)n;
	converted_note(a, kept->at, "%s: must be a number from 1 to 65535", key);
	return 0;
}

struct converted_cursor converted_lines(const struct converted_file *file)
{
	struct str text = file->text;

	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	return (struct converted_cursor) { { file->path, 0 }, text };
}

bool converted_next(struct converted_cursor *c, struct str *ret_line)
{
	if (!c->rest.len)
		return false;
	c->at.line++;
	*ret_line = str_trim_lines(str_cut(&c->rest, '\n'));
	return true;
}

/* --- writing --- */

/* The grammar removes white space and CR from the ends, and one pair of quotes. */
static bool needs_quotes(struct str value)
{
	char first = value.len ? value.p[0] : 'x', last = value.len ? value.p[value.len - 1] : 'x';

	return chr_is_white(first) || chr_is_white(last) ||
	       (value.len >= 2 && first == '"' && last == '"');
}

void converted_line(const char *name, struct str value, struct buf *out)
{
	struct str quote = needs_quotes(value) ? STR("\"") : STR("");

	buf_add(out, str_of(name));
	if (value.len)
		buf_char(out, ' ');
	buf_add(out, quote);
	buf_add(out, value);
	buf_add(out, quote);
	buf_char(out, '\n');
}

static void write_texts(const struct settings *s, const struct setting_row *row, struct buf *out)
{
	char *const *text = (char *const *)(const void *)((const char *)s + row->offset);
	struct str rest = str_of(*text);

	if (row->type != SETTING_LIST)
		converted_line(row->name, rest, out);
	else
		while (rest.len)
			converted_line(row->name, str_cut(&rest, '\n'), out);
}

static void write_setting(const struct settings *s, const struct setting_row *row, struct buf *out)
{
	const struct secret *secret = (const void *)((const char *)s + row->offset);

	if (row->type == SETTING_SECRET)
		converted_line(row->name, str_n(secret->bytes, secret->len), out);
	else if (row->type <= SETTING_LIST)
		write_texts(s, row, out);
	else
		settings_write(s, row, out);
}

static void write_account(const struct converted_account *a, struct buf *out)
{
	buf_fmt(out, "\naccount %s", a->name);
	if (a->parent)
		buf_fmt(out, " : %s", a->parent);
	buf_char(out, '\n');
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		if (settings_has(&a->s, (enum setting_id)i))
			write_setting(&a->s, setting_row((enum setting_id)i), out);
	buf_add(out, buf_str(&a->notes));
	if (a->notes.over)
		buf_add(out, STR("# There was more to say than is said here.\n"));
}

static bool has_passwords(const struct converted *d)
{
	bool has = false;

	for (size_t i = 0; i < d->count; i++)
		has = has || secret_is_set(&d->accounts[i]->s.password);
	return has;
}

void converted_write(const struct converted *d, const char *program, struct buf *out)
{
	if (has_passwords(d))
		buf_add(out, STR("# This file holds a password: run chmod 600 on it, so that "
				 "nobody else reads it.\n"));
	else if (d->has_commands)
		buf_add(out, STR("# This file holds passwords, or commands that print them: run "
				 "chmod 600 on it.\n"));
	buf_fmt(out, CONVERTED_FIRST_LINE "%s had in:\n", program);
	for (size_t i = 0; i < d->file_count; i++)
		converted_comment(out, (struct converted_place) { 0 }, str_of(d->files[i].path));
	if (d->text.len)
		buf_char(out, '\n');
	buf_add(out, buf_str(&d->text));
	for (size_t i = 0; i < d->count; i++)
		write_account(d->accounts[i], out);
}

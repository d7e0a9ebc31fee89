/* SPDX-License-Identifier: MIT */
#include "conf/account.h"

#include "conf/rcfile.h"
#include "mail/addr.h"
#include "sys/dial.h"
#include "sys/file.h"
#include "sys/proc.h"
#include "sys/sasl.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 2, NAME_OCTETS = 255 };

/* The files that were read, ours first, and what to say if they do not do. */
struct files {
	struct rcfile rc[FILES];
	size_t count;
	struct buf looked; /* where we looked */
};

static void files_done(struct files *f)
{
	for (size_t i = 0; i < f->count; i++)
		rcfile_done(&f->rc[i]);
	buf_done(&f->looked);
}

static bool is_msmtp_file(const char *path)
{
	struct str p = str_of(path);
	struct str base = str_from(p, str_rfind(p, '/') == p.len ? 0 : str_rfind(p, '/') + 1);

	return str_eq(base, STR("msmtprc")) || str_eq(base, STR(".msmtprc")) ||
	       str_ends_same(p, STR("/msmtp/config"));
}

static void noted(struct files *f, const char *path, const char *what)
{
	buf_fmt(&f->looked, "%s%s: %s", f->looked.len ? ", " : "", path, what);
}

static bool check_rights(const struct rcfile *rc, const struct file_facts *facts, struct err *e)
{
	if (rc->has_secrets && facts->foreign) {
		err_set(e, ERR_CONFIG, "%s: holds secrets or commands and others can change it",
			rc->path);
		return err_hint(e, "it must be yours or root's; run: chmod go-w %s", rc->path);
	}
	if (!facts->mine || !facts->shared || !rc->has_secrets)
		return true;
	err_set(e, ERR_CONFIG, "%s: holds secrets and others may read it (mode %03o)", rc->path,
		facts->mode);
	return err_hint(e, "run: chmod 600 %s", rc->path);
}

/* *ret_found: the file is there. One that is not ours is skipped when it cannot be read. */
static bool load(struct files *f, const char *path, bool ours, bool *ret_found, struct err *e)
{
	struct buf text CLEAN_UP(buf_wipe_done) = BUF_INIT(RCFILE_MAX);
	struct file_facts facts;

	*ret_found = false;
	buf_reserve(&text, 16384);
	if (!file_read(path, &text, &facts, e)) {
		if (facts.missing || !ours) {
			noted(f, path, e->os == EACCES ? strerror(EACCES) : "none");
			return true;
		}
		e->kind = ERR_CONFIG;
		return err_in(e, "configuration");
	}
	*ret_found = true;
	rcfile_parse(&f->rc[f->count], path, buf_str(&text));
	if (f->rc[f->count].has_secrets)
		proc_guard_memory();
	noted(f, path, f->rc[f->count].count ? "read" : "no account in it");
	return check_rights(&f->rc[f->count++], &facts, e);
}

/* A path below $VARIABLE, else below the home folder. */
static char *below(const char *variable, const char *home_part, const char *rest)
{
	const char *folder = variable ? getenv(variable) : NULL;
	const char *home = getenv("HOME");

	if (folder && folder[0] == '/')
		return mem_fmt("%s/%s", folder, rest);
	if (!home || home[0] != '/')
		return NULL;
	return mem_fmt("%s/%s%s", home, home_part, rest);
}

static bool load_first(struct files *f, char *const *paths, size_t n, struct err *e)
{
	bool found = false;

	for (size_t i = 0; i < n && !found; i++)
		if (paths[i] && !load(f, paths[i], true, &found, e))
			return false;
	return true;
}

static bool load_ours(struct files *f, const char *named, struct err *e)
{
	bool found;

	if (named) {
		if (!load(f, named, true, &found, e))
			return false;
		return found ||
		       err_set(e, ERR_CONFIG, "configuration: %s: there is no such file", named);
	}
	char *paths[] = {
		below("XDG_CONFIG_HOME", ".config/", "postrider/config"),
		below(NULL, "", ".msmtprc"),
		below("XDG_CONFIG_HOME", ".config/", "msmtp/config"),
	};
	bool good = load_first(f, paths, ARRAY_LEN(paths), e);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		mem_free(paths[i]);
	return good;
}

static bool load_all(struct files *f, const char *named, struct err *e)
{
	bool found;

	return load_ours(f, named, e) && load(f, "/etc/postrider/config", false, &found, e) &&
	       (found || load(f, "/etc/msmtprc", false, &found, e));
}

/* --- choosing --- */

bool account_is_pattern(const char *from)
{
	return strpbrk(from, "*?[") != NULL;
}

static bool matches_whole(const char *pattern, const char *sender)
{
	return str_same(str_of(pattern), str_of(sender)) ||
	       fnmatch(pattern, sender, FNM_CASEFOLD) == 0;
}

/* As it is, or without the "+detail" of its local part. */
static bool matches(const char *pattern, const char *sender)
{
	const char *plus = strchr(sender, '+'), *at = strrchr(sender, '@');

	if (!pattern)
		return false;
	if (matches_whole(pattern, sender))
		return true;
	if (!plus || !at || plus > at)
		return false;
	char *plain CLEAN_UP(mem_free_at) = mem_fmt("%.*s%s", (int)(plus - sender), sender, at);
	return matches_whole(pattern, plain);
}

/* A block of the system's file whose name stands in ours too is not seen. */
static bool is_hidden(const struct files *f, size_t file, const struct rcblock *b)
{
	return file > 0 && rcfile_find(&f->rc[0], str_of(b->name));
}

typedef bool chooser(const struct rcblock *b, const char *text);

static bool by_name(const struct rcblock *b, const char *name)
{
	return strcmp(b->name, name) == 0;
}

static bool by_sender(const struct rcblock *b, const char *sender)
{
	return matches(b->own.from ? b->own.from : b->defaults.from, sender);
}

static bool by_anything(const struct rcblock *b, const char *text)
{
	(void)b;
	(void)text;
	return true;
}

/* The first that fits; *ret_count: how many do. */
static const struct rcblock *first(const struct files *f, chooser *fits, const char *text,
	const struct rcfile **ret_rc, size_t *ret_count)
{
	const struct rcblock *got = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < f->count; i++) {
		for (size_t k = 0; k < f->rc[i].count; k++) {
			const struct rcblock *b = &f->rc[i].blocks[k];
			if (is_hidden(f, i, b) || !fits(b, text))
				continue;
			if (!(*ret_count)++) {
				got = b;
				*ret_rc = &f->rc[i];
			}
		}
	}
	return got;
}

static void list_names(const struct files *f, struct buf *out)
{
	for (size_t i = 0; i < f->count; i++) {
		for (size_t k = 0; k < f->rc[i].count; k++) {
			buf_add(out, out->len ? STR(", ") : STR(""));
			buf_printable(out, str_of(f->rc[i].blocks[k].name));
		}
	}
}

static bool none_found(const struct files *f, const char *name, struct err *e)
{
	struct buf names CLEAN_UP(buf_done) = BUF_INIT(300);

	list_names(f, &names);
	if (name)
		err_set(e, ERR_CONFIG, "there is no account named %.80s", name);
	else if (names.len)
		err_set(e, ERR_CONFIG, "no account fits this sender, and none is named default");
	else
		err_set(e, ERR_CONFIG, "no account is configured (%s)", buf_text(&f->looked));
	if (names.len)
		return err_hint(e, "choose one with -a: %s", buf_text(&names));
	return err_hint(e, "see postrider.conf(5) for a file of five lines that is enough");
}

static const struct rcblock *choose(
	const struct files *f, const struct account_wish *wish, const struct rcfile **ret_rc)
{
	const struct rcblock *b = NULL;
	size_t n;

	if (wish->name)
		return first(f, by_name, wish->name, ret_rc, &n);
	if (wish->sender && wish->sender[0])
		b = first(f, by_sender, wish->sender, ret_rc, &n);
	if (!b)
		b = first(f, by_name, "default", ret_rc, &n);
	if (!b) {
		b = first(f, by_anything, NULL, ret_rc, &n);
		if (n != 1)
			return NULL;
	}
	return b;
}

/* Whole lines, as many as an error has room for; the rest is counted. */
static void list_problems(struct str problems, struct buf *out)
{
	size_t more = 0;

	while (problems.len) {
		struct str line = str_cut(&problems, '\n');
		if (!more && out->len + line.len + 40 < out->limit)
			buf_fmt(out, "%s%.*s", out->len ? "\n" : "", STR_ARG(line));
		else
			more++;
	}
	if (more)
		buf_fmt(out, "\nand %zu more mistakes", more);
}

static bool take_problems(const struct rcfile *rc, const struct rcblock *b, struct err *e)
{
	struct buf problems CLEAN_UP(buf_done) = BUF_INIT(32768);
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(ERR_WHAT_MAX - 1);

	rcfile_problems(rc, b, &problems);
	if (!problems.len)
		return true;
	list_problems(buf_str(&problems), &shown);
	err_set(e, ERR_CONFIG, "%s", buf_text(&shown));
	return err_hint(e, "postrider.conf(5) lists all settings");
}

/* --- completing --- */

static bool is_implicit_port(unsigned port)
{
	return port == 465 || port == 2465;
}

static unsigned usual_port(const struct settings *s, bool msmtp)
{
	if (!s->tls)
		return 25;
	if (!s->tls_starttls)
		return 465;
	return msmtp ? 25 : 587;
}

/* What is not set and depends on the rest. Under msmtp's defaults only the port and auth do. */
static void complete(struct settings *s, bool msmtp)
{
	bool port = settings_has(s, SETTING_ID_port);
	bool implicit = port && is_implicit_port(s->port);
	bool auth = s->auth || (!msmtp && s->user && s->user[0]); /* "auth" alone is on */
	struct err e;

	if (!settings_has(s, SETTING_ID_tls) && !msmtp && dial_is_loopback(s->host))
		s->tls = implicit;
	if (!settings_has(s, SETTING_ID_tls_starttls))
		s->tls_starttls = msmtp || (port && !implicit);
	if (!port)
		s->port = usual_port(s, msmtp);
	if (!s->auth || !s->auth[0])
		must(settings_assign(
			s, setting_row(SETTING_ID_auth), auth ? STR("on") : STR("off"), &e));
}

static bool is_safe_for_secrets(const struct settings *s)
{
	return (s->tls && s->tls_certcheck) || s->auth_insecure || dial_is_loopback(s->host);
}

static bool refuse_mechanism(const char *auth, struct err *e)
{
	struct buf known CLEAN_UP(buf_done) = BUF_INIT(200);

	sasl_list(&known);
	err_set(e, ERR_CONFIG, "auth: \"%.60s\" is not known here", auth);
	return err_hint(e, "it can be on, off, %s", buf_text(&known));
}

/* Without verified TLS only SCRAM is safe, and it is what `on` means there. */
static bool restrict_auth(struct settings *s, struct err *e)
{
	struct str auth = str_of(s->auth);

	if (str_eq(auth, STR("on")))
		return settings_assign(s, setting_row(SETTING_ID_auth), STR("scram"), e);
	if (str_starts_same(auth, STR("scram")))
		return true;
	if (str_same(auth, STR("cram-md5")))
		err_set(e, ERR_CONFIG, "what auth cram-md5 sends tells too much of the password");
	else
		err_set(e, ERR_CONFIG, "the password would go %s",
			s->tls ? "to a server that is not verified" : "over the network in clear");
	return err_hint(e, "set %s, or auth scram (only auth_insecure on would allow auth %s)",
		s->tls ? "tls_certcheck on" : "tls on", s->auth);
}

static bool check_auth(struct settings *s, struct err *e)
{
	struct str auth = str_of(s->auth);

	if (str_eq(auth, STR("off")))
		return true;
	if (!str_eq(auth, STR("on")) && !sasl_knows(auth))
		return refuse_mechanism(s->auth, e);
	if (!s->user || !s->user[0]) {
		err_set(e, ERR_CONFIG, "auth is on and there is no user");
		return err_hint(e, "add a line: user NAME");
	}
	return is_safe_for_secrets(s) || restrict_auth(s, e);
}

static bool bad_name(const char *what, struct err *e)
{
	err_set(e, ERR_CONFIG, "%s: a name without spaces is wanted", what);
	return err_hint(e, "nothing may follow a value on its line, no comment either");
}

static bool check_name(const char *what, const char *name, struct err *e)
{
	if (name && strlen(name) > NAME_OCTETS)
		return err_set(e, ERR_CONFIG, "%s: longer than %d octets", what, (int)NAME_OCTETS);
	for (const char *p = name ? name : ""; *p; p++)
		if (*p <= ' ' || (unsigned char)*p > 0x7e)
			return bad_name(what, e);
	return true;
}

static bool check(const struct settings *s, struct err *e)
{
	if (!s->host || !s->host[0]) {
		err_set(e, ERR_CONFIG, "there is no host");
		return err_hint(e, "add a line: host NAME (of the smarthost)");
	}
	return check_name("host", s->host, e) && check_name("domain", s->domain, e);
}

/* The sender in the form that goes onto the wire. */
static bool normalise_from(struct settings *s, struct err *e)
{
	struct addr from;

	if (!s->from || !s->from[0] || account_is_pattern(s->from))
		return true;
	if (!addr_one(str_of(s->from), &from, e)) {
		e->kind = ERR_CONFIG;
		return err_in(e, "from");
	}
	if (addr_is_bare(&from))
		return err_set(e, ERR_CONFIG, "from: %s has no domain", from.text);
	return settings_assign(s, setting_row(SETTING_ID_from), str_of(from.text), e);
}

static bool finish(struct account *a, const struct settings *cli, struct err *e)
{
	settings_merge(&a->s, cli);
	settings_preset(&a->s, a->msmtp);
	if (!check(&a->s, e) || !normalise_from(&a->s, e))
		return false;
	complete(&a->s, a->msmtp);
	const char *trust = a->s.tls_trust_file;
	if (trust && (!trust[0] || strcmp(trust, "system") == 0)) {
		mem_free(a->s.tls_trust_file);
		a->s.tls_trust_file = NULL;
	}
	return check_auth(&a->s, e);
}

static bool from_files(const struct account_wish *wish, struct account *ret, struct err *e)
{
	struct files f CLEAN_UP(files_done) = { .looked = BUF_INIT(2000) };
	const struct rcfile *rc = NULL;

	if (!load_all(&f, wish->file, e))
		return false;
	const struct rcblock *b = choose(&f, wish, &rc);
	if (!b)
		return none_found(&f, wish->name, e);
	if (!take_problems(rc, b, e))
		return false;
	ret->name = mem_str(b->name);
	ret->file = mem_str(rc->path);
	ret->msmtp = wish->msmtp || is_msmtp_file(rc->path);
	settings_merge(&ret->s, &b->defaults);
	settings_merge(&ret->s, &b->own);
	return true;
}

bool account_choose(const struct account_wish *wish, struct account *ret, struct err *e)
{
	bool alone = settings_has(wish->cli, SETTING_ID_host);

	*ret = (struct account) { .msmtp = wish->msmtp };
	if (alone) {
		ret->name = mem_str("");
		ret->file = mem_str("");
	} else if (!from_files(wish, ret, e)) {
		return false;
	}
	if (finish(ret, wish->cli, e))
		return true;
	return ret->name[0] ? err_in(e, "account %s (%s)", ret->name, ret->file) : false;
}

void account_done(struct account *a)
{
	mem_free(a->name);
	mem_free(a->file);
	settings_done(&a->s);
}

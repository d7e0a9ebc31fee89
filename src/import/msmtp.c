/* SPDX-License-Identifier: MIT */
#include "import/msmtp.h"

#include "conf/rcfile.h"

#include <string.h>

struct reader {
	struct rcfile rc;
	size_t next;      /* number of the block that the next account is */
	bool in_defaults; /* the next settings belong to a `defaults` section */
	unsigned evals;
	struct converted_place at;
	struct buf *out;
};

bool msmtp_knows(struct str line)
{
	struct str word = str_word(&line);

	return str_eq(word, STR("account")) || str_eq(word, STR("defaults")) ||
	       (str_find(word, '-') == word.len && setting_find(word, &line));
}

static void comment(struct reader *r, const char *text)
{
	converted_comment(r->out, r->at, str_of(text));
}

/* --- msmtp's defaults --- */

static void write_port(const struct settings *s, bool tls, bool starttls, struct buf *out)
{
	bool lmtp = s->protocol == PROTOCOL_LMTP;

	if (settings_has(s, SETTING_ID_port) || (s->socket && s->socket[0]) || lmtp)
		return;
	buf_fmt(out, "port %s\n", tls && !starttls ? "465" : "25");
}

/* Writes defaults first: lines of the block itself come later and so have priority. */
static void write_presets(const struct rcblock *b, bool has_parents, struct buf *out)
{
	struct settings s CLEAN_UP(settings_done) = { 0 };

	settings_merge(&s, &b->defaults);
	settings_merge(&s, &b->own);
	bool given = settings_has(&s, SETTING_ID_tls_starttls), tls = s.tls;
	bool starttls = given ? s.tls_starttls : true;
	if (!settings_has(&s, SETTING_ID_tls))
		buf_add(out, STR("tls off\n"));
	if (tls && !given)
		buf_add(out, STR("tls_starttls on\n"));
	if (tls || has_parents)
		write_port(&s, tls, starttls, out);
	if (settings_has(&s, SETTING_ID_user) && !settings_has(&s, SETTING_ID_auth))
		buf_add(out, STR("auth off\n"));
}

/* --- lines --- */

/* The account's name, changed if an earlier account has it. */
static char *account_name(const struct reader *r)
{
	const struct rcblock *here = &r->rc.blocks[r->next];
	struct str name = str_of(here->name);
	char *own = mem_str(here->name);

	if (rcfile_find(&r->rc, name) == here)
		return own;
	for (size_t i = r->next; rcfile_find(&r->rc, str_of(own)); i += RCFILE_ACCOUNTS) {
		mem_free(own);
		own = mem_fmt("%.*s_%zu", STR_ARG(name), i);
	}
	return own;
}

/* Adds known parents; unknown ones are reported. */
static void add_parents(struct reader *r, struct str parents, struct buf *arg)
{
	const char *before = " : ";

	while (parents.len) {
		struct str name = str_trim(str_cut(&parents, ','));
		const struct rcblock *b = rcfile_find(&r->rc, name);
		if (!b || b >= &r->rc.blocks[r->next]) {
			comment(r, "there is no account above this line with the name to inherit "
				   "from");
			continue;
		}
		buf_fmt(arg, "%s%s", before, b->name);
		before = ", ";
	}
}

static void take_account(struct reader *r, struct str arg)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(RCFILE_MAX);
	struct str rest = arg, name = str_trim(str_cut(&rest, ':'));
	bool has_parents = rest.len > 0;

	if (!name.len || str_find(name, ',') < name.len || r->next == r->rc.count) {
		comment(r, "this is no account");
		return;
	}
	char *own CLEAN_UP(mem_free_at) = account_name(r);
	buf_add(&line, str_of(own));
	add_parents(r, rest, &line);
	if (strcmp(own, r->rc.blocks[r->next].name) != 0)
		comment(r, "a second account of that name: this one is called otherwise");
	converted_line("account", buf_str(&line), r->out);
	write_presets(&r->rc.blocks[r->next++], has_parents, r->out);
	r->in_defaults = false;
}

/* Why the grammar refuses the line; empty if it does not. */
static void find_problem(struct str line, struct buf *out)
{
	struct rcfile one CLEAN_UP(rcfile_done);
	struct buf problems CLEAN_UP(buf_done) = BUF_INIT(8192);
	struct buf text CLEAN_UP(buf_wipe_done) = BUF_INIT(line.len + 2);
	const struct rcblock *b;

	buf_reserve(&text, line.len + 2);
	buf_char(&text, '\n'); /* so that a byte order mark is not skipped */
	buf_add(&text, line);
	buf_char(&text, '\r'); /* so that a CR of the line itself is not */
	rcfile_parse(&one, "", buf_str(&text));
	b = one.count ? &one.blocks[0] : NULL;
	rcfile_problems(&one, b, &problems);
	struct str rest = buf_str(&problems), what = str_cut(&rest, '\n');
	buf_add(out, str_from(what, str_find_same(what, STR(": ")) + 2));
}

/* Removes the one pair of quotes that the grammar removes. */
static struct str unquote(struct str arg)
{
	bool quoted = arg.len >= 2 && arg.p[0] == '"' && arg.p[arg.len - 1] == '"';

	return quoted ? str_n(arg.p + 1, arg.len - 2) : arg;
}

static void take_setting(struct reader *r, struct str line)
{
	struct str arg = line, name = str_word(&arg), value = unquote(arg);
	const struct setting_row *row = setting_find(name, &value);

	if (row->flags & SETTING_IGNORED)
		comment(r, "this setting has no effect any more");
	else
		converted_line(row->name, value, r->out);
}

static void take_other(struct reader *r, struct str line, bool eval)
{
	struct buf problem CLEAN_UP(buf_done) = BUF_INIT(8192);

	if (!r->next && !r->in_defaults) {
		buf_add(r->out, STR("account default\n"));
		write_presets(&r->rc.blocks[r->next++], false, r->out);
	}
	find_problem(line, &problem);
	if (!problem.len && eval && r->evals++ >= RCFILE_EVALS)
		buf_add(&problem, STR("eval: there are too many"));
	if (problem.len) {
		comment(r, buf_text(&problem));
	} else if (eval) {
		buf_add(r->out, line);
		buf_char(r->out, '\n');
	} else {
		take_setting(r, line);
	}
}

static void convert_line(struct reader *r, struct str line)
{
	struct str arg = line, word = str_word(&arg);

	if (!word.len || word.p[0] == '#') {
		buf_add(r->out, line);
		buf_char(r->out, '\n');
	} else if (str_eq(word, STR("account"))) {
		take_account(r, unquote(arg));
	} else if (str_eq(word, STR("defaults"))) {
		buf_add(r->out, STR("defaults\n"));
		r->in_defaults = true;
	} else if (str_eq(word, STR("include"))) {
		comment(r, "include: let --import read that file by itself");
	} else {
		take_other(r, line, str_eq(word, STR("eval")));
	}
}

void msmtp_read(struct converted *d)
{
	const struct converted_file *file = converted_find(d, "msmtprc");
	struct converted_cursor c = file ? converted_lines(file) : (struct converted_cursor) { 0 };
	struct reader r = { .out = &d->text };

	buf_reserve(&d->text, 2 * c.rest.len + 4096);
	rcfile_parse(&r.rc, file ? file->path : "", c.rest);
	d->has_commands = r.rc.has_secrets;
	r.at = c.at;
	while (c.rest.len && !r.out->over) {
		r.at.line++;
		convert_line(&r, str_chop(str_cut(&c.rest, '\n'), '\r'));
	}
	rcfile_done(&r.rc);
}

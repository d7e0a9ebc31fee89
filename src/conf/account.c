/* SPDX-License-Identifier: MIT */
#include "conf/account.h"

#include "base/log.h"
#include "base/printable.h"
#include "conf/config_files.h"
#include "conf/defaults.h"
#include "conf/option_hint.h"
#include "conf/pattern.h"
#include "mail/addr.h"
#include "os/host.h"

#include <stdlib.h>
#include <string.h>

/* --- choosing --- */

/* Whether one of its addresses or patterns fits; those that cannot be expanded do not. */
static bool fits_sender(const struct rcblock *b, const char *sender)
{
	struct str list = rcfile_from(b);
	struct err ignored;

	while (list.len) {
		struct str item = str_cut(&list, '\n');
		char *text CLEAN_UP(mem_free_at) = mem_dup(item.p, item.len);
		char *pattern CLEAN_UP(mem_free_at) = pattern_expand(text, NULL, &ignored);
		if (pattern && pattern_matches(pattern, sender))
			return true;
	}
	return false;
}

static bool find_named(struct config_files *s, const char *name, struct config_files_cursor *ret)
{
	*ret = (struct config_files_cursor) { 0 };
	while (config_files_next(s, ret))
		if (strcmp(ret->found->name, name) == 0)
			return true;
	return false;
}

static bool find_only(struct config_files *s, struct config_files_cursor *ret)
{
	struct config_files_cursor second;

	*ret = (struct config_files_cursor) { 0 };
	if (!config_files_next(s, ret))
		return false;
	second = *ret;
	return !config_files_next(s, &second);
}

/* Commands run only if no `from` line matches, and only in accounts without a `from` line. */
static bool find_by_sender(
	struct config_files *s, const char *sender, struct config_files_cursor *ret)
{
	struct err e;

	*ret = (struct config_files_cursor) { 0 };
	while (config_files_next(s, ret))
		if (fits_sender(ret->found, sender))
			return true;
	*ret = (struct config_files_cursor) { 0 };
	while (config_files_next(s, ret)) {
		struct rcblock *b = ret->found;
		if (rcfile_from(b).len || !(b->own_evals.count + b->default_evals.count))
			continue;
		if (!rcfile_evaluate(b, &e))
			log_note("account %s is passed over: %s", b->name, e.what);
		else if (fits_sender(b, sender))
			return true;
	}
	return false;
}

static bool choose_block(
	struct config_files *s, const struct account_wish *wish, struct config_files_cursor *ret)
{
	if (wish->name)
		return find_named(s, wish->name, ret);
	if (wish->sender && wish->sender[0] && find_by_sender(s, wish->sender, ret))
		return true;
	return find_named(s, "default", ret) || find_only(s, ret);
}

/* --- mistakes in the file --- */

enum { MORE_OCTETS = 40 }; /* room for the number of mistakes that are not listed */

/* The first line is told in any case: its start, and its end with the reason. */
static void add_ends(struct str line, size_t room, struct buf *out)
{
	struct str end = str_from(line, line.len - room / 4);

	buf_fmt(out, "%.*s...%.*s", STR_ARG(str_head(line, room / 2)), STR_ARG(end));
}

/* Lists as many whole lines as fit into an error, and counts the rest. */
static void list_problems(struct str problems, struct buf *out)
{
	size_t more = 0;

	while (problems.len) {
		struct str line = str_cut(&problems, '\n');
		if (!out->len && line.len + MORE_OCTETS > out->limit) {
			add_ends(line, out->limit - MORE_OCTETS, out);
			continue;
		}
		if (!more && out->len + line.len + MORE_OCTETS <= out->limit)
			buf_fmt(out, "%s%.*s", out->len ? "\n" : "", STR_ARG(line));
		else
			more++;
	}
	if (more)
		buf_fmt(out, "\nand %zu more mistake%s", more, more == 1 ? "" : "s");
}

/* Mistakes in other accounts stop nothing; they are notes in the log. */
static void note_others(struct config_files *s, const struct rcblock *used)
{
	struct config_files_cursor at = { 0 };

	while (config_files_next(s, &at)) {
		struct str problems = buf_str(&at.found->problems);
		while (problems.len && at.found != used) {
			struct str line = str_cut(&problems, '\n');
			log_note("account %s is not in use: %.*s", at.found->name, STR_ARG(line));
		}
	}
}

static bool refuse_problems(const struct buf *problems, struct err *e)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(ERR_WHAT_MAX - 1);

	if (!problems->len)
		return true;
	list_problems(buf_str(problems), &shown);
	err_set(e, ERR_CONFIG, "%s", buf_text(&shown));
	return err_hint(e, "man postrider.conf lists all settings");
}

static bool take_problems(const struct rcfile *rc, const struct rcblock *b, struct err *e)
{
	struct buf problems CLEAN_UP(buf_done) = BUF_INIT(32768);

	rcfile_problems(rc, b, &problems);
	return refuse_problems(&problems, e);
}

bool account_check_files(struct config_files *files, struct err *e)
{
	struct buf problems CLEAN_UP(buf_done) = BUF_INIT(32768);

	for (size_t i = 0; i < files->count; i++) {
		const struct rcfile *rc = &files->files[i];
		rcfile_problems(rc, NULL, &problems);
		for (size_t k = 0; k < rc->count; k++)
			buf_add(&problems, buf_str(&rc->blocks[k].problems));
	}
	return refuse_problems(&problems, e);
}

/* Whether what was given to -a is a file, as -a has it in other programs. */
static bool is_like_a_file(const char *name)
{
	return name && strpbrk(name, "./");
}

/* names: of the accounts there are, or "". */
static bool hint_accounts(
	const struct config_files *s, const char *name, const char *names, struct err *e)
{
	if (s->closed.hint[0] && (!names[0] || s->closed.kind == ERR_CONFIG))
		return err_hint(e, "%s", s->closed.hint);
	if (is_like_a_file(name) && names[0])
		return err_hint(
			e, "-a chooses an account: %s; --attach FILE attaches a file", names);
	if (name && s->closed.kind != ERR_NONE)
		return err_hint(e,
			"it may be in a file that cannot be read here: %s; choose one with -a: %s",
			s->closed.what, names);
	if (names[0])
		return err_hint(e, "choose one with -a: %s", names);
	return err_hint(e, "man postrider.conf shows a file of five lines that is enough");
}

/* Says why no account was found; mistakes in the files come first. */
static bool none_found(struct config_files *s, const char *name, struct err *e)
{
	struct buf names CLEAN_UP(buf_done) = BUF_INIT(300);
	struct config_files_cursor at = { 0 };

	for (size_t i = 0; i < s->count; i++)
		if (!take_problems(&s->files[i], NULL, e))
			return false;
	while (config_files_next(s, &at)) {
		buf_add(&names, names.len ? STR(", ") : STR(""));
		printable_add(&names, str_of(at.found->name));
	}
	if (name)
		err_set(e, is_like_a_file(name) ? ERR_USAGE : ERR_CONFIG,
			"there is no account named %.80s", name);
	else if (names.len)
		err_set(e, ERR_CONFIG,
			"no account matches this sender, and there is no account named default");
	else
		err_set(e, ERR_CONFIG, "no account is configured (%s)", buf_text(&s->looked));
	return hint_accounts(s, name, buf_text(&names), e);
}

/* --- the account's own address --- */

/* The domain for a name without one: maildomain, or else this host's mail name. */
static struct str own_domain(const struct settings *s, char host[HOST_NAME_OCTETS])
{
	if (s->maildomain && s->maildomain[0])
		return str_of(s->maildomain);
	if (host_mailname(host) || host_public_name(host))
		return str_of(host);
	return STR("");
}

static bool set_from(struct account *a, const char *text, struct err *e)
{
	char host[HOST_NAME_OCTETS];
	struct addr from;

	if (!addr_one(str_of(text), &from, e)) {
		e->kind = ERR_CONFIG;
		return err_in(e, "from");
	}
	if (addr_is_bare(&from)) {
		struct str domain = own_domain(&a->s, host);
		if (!domain.len) {
			err_set(e, ERR_CONFIG, "from: %s has no domain", from.text);
			return err_hint(e, "write from %s@DOMAIN, or add a line: maildomain DOMAIN",
				from.text);
		}
		if (!addr_set_domain(&from, domain, e))
			return err_in(e, "from");
	}
	a->from = mem_str(from.text);
	return true;
}

/* Finds the first `from` that is an address, not a pattern. */
static bool find_from(struct account *a, struct err *e)
{
	struct str list = str_of(a->s.from);

	if (a->s.auto_from)
		list = STR("%U");
	while (list.len) {
		struct str item = str_cut(&list, '\n');
		if (pattern_is_wild(item))
			continue;
		char *text CLEAN_UP(mem_free_at) = mem_dup(item.p, item.len);
		if (strstr(text, "%F")) {
			a->from_header = true;
			continue;
		}
		char *address CLEAN_UP(mem_free_at) = pattern_expand(text, NULL, e);
		return address ? set_from(a, address, e) : err_in(e, "from %s", text);
	}
	return true;
}

/* --- the whole --- */

/* A source of the secret on the command line replaces those of the account. */
static void replace_secret(struct account *a, const struct settings *cli)
{
	static const enum setting_id sources[] = { SETTING_ID_password, SETTING_ID_password_file,
		SETTING_ID_passwordeval };

	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		a->secret_by_option |= settings_has(cli, sources[i]);
	for (size_t i = 0; a->secret_by_option && i < ARRAY_LEN(sources); i++)
		settings_clear(&a->s, setting_row(sources[i]));
}

static bool complete_account(
	struct account *a, const struct account_wish *wish, bool msmtp, struct err *e)
{
	const struct defaults_options options = { .msmtp = msmtp, .sendmail = wish->sendmail };

	replace_secret(a, wish->cli);
	settings_merge(&a->s, wish->cli);
	return defaults_apply(&a->s, &options, e) && find_from(a, e);
}

static void name_it(struct account *a, const char *name, const char *file)
{
	a->name = mem_str(name);
	a->file = mem_str(file);
}

/* The command that shows the settings, quoted so that it can be typed at a prompt. */
static char *show_command(const char *file, const char *name)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(2 * ERR_WHAT_MAX);

	buf_add(&out, STR("postrider"));
	if (file) {
		buf_add(&out, STR(" -C "));
		buf_shell(&out, str_of(file));
	}
	buf_add(&out, STR(" -P -a "));
	buf_shell(&out, str_of(name));
	return buf_take(&out);
}

static bool is_in_environment(void)
{
	return str_given(getenv("EMAIL")) && str_given(getenv("SMTPSERVER"));
}

/* Makes an account from $EMAIL and $SMTPSERVER, if no file has any account. */
static bool from_environment(struct account *ret, struct err *e)
{
	struct str email = str_of(getenv("EMAIL")), server = str_of(getenv("SMTPSERVER"));

	name_it(ret, "", "the environment");
	if (!settings_assign(&ret->s, setting_row(SETTING_ID_host), server, e))
		return err_in(e, "SMTPSERVER");
	return settings_assign(&ret->s, setting_row(SETTING_ID_from), email, e) ||
	       err_in(e, "EMAIL");
}

static bool from_files(struct config_files *s, const struct account_wish *wish, struct account *ret,
	bool *ret_msmtp, struct err *e)
{
	struct config_files_cursor at;

	must(s->loaded);
	if (s->failed) {
		*e = s->failure;
		return false;
	}
	if (!choose_block(s, wish, &at))
		return !wish->name && is_in_environment() ? from_environment(ret, e)
							  : none_found(s, wish->name, e);
	name_it(ret, at.found->name, at.rc->path);
	ret->show = show_command(s->named, at.found->name);
	/* Its logs must be known first: they also get the errors found below. */
	settings_merge(&ret->s, &at.found->defaults);
	settings_merge(&ret->s, &at.found->own);
	note_others(s, at.found);
	if (!take_problems(at.rc, at.found, e) || !rcfile_evaluate(at.found, e))
		return false;
	settings_merge(&ret->s, &at.found->defaults);
	settings_merge(&ret->s, &at.found->own);
	*ret_msmtp |= config_files_is_msmtp(at.rc->path);
	return true;
}

void account_load_files(struct config_files *files, const char *named, const struct settings *cli)
{
	struct err kept;

	if (!settings_has(cli, SETTING_ID_host))
		(void)config_load(files, named, &kept);
}

bool account_choose(struct config_files *files, const struct account_wish *wish,
	struct account *ret, struct err *e)
{
	bool msmtp = wish->msmtp;

	*ret = (struct account) { 0 };
	settings_merge(&ret->s, wish->cli); /* it may name a log */
	if (settings_has(wish->cli, SETTING_ID_host))
		name_it(ret, "", "");
	else if (!from_files(files, wish, ret, &msmtp, e))
		return false;
	ret->complete = complete_account(ret, wish, msmtp, e);
	if (ret->complete)
		return true;
	account_complete_hint(ret, e);
	return ret->name[0] ? err_in(e, "account %s (%s)", ret->name, ret->file) : false;
}

static void name_options(struct err *e)
{
	struct buf hint CLEAN_UP(buf_done) = BUF_INIT(sizeof(e->hint));

	option_hint(str_of(e->hint), &hint);
	err_hint(e, "%s", buf_text(&hint));
}

void account_complete_hint(const struct account *a, struct err *e)
{
	if (!a->show && e->hint[0])
		name_options(e);
	const char *at = strstr(e->hint, ERR_SHOW);
	if (!at)
		return;
	char *before CLEAN_UP(mem_free_at) = mem_dup(e->hint, (size_t)(at - e->hint));
	char *behind CLEAN_UP(mem_free_at) = mem_str(at + strlen(ERR_SHOW));
	err_hint(e, "%s%s%s", before, a->show ? a->show : "the same command with -P", behind);
}

void account_done(struct account *a)
{
	mem_free(a->name);
	mem_free(a->file);
	mem_free(a->from);
	mem_free(a->show);
	settings_done(&a->s);
}

/* SPDX-License-Identifier: MIT */
#include "cmd/check_files.h"

#include "base/mem.h"
#include "conf/setting_doubts.h"
#include "os/file.h"
#include "session/route.h"
#include "tls/client_certificate.h"
#include "ui/print.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_OCTETS = 16 << 20, SECRET_OCTETS = 1 << 17 };

/* What has been found so far. */
struct tally {
	size_t accounts, warnings;
	int status;
};

static void mistake(struct tally *t, const struct err *e)
{
	print_error(e);
	if (t->status == EX_OK)
		t->status = err_status(e);
}

static void mistake_of(struct tally *t, const struct account *a, struct err *e)
{
	(void)err_in(e, "account %s", a->name);
	mistake(t, e);
}

static void warn_lines(struct tally *t, const char *account, struct str lines)
{
	while (lines.len) {
		struct str text = str_cut(&lines, '\n');
		print_warning("%s%s%s%.*s", account ? "account " : "", account ? account : "",
			account ? ": " : "", STR_ARG(text));
		t->warnings++;
	}
}

/* --- the files that an account names --- */

/* It gives once what it gives, or a token may ask for a PIN. */
static bool is_read_once(const char *path)
{
	struct stat st;

	return str_given(path) &&
	       (client_certificate_is_url(path) || (stat(path, &st) == 0 && S_ISFIFO(st.st_mode)));
}

static void check_file(
	struct tally *t, const struct account *a, enum setting_id id, const char *path)
{
	struct buf text CLEAN_UP(buf_wipe_done) = BUF_INIT(FILE_OCTETS);
	const char *name = setting_row(id)->name;
	bool secret = id == SETTING_ID_password_file || id == SETTING_ID_tls_key_file;
	struct file_facts facts;
	struct err e;

	if (!str_given(path) || is_read_once(path))
		return;
	if (secret)
		buf_reserve(&text, SECRET_OCTETS);
	if (!file_read_for(name, path, &text, &facts, &e)) { /* it may come, or be another user's */
		warn_lines(t, a->name, str_of(e.what));
	} else if ((secret || id == SETTING_ID_aliases) &&
		   !file_permissions_check(path, &facts, secret, &e)) {
		(void)err_in(&e, "%s", name);
		mistake_of(t, a, &e);
	}
}

static void check_netrc(struct tally *t, const struct account *a)
{
	char *home CLEAN_UP(mem_free_at) = setting_home_path(STR("~"));
	struct hosts_item host = hosts_first(&a->s);
	struct cred_options options = route_cred_options(a, &host, home);
	bool nowhere;
	struct err e;

	if (!cred_check_netrc(&options, &nowhere, &e)) {
		mistake_of(t, a, &e);
	} else if (nowhere && !options.optional) {
		char *text CLEAN_UP(mem_free_at) =
			mem_fmt("no line and no file gives this user a %s, so only a person at a "
				"terminal can send: add a line passwordeval COMMAND%s (a systemd "
				"credential of a service is not seen here)",
				options.token ? "token" : "password",
				options.token ? "" : " or password_file FILE");
		warn_lines(t, a->name, str_of(text));
	}
}

/* Fails with errno. */
static bool may_make_files(const char *folder)
{
	struct stat st;

	if (stat(folder, &st) < 0)
		return false;
	errno = ENOTDIR;
	return S_ISDIR(st.st_mode) && access(folder, W_OK | X_OK) == 0;
}

/* The log is made when it is first written to; its folder must be there. */
static void check_log(struct tally *t, const struct account *a)
{
	const char *path = a->s.logfile;
	struct stat st;

	if (!str_given(path) || strcmp(path, "-") == 0)
		return;
	bool there = stat(path, &st) == 0;
	size_t slash = str_rfind(str_of(path), '/');
	char *folder CLEAN_UP(mem_free_at) =
		slash < strlen(path) ? mem_dup(path, slash ? slash : 1) : mem_str(".");
	if (there && S_ISDIR(st.st_mode))
		errno = EISDIR;
	else if (there ? access(path, W_OK) == 0 : may_make_files(folder))
		return;
	char *text CLEAN_UP(mem_free_at) =
		mem_fmt("logfile %s: %s; nothing is logged", path, strerror(errno));
	warn_lines(t, a->name, str_of(text));
}

/* Loads what TLS needs, as sending would, from files that can be read. */
static void check_tls(struct tally *t, const struct account *a)
{
	const struct settings *s = &a->s;
	const struct {
		enum setting_id id;
		const char *path;
	} files[] = {
		{ SETTING_ID_tls_trust_file, s->tls_trust_file },
		{ SETTING_ID_tls_crl_file, s->tls_crl_file },
		{ SETTING_ID_tls_cert_file, s->tls_cert_file },
		{ SETTING_ID_tls_key_file, s->tls_key_file },
	};
	struct trust_options options = route_trust_options(s, NULL);
	size_t warnings = t->warnings;
	bool once = false;
	int status = t->status;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		check_file(t, a, files[i].id, files[i].path);
		once |= is_read_once(files[i].path);
	}
	if (once || t->warnings != warnings || t->status != status)
		return;
	struct trust *trust = trust_load(&options, &e);
	if (!trust)
		mistake_of(t, a, &e);
	trust_free(trust);
}

static void check_named_files(struct tally *t, const struct account *a)
{
	const struct settings *s = &a->s;

	check_log(t, a);
	if (route_needs_secret(s))
		check_netrc(t, a);
	if (route_needs_secret(s) && !secret_is_set(&s->password))
		check_file(t, a, SETTING_ID_password_file, s->password_file);
	if (settings_has(s, SETTING_ID_aliases))
		check_file(t, a, SETTING_ID_aliases, s->aliases);
	if (s->tls)
		check_tls(t, a);
}

/* --- accounts --- */

static void check_account(struct tally *t, const struct account *a)
{
	struct buf doubts CLEAN_UP(buf_done) = BUF_INIT(8192);

	setting_doubts(&a->s, &doubts);
	warn_lines(t, a->name[0] ? a->name : NULL, buf_str(&doubts));
	check_named_files(t, a);
}

/* An account that is not the one in use; its eval lines are not run, as they may ask somebody. */
static void check_other(struct tally *t, struct run *r, const struct rcblock *block)
{
	struct account a CLEAN_UP(account_done) = { 0 };
	struct account_wish wish = {
		.name = block->name,
		.msmtp = r->as->msmtp,
		.sendmail = r->as->sendmail,
		.cli = &r->cli->settings,
	};
	struct err e;

	if (block->own_evals.count + block->default_evals.count)
		return;
	if (account_choose(&r->files, &wish, &a, &e))
		check_account(t, &a);
	else
		mistake(t, &e);
}

static void check_accounts(struct tally *t, struct run *r)
{
	struct config_files_cursor at = { 0 };

	while (config_files_next(&r->files, &at)) {
		t->accounts++;
		if (strcmp(at.found->name, r->account.name) != 0)
			check_other(t, r, at.found);
	}
	check_account(t, &r->account);
}

static int tell(const struct tally *t)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(200);
	struct err e;

	if (t->status != EX_OK || !isatty(STDOUT_FILENO))
		return t->status;
	buf_fmt(&out, "%zu account%s, no mistakes", t->accounts, t->accounts == 1 ? "" : "s");
	if (t->warnings)
		buf_fmt(&out, ", %zu warning%s", t->warnings, t->warnings == 1 ? "" : "s");
	buf_char(&out, '\n');
	if (print_out(&out, &e))
		return EX_OK;
	print_error(&e);
	return err_status(&e);
}

int check_files_run(const struct cli *cli, const struct run_as *as)
{
	struct run r CLEAN_UP(run_done) = { .cli = cli, .as = as };
	struct tally t = { .status = EX_OK };
	struct err e, mistakes;

	bool chosen = run_choose_account(&r, &e);
	bool good = account_check_files(&r.files, &mistakes);
	for (size_t i = 0; i < r.files.count; i++)
		warn_lines(&t, NULL, buf_str(&r.files.files[i].doubts));
	if (chosen && good)
		check_accounts(&t, &r);
	else
		mistake(&t, good ? &e : &mistakes); /* all, not only those of one account */
	return tell(&t);
}

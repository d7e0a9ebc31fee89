/* SPDX-License-Identifier: MIT */
#include "cmd/run.h"

#include "base/log.h"
#include "base/mem.h"
#include "conf/hosts.h"
#include "mail/address_fields.h"
#include "mail/header_fold.h"
#include "mail/rfc2047.h"
#include "os/file.h"
#include "os/interrupt.h"
#include "session/sandbox_policy.h"
#include "submit/compose_files.h"
#include "ui/print.h"
#include "ui/progress.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

void run_done(struct run *r)
{
	account_done(&r->account);
	config_files_done(&r->files);
	message_done(&r->message);
	compose_options_done(&r->compose);
	delivery_log_done(&r->entry);
	mem_free(r->sender_name);
	unsent_done(&r->unsent);
}

bool run_account_wish(const struct cli *cli, const struct run_as *as, struct addr *sender,
	struct account_wish *ret, struct err *e)
{
	struct err ignored;

	/* What is wrong with the address is told later, with its place. */
	bool given = cli->from && addr_one(str_of(cli->from), sender, &ignored);
	*ret = (struct account_wish) {
		.name = cli->account,
		.sender = given ? sender->text : NULL,
		.msmtp = as->msmtp,
		.sendmail = as->sendmail,
		.cli = &cli->settings,
	};
	return !ret->name || !settings_has(ret->cli, SETTING_ID_host) ||
	       err_set(e, ERR_USAGE, "--host and -a (an account) exclude each other");
}

/* The account for this command line; of the sender in the header, if one is given. */
static bool choose_by(struct run *r, const struct addr *sender, struct err *e)
{
	struct account_wish wish;
	struct addr given;

	account_done(&r->account);
	r->account = (struct account) { 0 };
	r->has_account = run_account_wish(r->cli, r->as, &given, &wish, e);
	if (!r->has_account)
		return false;
	if (sender)
		wish.sender = sender->text;
	account_load_files(&r->files, r->cli->config, &r->cli->settings);
	return account_choose(&r->files, &wish, &r->account, e); /* on failure its logs are known */
}

bool run_choose_account(struct run *r, struct err *e)
{
	return choose_by(r, NULL, e);
}

/* --read-envelope-from, without -f: the account waits for the header. */
bool run_asks_header(const struct run *r)
{
	const struct settings *s = &r->cli->settings;

	return !r->cli->from && settings_has(s, SETTING_ID_read_envelope_from) &&
	       s->read_envelope_from;
}

/* -f 'Joe <joe@example.org>': the name is that of a From field that is added; -F comes before it.
 */
static void take_sender_name(struct run *r, struct read_message_options *t)
{
	struct buf name CLEAN_UP(buf_done) = BUF_INIT(ADDR_MAX);
	struct addr sender;
	struct err ignored;

	if (!r->cli->from || settings_has(&r->cli->settings, SETTING_ID_from_full_name) ||
		!addr_one(str_of(r->cli->from), &sender, &ignored) || !sender.phrase.len)
		return;
	address_fields_phrase(&name, sender.phrase);
	mem_free(r->sender_name);
	r->sender_name = buf_take(&name);
	t->full_name = r->sender_name;
}

static void take_account(struct run *r, struct read_message_options *t, const char *sender)
{
	bool may = r->account.s.allow_from_override || (r->account.from_header && !r->cli->from);

	read_message_account(t, &r->account);
	if (compose_options_is_wanted(r->cli)) {
		t->envelope.composed = true;
		t->rules.fold = HEADER_LINE;
		t->rules.keep_bcc = false; /* who composes has no copy with Bcc to show */
	}
	t->envelope.sender = may ? sender : NULL;
	if (may)
		take_sender_name(r, t);
	t->envelope.typed = !r->as->sendmail && !r->as->msmtp && !r->view;
}

/*
 * The header is there: if the From field decides who the sender is, the account is the sender's.
 */
static bool choose_by_header(
	void *ctx, const struct addr *from, struct read_message_options *t, struct err *e)
{
	struct run *r = ctx;
	bool wanted = r->account.s.read_envelope_from || r->account.from_header;

	if (!run_asks_header(r) && (r->cli->from || !wanted || !from))
		return true;
	if (!from) {
		err_set(e, ERR_USAGE, "--read-envelope-from: the From field names no address");
		return err_hint(e, "add a From field, or use -f ADDRESS");
	}
	r->sender = *from;
	if (!choose_by(r, &r->sender, e))
		return false;
	take_account(r, t, r->sender.text);
	return true;
}

/* To a person at a terminal who may wait for us as we wait for them. */
static void tell_reader(const struct run *r, int fd)
{
	const char *what = "the message, header first; a line with a dot alone, or Ctrl-D,";
	char text[120];

	if (r->as->sendmail || !isatty(fd) || !isatty(STDERR_FILENO))
		return;
	if (compose_options_attaches_input(&r->compose))
		what = "what is to be attached; Ctrl-D";
	else if (r->compose.text)
		return;
	else if (compose_options_is_wanted(r->cli))
		what = "the text; a line with a dot alone, or Ctrl-D,";
	text_fmt(text, sizeof(text), "Type %s ends it.\n", what);
	print_aside(str_of(text));
}

static void tell_read(void *ctx, uint64_t octets)
{
	(void)ctx;
	progress_read(octets);
}

bool run_read_message(struct run *r, int fd, struct err *e)
{
	bool composed = compose_options_is_wanted(r->cli);

	r->options = (struct read_message_options) {
		.fd = fd,
		.dots_are_text = r->cli->seen[OPTION_IGNORE_DOTS],
		.typed = &r->unsent.typed,
		.envelope = {
			.read_recipients = composed || r->cli->seen[OPTION_READ_RECIPIENTS],
			.recipients = r->cli->recipients,
			.count = r->cli->count,
		},
		.settle = choose_by_header,
		.moved = progress_is_wanted() ? tell_read : NULL,
		.ctx = r,
	};
	if (r->view) {
		r->options.envelope.told = r->view->recipient;
		r->options.envelope.ctx = r->view->ctx;
	}
	if (r->has_account)
		take_account(r, &r->options, r->cli->from);
	r->has_message = true;
	unsent_init(&r->unsent);
	tell_reader(r, fd);
	bool good = composed ? compose_files(&r->compose, &r->options, &r->message, e)
			     : read_message(&r->options, &r->message, e);
	progress_hide(); /* someone else may have something to ask */
	unsent_prepare(&r->unsent);
	return good;
}

bool run_read_message_file(struct run *r, struct err *e)
{
	int fd CLEAN_UP(file_close_at) =
		file_open_input(r->cli->message ? r->cli->message : "-", e);

	if (fd < 0)
		return false;
	bool good = run_read_message(r, fd, e);
	if (!good && e->kind == ERR_IO && r->cli->message)
		err_become(e, ERR_NOINPUT);
	return good;
}

bool run_check_usage(const struct cli *cli, struct err *e)
{
	if (cli->seen[OPTION_JSON] && cli->seen[OPTION_DRY_RUN])
		return err_set(e, ERR_USAGE, "--json and --dry-run exclude each other");
	if (compose_options_is_wanted(cli) && cli->message) {
		err_set(e, ERR_USAGE,
			"--message sends a message that is complete, and --%s composes one",
			option_row(cli->compose[0].id)->name);
		return err_hint(
			e, "for a text from a file: postrider -s SUBJECT --to ADDRESS < FILE");
	}
	if (cli->count || cli->seen[OPTION_READ_RECIPIENTS] || compose_options_is_wanted(cli))
		return true;
	err_set(e, ERR_USAGE, "there is no recipient");
	return err_hint(e, "name recipients as arguments, or use -t; see postrider --help");
}

/* --- what is told --- */

static void print_outcome(const struct run *r)
{
	progress_hide();
	const struct outcome *o = &r->outcome;

	if (o->disposition == DISPOSITION_DONE) {
		print_note("accepted: %s", o->err.said);
		return;
	}
	print_error(&o->err);
	print_refusals(&r->message.env, &o->err);
	if (o->mixed) /* whoever sends it again must know */
		print_holders(&r->message.env);
}

/* Standard output, as far as it was asked for: --json, and the log file "-". */
static void write_output(struct run *r, struct buf *out)
{
	struct err e;

	if (r->cli->seen[OPTION_JSON]) {
		delivery_log_json(&r->entry, SIZE_MAX, out);
		buf_char(out, '\n');
	}
	if (!out->len || print_out(out, &e))
		return;
	if (r->cli->seen[OPTION_JSON] || r->outcome.status != EX_OK)
		print_error(&e); /* what became of the message stays as it is */
	else
		log_warning("the log cannot be written: %s", e.what);
}

void run_report(struct run *r, struct upstream *upstream)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(DELIVERY_LOG_JSON_MAX);

	r->entry.account = r->has_account ? &r->account : NULL;
	r->entry.message = r->has_message ? &r->message : NULL;
	r->entry.outcome = &r->outcome;
	r->entry.warnings = print_warnings();
	r->entry.failures_only = r->as->sendmail;
	delivery_log_log(&r->entry, &out);
	if (upstream)
		upstream_close(upstream);
	print_outcome(r);
	unsent_keep(&r->unsent, r->outcome.disposition);
	if (upstream)
		sandbox_policy_record();
	if (r->cli->seen[OPTION_JSON])
		buf_clear(&out); /* one object, and nothing else */
	write_output(r, &out);
}

/* Ports of servers that are looked up are published with them. */
static void write_hosts(const struct settings *s, struct buf *out)
{
	struct str list = str_of(s->host);
	struct hosts_item host;

	for (size_t i = 0; hosts_next(&list, &host); i++)
		if (host.srv)
			buf_fmt(out, "%ssrv:%s", i ? "; " : "", host.name);
		else
			buf_fmt(out, "%s%s, port %u", i ? "; " : "", host.name, s->port);
	buf_char(out, '\n');
}

void run_account_line(const struct account *a, struct buf *out)
{
	const struct settings *s = &a->s;

	buf_fmt(out, "account %s: ", a->name[0] ? a->name : "(command line)");
	if (s->socket && s->socket[0])
		buf_fmt(out, "socket %s\n", s->socket);
	else
		write_hosts(s, out);
}

struct deliver_wishes run_deliver_wishes(const struct cli *cli)
{
	return (struct deliver_wishes) {
		.envid = cli->envid,
		.eightbit = cli->eightbit,
		.requiretls = cli->requiretls,
		.smtputf8 = cli->smtputf8,
	};
}

/* There is one account, so that rights can be given up before anything is connected. */
struct upstream run_upstream(const struct run *r)
{
	return (struct upstream) {
		.account = &r->account,
		.watch = print_watch(),
		.give_up_rights = sandbox_policy_talk,
	};
}

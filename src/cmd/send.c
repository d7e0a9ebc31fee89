/* SPDX-License-Identifier: MIT */
#include "cmd/send.h"

#include "cmd/print.h"
#include "mail/addr.h"
#include "submit/deliver.h"

#include <string.h>
#include <unistd.h>

static int failed(const struct err *e)
{
	print_error(e);
	return err_status(e);
}

/* The account for this command line; -f may choose it. */
static bool choose_account(const struct cli *cli, bool msmtp, struct account *ret, struct err *e)
{
	struct addr sender;
	struct err ignored;
	struct account_wish wish = {
		.file = cli->config,
		.name = cli->account,
		.msmtp = msmtp,
		.cli = &cli->settings,
	};

	/* What is wrong with the address is told later, with its place. */
	if (cli->from && addr_one(str_of(cli->from), &sender, &ignored))
		wish.sender = sender.text;
	return account_choose(&wish, ret, e);
}

/* The account's own address, unless it is only a pattern. */
static const char *own_address(const struct account *a)
{
	return a->s.from && a->s.from[0] && !account_is_pattern(a->s.from) ? a->s.from : NULL;
}

static void tell(const struct outcome *o, const struct message *m)
{
	if (o->status == EX_OK) {
		print_note("accepted: %s", o->err.said);
		return;
	}
	print_error(&o->err);
	print_refusals(&m->env, &o->err);
}

static int submit(const struct cli *cli, const struct account *account, struct err *e)
{
	struct message m CLEAN_UP(message_done);
	struct session_watch watch = print_watch();
	struct outcome outcome;
	struct intake_terms terms = {
		.fd = STDIN_FILENO,
		.dots_are_text = cli->seen[OPTION_IGNORE_DOTS],
		.read_recipients = cli->seen[OPTION_READ_RECIPIENTS],
		.encode_long_lines = true,
		.sender = cli->from,
		.from = own_address(account),
		.full_name = cli->full_name,
		.recipients = cli->recipients,
		.count = cli->count,
	};

	if (!intake(&terms, &m, e))
		return failed(e);
	deliver(account, &m, &watch, &outcome);
	tell(&outcome, &m);
	return outcome.status;
}

int send_run(const struct cli *cli, bool msmtp)
{
	struct account account CLEAN_UP(account_done) = { 0 };
	struct err e;

	if (!cli->count && !cli->seen[OPTION_READ_RECIPIENTS]) {
		err_set(&e, ERR_USAGE, "there is no recipient");
		err_hint(&e, "name recipients as arguments, or use -t; --help tells more");
		return failed(&e);
	}
	if (!choose_account(cli, msmtp, &account, &e))
		return failed(&e);
	return submit(cli, &account, &e);
}

static void write_setting(const struct account *a, enum setting_id id, struct buf *out)
{
	const struct setting_row *row = setting_row(id);
	struct buf value CLEAN_UP(buf_done) = BUF_INIT(8192);

	settings_show(&a->s, row, &value);
	if (value.len)
		buf_fmt(out, "%s %s\n", row->name, buf_text(&value));
}

/* In the form of a configuration file, secrets hidden. */
int pretend_run(const struct cli *cli, bool msmtp)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(65536);
	struct account account CLEAN_UP(account_done) = { 0 };
	struct err e;

	if (!choose_account(cli, msmtp, &account, &e))
		return failed(&e);
	if (account.name[0])
		buf_fmt(&out, "# from %s\naccount %s\n", account.file, account.name);
	else
		buf_add(&out, STR("# from the command line\naccount default\n"));
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		write_setting(&account, (enum setting_id)i, &out);
	return print_out(buf_str(&out), &e) ? EX_OK : failed(&e);
}

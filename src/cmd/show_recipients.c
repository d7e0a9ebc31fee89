/* SPDX-License-Identifier: MIT */
#include "cmd/show_recipients.h"

#include "base/printable.h"
#include "os/file.h"
#include "ui/print.h"

#include <string.h>
#include <unistd.h>

struct view {
	struct buf recipients, out;
};

static void view_done(struct view *v)
{
	buf_done(&v->recipients);
	buf_done(&v->out);
}

static void add_recipient(void *ctx, const char *asked, const char *address)
{
	struct view *v = ctx;

	buf_add(&v->recipients, STR("recipient "));
	printable_add(&v->recipients, str_of(asked));
	if (strcmp(asked, address) != 0) {
		buf_add(&v->recipients, STR(" -> "));
		printable_add(&v->recipients, str_of(address));
	}
	buf_char(&v->recipients, '\n');
}

static bool check_verify_usage(const struct cli *cli, struct err *e)
{
	return !(cli->seen[OPTION_JSON] || cli->seen[OPTION_DRY_RUN]) ||
	       err_set(e, ERR_USAGE, "-bv and %s exclude each other",
		       cli->seen[OPTION_JSON] ? "--json" : "--dry-run");
}

/* Finds what send_run() would; standard input is read only with -t. */
static bool find_recipients(struct run *r, struct err *e)
{
	bool reads = r->cli->seen[OPTION_READ_RECIPIENTS];
	int nothing CLEAN_UP(file_close_at) = 0;

	if (!run_check_usage(r->cli, e) || (!run_asks_header(r) && !run_choose_account(r, e)))
		return false;
	if (!reads && (nothing = file_open("/dev/null", e)) < 0)
		return false;
	return run_read_message(r, reads ? STDIN_FILENO : nothing, e);
}

static void write_view(const struct run *r, struct view *v)
{
	const char *sender = r->message.env.from;

	run_account_line(&r->account, &v->out);
	buf_fmt(&v->out, "sender %s\n", sender[0] ? sender : "<>");
	buf_add(&v->out, buf_str(&v->recipients));
}

int show_recipients_run(const struct cli *cli, const struct run_as *as)
{
	struct view v CLEAN_UP(view_done) = {
		.recipients = BUF_INIT(PRINT_OUT_MAX / 2),
		.out = BUF_INIT(PRINT_OUT_MAX),
	};
	const struct run_view view = { add_recipient, &v };
	struct run r CLEAN_UP(run_done) = { .cli = cli, .as = as, .view = &view };
	struct err e;

	if (check_verify_usage(cli, &e) && find_recipients(&r, &e)) {
		write_view(&r, &v);
		if (print_out(&v.out, &e))
			return EX_OK;
	}
	print_error(&e);
	return err_status(&e);
}

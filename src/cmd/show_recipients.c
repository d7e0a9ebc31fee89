/* SPDX-License-Identifier: MIT */
#include "cmd/show_recipients.h"

#include "ui/print.h"

#include <string.h>

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
	buf_printable(&v->recipients, str_of(asked));
	if (strcmp(asked, address) != 0) {
		buf_add(&v->recipients, STR(" -> "));
		buf_printable(&v->recipients, str_of(address));
	}
	buf_char(&v->recipients, '\n');
}

static void add_account(void *ctx, const struct account *a, const struct envelope *env)
{
	struct view *v = ctx;

	send_account_line(a, &v->out);
	buf_fmt(&v->out, "sender %s\n", env->from[0] ? env->from : "<>");
	buf_add(&v->out, buf_str(&v->recipients));
}

static bool check_verify_usage(const struct cli *cli, struct err *e)
{
	return !(cli->seen[OPTION_JSON] || cli->seen[OPTION_DRY_RUN]) ||
	       err_set(e, ERR_USAGE, "-bv and %s exclude each other",
		       cli->seen[OPTION_JSON] ? "--json" : "--dry-run");
}

int show_recipients_run(const struct cli *cli, const struct send_as *as)
{
	struct view v CLEAN_UP(view_done) = {
		.recipients = BUF_INIT(PRINT_OUT_MAX / 2),
		.out = BUF_INIT(PRINT_OUT_MAX),
	};
	const struct send_view view = { add_recipient, add_account, &v };
	struct err e;

	if (check_verify_usage(cli, &e) && send_look(cli, as, &view, &e) && print_out(&v.out, &e))
		return EX_OK;
	print_error(&e);
	return err_status(&e);
}

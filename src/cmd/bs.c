/* SPDX-License-Identifier: MIT */
#include "cmd/bs.h"

#include "os/interrupt.h"
#include "submit/bs_session.h"
#include "ui/print.h"

#include <unistd.h>

/* The client has its reply; this reports to logs and to standard error. */
static void told(void *ctx, struct delivery_log *r)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(DELIVERY_LOG_JSON_MAX);

	(void)ctx;
	r->warnings = print_warnings();
	if (r->outcome->disposition == DISPOSITION_DONE)
		print_note("accepted: %s", r->outcome->err.said);
	else
		print_seen(&r->outcome->err, !delivery_log_is_logged(r));
	delivery_log_log(r, &line);
	print_aside(buf_str(&line));
}

static void begins(void *ctx)
{
	(void)ctx;
	print_forget_warnings();
}

static bool check_bs_usage(const struct cli *cli, struct err *e)
{
	if (!cli->seen[OPTION_JSON] && !cli->seen[OPTION_DRY_RUN])
		return true;
	err_set(e, ERR_USAGE,
		"-bs speaks SMTP on standard output: --json and --dry-run have no place");
	return err_hint(e, "the line log_format json makes the log JSON");
}

int bs_run(const struct cli *cli, const struct run_as *as)
{
	struct session_watch watch = print_watch();
	struct bs_session_options options = {
		.in = STDIN_FILENO,
		.out = STDOUT_FILENO,
		.config = cli->config,
		.wishes = run_deliver_wishes(cli),
		.watch = &watch,
		.failures_only = as->sendmail,
		.begins = begins,
		.told = told,
	};
	struct addr ignored; /* -f is only checked: each message has its own sender */
	struct err e;

	interrupt_init();
	bool good = check_bs_usage(cli, &e) &&
		    run_account_wish(cli, as, &ignored, &options.wish, &e) &&
		    bs_session_run(&options, &e);
	if (!good)
		print_error(&e);
	if (interrupt_signal())
		interrupt_die();
	return good ? EX_OK : err_status(&e);
}

/* SPDX-License-Identifier: MIT */
#include "cmd/etrn.h"

#include "os/interrupt.h"

static bool check_etrn_usage(const struct cli *cli, struct err *e)
{
	if (cli->count || cli->seen[OPTION_READ_RECIPIENTS])
		return err_set(e, ERR_USAGE, "--rmqs sends no message and takes no recipients");
	if (cli->requiretls || cli->smtputf8)
		return err_set(e, ERR_USAGE, "--rmqs sends no message that -O could be about");
	return !cli->seen[OPTION_DRY_RUN] ||
	       err_set(e, ERR_USAGE, "--rmqs and --dry-run exclude each other");
}

/* ETRN in place of a message (RFC 1985). */
int etrn_run(const struct cli *cli, const struct run_as *as)
{
	struct run r CLEAN_UP(run_done) = { .cli = cli, .as = as };
	struct upstream upstream = run_upstream(&r);

	interrupt_init();
	delivery_log_init(&r.entry);
	if (check_etrn_usage(cli, &r.outcome.err) && run_choose_account(&r, &r.outcome.err)) {
		delivery_log_open(&r.entry, &r.account);
		deliver_etrn(&upstream, cli->rmqs, &r.outcome);
	} else {
		outcome_not_sent(NULL, &r.outcome);
	}
	bool interrupted = outcome_is_interrupted(&r.outcome);
	run_report(&r, &upstream);
	if (interrupted)
		interrupt_die();
	return r.outcome.status;
}

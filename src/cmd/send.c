/* SPDX-License-Identifier: MIT */
#include "cmd/send.h"

#include "cmd/dry_run.h"
#include "os/interrupt.h"
#include "ui/print.h"

static bool attempt(struct run *r, struct upstream *upstream, struct err *e)
{
	struct deliver_wishes wishes = run_deliver_wishes(r->cli);
	struct err ignored;

	if (!run_check_usage(r->cli, e) || (compose_options_is_wanted(r->cli) &&
						   !compose_options_read(r->cli, &r->compose, e))) {
		(void)run_choose_account(r, &ignored); /* for its logs */
		return false;
	}
	if (!run_asks_header(r) && !run_choose_account(r, e))
		return false;
	if (!run_read_message_file(r, e))
		return false;
	if (r->cli->seen[OPTION_DRY_RUN])
		return dry_run(r, e);
	upstream->keep = r->unsent.folder;
	delivery_log_open(&r->entry, &r->account);
	deliver(upstream, &r->message, &wishes, &r->outcome);
	return true;
}

int send_refused(const struct cli *cli, const struct run_as *as, const struct err *e)
{
	struct run r CLEAN_UP(run_done) = { .cli = cli, .as = as };

	delivery_log_init(&r.entry);
	r.outcome.err = *e;
	outcome_not_sent(NULL, &r.outcome);
	run_report(&r, NULL);
	return r.outcome.status;
}

int send_run(const struct cli *cli, const struct run_as *as)
{
	struct run r CLEAN_UP(run_done) = { .cli = cli, .as = as };
	struct upstream upstream = run_upstream(&r);
	bool dry = cli->seen[OPTION_DRY_RUN];

	interrupt_init();
	delivery_log_init(&r.entry);
	if (!attempt(&r, &upstream, &r.outcome.err))
		outcome_not_sent(&r.message.env, &r.outcome);
	bool interrupted = outcome_is_interrupted(&r.outcome);
	if (!dry) {
		run_report(&r, &upstream);
	} else if (r.outcome.status != EX_OK) {
		print_error(&r.outcome.err);
		unsent_keep(&r.unsent, r.outcome.disposition);
	}
	if (interrupted)
		interrupt_die();
	return r.outcome.status;
}

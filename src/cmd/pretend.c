/* SPDX-License-Identifier: MIT */
#include "cmd/pretend.h"

#include "ui/print.h"

/* Prints the settings in the form of a configuration file, secrets hidden. */
int pretend_run(const struct cli *cli, const struct run_as *as)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(PRINT_OUT_MAX);
	struct run r CLEAN_UP(run_done) = { .cli = cli, .as = as };
	struct err e;

	bool good = run_choose_account(&r, &e);
	if (good) {
		const char *name = r.account.name;
		bool asked = cli->from && r.account.s.allow_from_override;
		const char *from = asked ? cli->from : r.account.from;
		buf_fmt(&out, "# from %s%s%s\naccount %s\n",
			r.account.file[0] ? r.account.file : "the command line",
			from ? ", sender " : "", from ? from : "", name[0] ? name : "default");
	}
	for (unsigned i = 0; good && i < SETTING_COUNT; i++)
		if (!(setting_row((enum setting_id)i)->flags & SETTING_IGNORED))
			settings_write(&r.account.s, setting_row((enum setting_id)i), &out);
	if (good && print_out(&out, &e))
		return EX_OK;
	print_error(&e);
	return err_status(&e);
}

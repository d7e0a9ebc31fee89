/* SPDX-License-Identifier: MIT */
#include "cmd/check_files.h"

#include "ui/print.h"

int check_files_run(const struct cli *cli, const struct run_as *as)
{
	struct run r CLEAN_UP(run_done) = { .cli = cli, .as = as };
	struct err e, mistakes;

	bool chosen = run_choose_account(&r, &e);
	bool good = account_check_files(&r.files, &mistakes);
	if (chosen && good)
		return EX_OK;
	print_error(good ? &e : &mistakes); /* all mistakes, not only those of one account */
	return err_status(good ? &e : &mistakes);
}

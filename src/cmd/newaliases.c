/* SPDX-License-Identifier: MIT */
#include "cmd/newaliases.h"

#include "base/log.h"
#include "conf/account.h"
#include "conf/defaults.h"
#include "submit/aliases_file.h"
#include "ui/print.h"

static void print_problem(void *ctx, bool warning, const struct err *problem)
{
	int *status = ctx;

	if (warning) {
		log_warning("%s", problem->what);
		return;
	}
	print_error(problem);
	*status = err_status(problem);
}

static bool has_aliases_setting(const struct settings *s)
{
	return settings_has(s, SETTING_ID_aliases);
}

/* Package scripts call this where nothing is configured, so the account need not be complete. */
static bool choose_any_account(const struct cli *cli, const struct run_as *as,
	struct config_files *files, struct account *ret, struct err *e)
{
	struct account_wish wish;
	struct addr sender;

	if (!run_account_wish(cli, as, &sender, &wish, e))
		return false;
	account_load_files(files, cli->config, &cli->settings);
	if (account_choose(files, &wish, ret, e))
		return true;
	log_note("%s", e->what);
	return has_aliases_setting(&cli->settings) || (!cli->config && !cli->account);
}

static void find_file(const struct settings *s, const struct run_as *as, struct aliases_file *ret)
{
	ret->preset = !has_aliases_setting(s);
	if (ret->preset)
		ret->path = defaults_aliases(s, as->sendmail);
	else
		ret->path = s->aliases && s->aliases[0] ? s->aliases : NULL;
}

int newaliases_run(const struct cli *cli, const struct run_as *as)
{
	struct config_files files CLEAN_UP(config_files_done) = { 0 };
	struct account account CLEAN_UP(account_done) = { 0 };
	struct aliases_file file CLEAN_UP(aliases_file_done) = { 0 };
	struct err e;
	int status = EX_OK;

	if (!choose_any_account(cli, as, &files, &account, &e)) {
		print_error(&e);
		return err_status(&e);
	}
	find_file(&account.s, as, &file);
	aliases_file_check(&file, print_problem, &status);
	return status;
}

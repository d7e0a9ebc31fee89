/* SPDX-License-Identifier: MIT */
#include "cmd/aliases.h"

#include "base/log.h"
#include "ui/print.h"
#include "conf/account.h"
#include "conf/defaults.h"
#include "submit/aliases_file.h"

static void tell(void *ctx, bool warning, const struct err *problem)
{
	int *status = ctx;

	if (warning) {
		log_warning("%s", problem->what);
		return;
	}
	print_error(problem);
	*status = err_status(problem);
}

static bool is_given(const struct settings *s)
{
	return settings_has(s, SETTING_ID_aliases);
}

/* Package scripts ask too, where nothing is configured: what is known of the account will do. */
static bool choose_account(const struct cli *cli, const struct send_as *as, struct search *files,
	struct account *ret, struct err *e)
{
	struct account_wish wish;
	struct addr sender;

	if (!send_wish(cli, as, &sender, &wish, e))
		return false;
	if (account_choose(files, &wish, ret, e))
		return true;
	log_note("%s", e->what);
	return is_given(&cli->settings) || (!cli->config && !cli->account);
}

static void find_file(const struct settings *s, const struct send_as *as, struct aliasfile *ret)
{
	ret->preset = !is_given(s);
	if (ret->preset)
		ret->path = complete_aliases(s, as->sendmail);
	else
		ret->path = s->aliases && s->aliases[0] ? s->aliases : NULL;
}

int aliases_run(const struct cli *cli, const struct send_as *as)
{
	struct search files CLEAN_UP(search_done) = { 0 };
	struct account account CLEAN_UP(account_done) = { 0 };
	struct aliasfile file CLEAN_UP(aliasfile_done) = { 0 };
	struct err e;
	int status = EX_OK;

	if (!choose_account(cli, as, &files, &account, &e)) {
		print_error(&e);
		return err_status(&e);
	}
	find_file(&account.s, as, &file);
	aliasfile_check(&file, tell, &status);
	return status;
}

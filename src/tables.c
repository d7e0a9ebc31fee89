/* SPDX-License-Identifier: MIT */
/*
 * tables - prints the option, setting and status tables as tab-separated rows: what the completions
 * are made from and the documentation is compared with. Built, never installed.
 */
#include "base/err.h"
#include "conf/cli.h"

#include <stdio.h>

static void print_options(void)
{
	for (unsigned i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = option_row((enum option_id)i);
		char letter[2] = { row->letter, '\0' };
		printf("option\t%s\t%s\t%s\t%s\t%s\n", letter, row->name, row->arg, row->help,
			row->flags & OF_ONLY_SENDMAIL ? "ONLY_SENDMAIL" : "");
	}
}

static void print_settings(void)
{
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = setting_row((enum setting_id)i);
		bool glued = setting_is_glued(row);
		printf("setting\t%s\t%d\t%s\t%s\t%s\t%s%s%s\t%s\n", row->name, (int)row->type,
			row->preset, row->msmtp_preset,
			row->flags & (SETTING_RC_ONLY | SETTING_NO_OPTION) ? "RC_ONLY" : "",
			glued ? "[" : "", row->arg, glued ? "]" : "", row->help);
	}
}

static void print_renamed(void)
{
	const char *old, *name;

	for (size_t i = 0; setting_renamed(i, &old, &name); i++)
		printf("renamed\t%s\t%s\n", old, name);
}

int main(void)
{
	size_t count;
	const struct err_status_row *rows = err_status_rows(&count);

	print_options();
	print_settings();
	print_renamed();
	for (size_t i = 0; i < count; i++)
		printf("status\t%d\t%s\t%s\n", rows[i].status, rows[i].name, rows[i].phrase);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "cmd/list.h"

#include "conf/pattern.h"
#include "mail/addr.h"
#include "ui/print.h"

/* Whether lines holds the line `wanted` already. */
static bool is_there(struct str lines, struct str wanted)
{
	while (lines.len)
		if (str_eq(str_cut(&lines, '\n'), wanted))
			return true;
	return false;
}

static void add_once(struct buf *out, struct str text)
{
	if (!text.len || is_there(buf_str(out), text))
		return;
	buf_add(out, text);
	buf_char(out, '\n');
}

static bool is_address(struct str text)
{
	struct addr a;
	struct err ignored;

	return !pattern_is_wild(text) && str_find(text, '%') == text.len &&
	       addr_one(text, &a, &ignored);
}

static void add_senders(struct buf *out, const struct rcblock *block)
{
	for (struct str list = rcfile_from(block); list.len;) {
		struct str one = str_cut(&list, '\n');
		if (is_address(one))
			add_once(out, one);
	}
}

int list_run(const struct cli *cli, const struct run_as *as)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(PRINT_OUT_MAX);
	struct config_files files CLEAN_UP(config_files_done) = { 0 };
	struct config_files_cursor cursor = { 0 };
	struct err e;

	(void)as;
	if (!config_load(&files, cli->config, &e)) {
		print_error(&e);
		return err_status(&e);
	}
	while (config_files_next(&files, &cursor))
		if (cli->list == CLI_LIST_ACCOUNTS)
			add_once(&out, str_of(cursor.found->name));
		else
			add_senders(&out, cursor.found);
	if (print_out(&out, &e))
		return EX_OK;
	print_error(&e);
	return err_status(&e);
}

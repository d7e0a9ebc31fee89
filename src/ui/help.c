/* SPDX-License-Identifier: MIT */
#include "ui/help.h"

#include "base/err.h"
#include "conf/cli.h"
#include "os/sandbox.h"
#include "sasl/sasl.h"
#include "tls/tls.h"

static const char usage[] =
	"usage: postrider [OPTION]... [--] RECIPIENT...\n"
	"       postrider -t [OPTION]... [RECIPIENT]...\n"
	"       postrider -s SUBJECT [--attach=FILE]... [OPTION]... RECIPIENT...\n"
	"\n"
	"Reads a message from standard input, or composes one of a text that is read there and of\n"
	"files, and hands it to the smarthost of an account.\n"
	"The exit status tells what the server said. Configuration: postrider.conf(5).\n";

static void left_column(struct buf *out, struct buf *left)
{
	buf_fmt(out, "  %-30s", buf_text(left));
	if (left->len > 30)
		buf_fmt(out, "\n  %-30s", "");
}

static void write_option(const struct option_row *row, struct buf *out)
{
	struct buf left CLEAN_UP(buf_done) = BUF_INIT(200);

	if (row->letter)
		buf_fmt(&left, "-%c", row->letter);
	else
		buf_add(&left, STR("   "));
	if (row->name[0])
		buf_fmt(&left, "%s --%s", row->letter ? "," : "", row->name);
	if (row->arg[0] == '[')
		buf_fmt(&left, "[%s%s", row->name[0] ? "=" : "", row->arg + 1);
	else if (row->arg[0])
		buf_fmt(&left, "%s%s", row->name[0] ? "=" : " ", row->arg);
	left_column(out, &left);
	buf_fmt(out, " %s\n", row->help);
}

/* Writes the ignored options of sendmail in one line. */
static void write_ignored(struct buf *out)
{
	const unsigned mask = OF_IGNORED | OF_ONLY_SENDMAIL;

	buf_add(out, STR("Accepted without effect:"));
	for (unsigned i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = option_row((enum option_id)i);
		if ((row->flags & mask) == OF_IGNORED)
			buf_fmt(out, " -%c", row->letter);
	}
	buf_add(out,
		STR("\nUnder the name sendmail there are no long options, and -c and -s have no "
		    "effect.\n"));
}

static void write_setting(const struct setting_row *row, struct buf *out)
{
	struct buf left CLEAN_UP(buf_done) = BUF_INIT(200);

	buf_fmt(&left, "--%s", row->name);
	for (size_t i = 2; i < left.len; i++)
		if (left.data[i] == '_')
			left.data[i] = '-';
	buf_fmt(&left, setting_is_glued(row) ? "[=%s]" : "=%s", row->arg);
	left_column(out, &left);
	buf_fmt(out, " %s\n", row->help);
}

void help_write(struct buf *out)
{
	size_t count;
	const struct err_status_row *statuses = err_status_rows(&count);

	buf_add(out, str_of(usage));
	buf_add(out, STR("\nOptions:\n"));
	for (unsigned i = 0; i < OPTION_COUNT; i++)
		if (!(option_row((enum option_id)i)->flags & OF_IGNORED))
			write_option(option_row((enum option_id)i), out);
	write_ignored(out);
	buf_add(out, STR("\nSettings, in place of those of the account; --host needs no file:\n"));
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = setting_row((enum setting_id)i);
		if (!(row->flags & (SETTING_RC_ONLY | SETTING_NO_OPTION | SETTING_IGNORED)))
			write_setting(row, out);
	}
	buf_add(out, STR("\nExit status:\n"));
	for (size_t i = 0; i < count; i++)
		buf_fmt(out, "  %2d %s\n", statuses[i].status, statuses[i].phrase);
}

void help_version(struct buf *out)
{
	buf_fmt(out, "postrider %s\nGnuTLS %s, GNU SASL %s\n", POSTRIDER_VERSION,
		tls_library_version(), sasl_library_version());
	if (sandbox_version())
		buf_fmt(out, "confined by Landlock (version %u)\n", sandbox_version());
	else
		buf_add(out, STR("not confined: this system has no Landlock\n"));
}

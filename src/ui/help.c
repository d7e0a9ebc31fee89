/* SPDX-License-Identifier: MIT */
#include "ui/help.h"

#include "base/err.h"
#include "os/sandbox.h"
#include "sasl/sasl.h"
#include "tls/tls.h"
#include "ui/fold.h"

#include <string.h>

enum { COLUMNS = 80, RIGHT = 33 }; /* RIGHT: where the explanations begin */

static const char usage[] =
	"usage: postrider [OPTION]... [--] RECIPIENT...\n"
	"       postrider -t [OPTION]... [RECIPIENT]...\n"
	"       postrider -s SUBJECT [--attach=FILE]... [OPTION]... RECIPIENT...\n"
	"\n"
	"Reads a message from standard input, or builds one from text and files, and\n"
	"hands it to an account's mail server, whose answer is the exit status.\n";

static const char examples[] =
	"\n"
	"Examples:\n"
	"  df -h | postrider -s \"disk usage\" ann@example.org\n"
	"  postrider -s Report --body \"See below.\" --attach report.pdf ann@example.org\n"
	"  postrider -t < message.eml\n"
	"  postrider -bv root\n";

static const char more[] = "\n"
			   "More: --help=all, --help=settings, postrider(1), postrider.conf(5)\n";

static const struct {
	unsigned flag;
	const char *heading;
} groups[] = {
	{ OF_HELP_MESSAGE, "Message:" },
	{ OF_HELP_RECIPIENTS, "Recipients:" },
	{ OF_HELP_ACCOUNT, "Account:" },
	{ OF_HELP_LOOK, "Look before sending:" },
	{ OF_HELP_OUTPUT, "Output:" },
};

/* One row of a table, its explanation folded between words. */
static void write_row(struct buf *out, struct str left, const char *right)
{
	struct buf row CLEAN_UP(buf_done) = BUF_INIT(500);
	size_t begins = RIGHT;

	buf_fmt(&row, "  %.*s", STR_ARG(left));
	if (row.len < RIGHT) {
		begins = strspn(buf_text(&row), " ");
	} else {
		buf_fmt(out, "%s\n", buf_text(&row));
		buf_clear(&row);
	}
	buf_fmt(&row, "%*s%s", (int)(RIGHT - row.len), "", right);
	fold_line(buf_str(&row), COLUMNS, RIGHT - begins, out);
	buf_char(out, '\n');
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
	write_row(out, buf_str(&left), row->help);
}

static void write_options(unsigned with, unsigned without, struct buf *out)
{
	for (unsigned i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = option_row((enum option_id)i);
		if ((row->flags & with) == with && !(row->flags & without))
			write_option(row, out);
	}
}

static void write_setting(const struct setting_row *row, struct buf *out)
{
	struct buf left CLEAN_UP(buf_done) = BUF_INIT(200);

	buf_fmt(&left, "--%s", row->name);
	for (size_t i = 2; i < left.len; i++)
		if (left.data[i] == '_')
			left.data[i] = '-';
	buf_fmt(&left, setting_is_glued(row) ? "[=%s]" : "=%s", row->arg);
	write_row(out, buf_str(&left), row->help);
}

static void write_short(struct buf *out)
{
	buf_add(out, str_of(usage));
	buf_add(out, str_of(examples));
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		buf_fmt(out, "%s%s\n", i ? "" : "\n", groups[i].heading);
		write_options(groups[i].flag, 0, out);
	}
	buf_add(out, str_of(more));
}

static void write_all(struct buf *out)
{
	size_t count;
	const struct err_status_row *statuses = err_status_rows(&count);

	buf_add(out, str_of(usage));
	buf_add(out, STR("\nOptions; each setting is one, too (--help=settings):\n"));
	write_options(0, OF_IGNORED, out);
	buf_add(out, STR("\nAccepted without effect:\n"));
	write_options(OF_IGNORED, OF_ONLY_SENDMAIL, out);
	buf_add(out,
		STR("\nUnder the name sendmail there are no long options, and -c and -s have no "
		    "effect.\n"));
	buf_add(out, STR("\nExit status:\n"));
	for (size_t i = 0; i < count; i++)
		buf_fmt(out, "  %2d %s\n", statuses[i].status, statuses[i].phrase);
}

static void write_settings(struct buf *out)
{
	buf_add(out,
		STR("Settings as options, in place of those of the account. With --host no file "
		    "is\nneeded. postrider.conf(5) describes them.\n\n"));
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = setting_row((enum setting_id)i);
		if (!(row->flags & (SETTING_RC_ONLY | SETTING_NO_OPTION | SETTING_IGNORED)))
			write_setting(row, out);
	}
}

void help_write(enum cli_help which, struct buf *out)
{
	static void (*const writers[])(struct buf * out) = {
		[CLI_HELP_SHORT] = write_short,
		[CLI_HELP_ALL] = write_all,
		[CLI_HELP_SETTINGS] = write_settings,
	};

	writers[which](out);
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

/* SPDX-License-Identifier: MIT */
/*
 * Command lines: NUL-separated arguments, by the program's own name or, if the first octet is odd,
 * as sendmail. What is taken is fit for a log line and a command; what is wrong is wrong use.
 */
#include "fuzz.h"

#include "conf/compose_options.h"
#include "mail/dsn.h"
#include "mail/header.h"

enum { ARGUMENTS = 64 };

static void check_printable(const char *text)
{
	for (size_t i = 0; text && text[i]; i++)
		claim(!chr_is_ctl(text[i]) || text[i] == '\n'); /* one mistake a line */
}

static void check_clean(const char *text)
{
	for (size_t i = 0; text && text[i]; i++)
		claim(!chr_is_ctl(text[i]) || text[i] == '\t');
}

static void check_taken(const struct cli *cli, size_t count, bool as_sendmail)
{
	claim(cli->mode < CLI_MODES);
	claim(cli->count <= count);
	for (size_t i = 0; i < cli->count; i++) {
		check_clean(cli->recipients[i]);
		claim(cli->recipients[i][0]);
	}
	check_clean(cli->from);
	check_clean(cli->account);
	check_clean(cli->config);
	check_clean(cli->rmqs);
	check_clean(cli->settings.from_full_name);
	check_clean(cli->settings.user);
	check_clean(cli->settings.domain);
	check_clean(cli->settings.logfile);
	claim(!cli->envid || strlen(cli->envid) <= DSN_ENVID_MAX);
	for (const char *p = cli->envid; p && *p; p++)
		claim(*p > ' ' && *p < 0x7f && *p != '=');
	if (!as_sendmail)
		return;
	claim(!cli->config && !cli->rmqs && !cli->settings.logfile && !cli->settings.host);
	claim(!cli->settings.passwordeval && !cli->seen[OPTION_PRETEND]);
}

/* The header of a composed message is whole fields, and none that an argument hides in another. */
static void check_compose(const struct cli *cli, size_t count)
{
	struct compose_options compose CLEAN_UP(compose_options_done) = { 0 };
	struct header header CLEAN_UP(header_done) = { 0 };
	struct err e = { 0 };

	if (!compose_options_is_wanted(cli))
		return;
	if (!compose_options_read(cli, &compose, &e)) {
		claim((e.kind == ERR_USAGE || e.kind == ERR_DATA) && e.what[0]);
		check_printable(e.what);
		check_printable(e.hint);
		return;
	}
	header_init(&header);
	claim(header_feed(&header, buf_str(&compose.fields)) == compose.fields.len);
	claim(header.count && header.count <= count + 1);
	header_finish(&header);
	claim(!header.stray.len && !header.has_lone_cr);
	claim(compose.count <= count);
}

/* Two readings of the same arguments come to the same. */
static void check_again(char *const *argv, bool as_sendmail, const struct cli *first, bool good)
{
	struct cli cli CLEAN_UP(cli_done) = { 0 };
	struct err e = { 0 };

	claim(cli_parse(&cli, argv, as_sendmail, CLI_SEND, &e) == good);
	claim(cli.mode == first->mode && cli.count == first->count && cli.quiet == first->quiet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	bool as_sendmail = input_octet(&in) & 1;
	char *text CLEAN_UP(mem_free_at) = mem_dup(in.rest.p, in.rest.len);
	char *argv[ARGUMENTS + 2] = { NULL };
	struct cli cli CLEAN_UP(cli_done) = { 0 };
	struct err e = { 0 };
	size_t count = 0;

	for (size_t at = 0; at < in.rest.len && count <= ARGUMENTS; at += strlen(text + at) + 1)
		argv[count++] = text + at;
	bool good = cli_parse(&cli, argv, as_sendmail, CLI_SEND, &e);
	if (good) {
		check_taken(&cli, count, as_sendmail);
		check_compose(&cli, count);
	} else {
		claim(e.kind == ERR_USAGE && e.what[0]);
		check_printable(e.what);
		check_printable(e.hint);
	}
	check_again(argv, as_sendmail, &cli, good);
	return 0;
}

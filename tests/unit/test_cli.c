/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/log.h"
#include "conf/cli.h"

static char warned[LOG_MAX];

static void take_warning(void *ctx, enum log_level level, const char *text)
{
	(void)ctx;
	if (level == LOG_LEVEL_WARNING)
		text_fmt(warned, sizeof(warned), "%s", text);
}

/* The arguments of a command line; they are a row of a table. */
struct line {
	const char *args[6];
};

static bool parse(const struct line *line, bool as_sendmail, struct cli *ret, struct err *e)
{
	char *argv[ARRAY_LEN(line->args) + 2] = { (char[]) { "postrider" } };

	for (size_t i = 0; i < ARRAY_LEN(line->args) && line->args[i]; i++)
		argv[i + 1] = (char *)(uintptr_t)line->args[i];
	warned[0] = '\0';
	*e = (struct err) { 0 };
	return cli_parse(ret, argv, as_sendmail, CLI_SEND, e);
}

/* Both by our own name and under the name sendmail. */
static void test_wishes(void **state)
{
	(void)state;
	static const struct {
		struct line line;
		const char *envid; /* NULL: none */
		bool eightbit, requiretls, smtputf8;
	} rows[] = {
		{ { { "b@y" } }, NULL, false, false, false },
		{ { { "-V", "id-1" } }, "id-1", false, false, false },
		{ { { "-Vid=1" } }, "id+3D1", false, false, false },
		{ { { "-V", "id+3D1" } }, "id+3D1", false, false, false },
		{ { { "-Va b", "-V", "c" } }, "c", false, false, false },
		{ { { "-B8BITMIME" } }, NULL, true, false, false },
		{ { { "-B", "8bitmime" } }, NULL, true, false, false },
		{ { { "-B7BIT" } }, NULL, false, false, false },
		{ { { "-B8BITMIME", "-B", "7bit" } }, NULL, false, false, false },
		{ { { "-O", "REQUIRETLS=yes" } }, NULL, false, true, false },
		{ { { "-Orequiretls=TRUE" } }, NULL, false, true, false },
		{ { { "-OREQUIRETLS=yes", "-OREQUIRETLS=no" } }, NULL, false, false, false },
		{ { { "-O", " RequireTLS = yes " } }, NULL, false, true, false },
		{ { { "-OSMTPUTF8=yes" } }, NULL, false, false, true },
		{ { { "-O", "SmtpUtf8=true", "-O", "RequireTLS=Yes" } }, NULL, false, true, true },
		{ { { "-OSMTPUTF8=false" } }, NULL, false, false, false },
		{ { { "-O", "QueueDirectory=/tmp", "-O", "REQUIRE=yes", "-Oyes" } }, NULL, false,
			false, false },
		{ { { "-ti", "-Vx", "-B8BITMIME", "-OREQUIRETLS=yes" } }, "x", true, true, false },
	};

	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		size_t k = i / 2;
		const char *row = rows[k].line.args[0];
		struct cli cli CLEAN_UP(cli_done);
		struct err e;
		CHECK_ROW(row, parse(&rows[k].line, i % 2, &cli, &e), true);
		CHECK_TEXT(row, str_of(cli.envid), rows[k].envid ? rows[k].envid : "");
		CHECK_ROW(row, cli.envid != NULL, rows[k].envid != NULL);
		CHECK_ROW(row, cli.eightbit, rows[k].eightbit);
		CHECK_ROW(row, cli.requiretls, rows[k].requiretls);
		CHECK_ROW(row, cli.smtputf8, rows[k].smtputf8);
		CHECK_TEXT(row, str_of(warned), "");
	}
}

static void test_an_unknown_body_type_is_a_warning(void **state)
{
	(void)state;
	static const struct line rows[] = { { { "-BBINARYMIME" } }, { { "-B8BITMIME", "-Bx" } },
		{ { "-B", "" } }, { { "-B8BITMIME " } } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cli cli CLEAN_UP(cli_done);
		struct err e;
		CHECK_ROW(rows[i].args[0], parse(&rows[i], true, &cli, &e), true);
		CHECK_ROW(rows[i].args[0], cli.eightbit, false);
		CHECK_ROW(rows[i].args[0], holds(str_of(warned), "7BIT or 8BITMIME"), true);
	}
}

static void test_rmqs(void **state)
{
	(void)state;
	static const char *const good[] = { "mail.example.org", "@example.org", "#uucp", "h" };
	static const char *const wrong[] = { "", "@", "#", "a b", "a\tb", " a", "a\r\nRSET",
		"\xc3\xa9" };
	char long_name[300] = "";
	struct cli cli;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct line line = { { "--rmqs", good[i] } };
		CHECK_ROW(good[i], parse(&line, false, &cli, &e), true);
		CHECK_TEXT(good[i], str_of(cli.rmqs), good[i]);
		cli_done(&cli);
		CHECK_ROW(good[i], parse(&line, true, &cli, &e), false);
		cli_done(&cli);
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct line line = { { "--rmqs", wrong[i] } };
		CHECK_ROW(wrong[i], parse(&line, false, &cli, &e), false);
		CHECK_ROW(wrong[i], e.kind, ERR_USAGE);
		cli_done(&cli);
	}
	for (size_t n = 255; n <= 256; n++) {
		struct line line = { { "--rmqs", long_name } };
		memset(long_name, 'a', n);
		CHECK_ROW("long", parse(&line, false, &cli, &e), n == 255);
		cli_done(&cli);
	}
}

static void test_what_sendmails_options_mean(void **state)
{
	(void)state;
	static const struct {
		struct line line;
		enum cli_mode mode;
		bool quiet, dots;
	} rows[] = {
		{ { { "-oi" } }, CLI_SEND, false, true },
		{ { { "-oitrue", "-oeq" } }, CLI_SEND, true, true },
		{ { { "-i", "-oifalse" } }, CLI_SEND, false, false },
		{ { { "-i", "-OIgnoreDots=False" } }, CLI_SEND, false, false },
		{ { { "-OignoreDots=1", "-OErrorMode=q" } }, CLI_SEND, true, true },
		{ { { "-eq", "-oem" } }, CLI_SEND, false, false },
		{ { { "-e", "q" } }, CLI_SEND, true, false },
		{ { { "-odq", "-om", "-o", "QX", "-o", "" } }, CLI_SEND, false, false },
		{ { { "-ODeliveryMode=q", "-O", "", "-O", "=" } }, CLI_SEND, false, false },
		{ { { "-q" } }, CLI_QUEUE_RUN, false, false },
		{ { { "-qf" } }, CLI_QUEUE_RUN, false, false },
		{ { { "-iqf" } }, CLI_QUEUE_RUN, false, true },
		{ { { "-q!Ix", "-t" } }, CLI_QUEUE_RUN, false, false },
		{ { { "-q", "-bp" } }, CLI_QUEUE_LIST, false, false },
		{ { { "-bp", "-I" } }, CLI_ALIASES, false, false },
		{ { { "-bi", "-bC" } }, CLI_CHECK_FILES, false, false },
		{ { { "-bC", "-bm" } }, CLI_SEND, false, false },
	};

	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		const char *row = rows[i / 2].line.args[0];
		struct cli cli CLEAN_UP(cli_done) = { 0 };
		struct err e;
		CHECK_ROW(row, parse(&rows[i / 2].line, i % 2, &cli, &e), true);
		CHECK_ROW(row, cli.mode, rows[i / 2].mode);
		CHECK_ROW(row, cli.quiet, rows[i / 2].quiet);
		CHECK_ROW(row, cli.seen[OPTION_IGNORE_DOTS], rows[i / 2].dots);
	}
}

static void test_letters_of_sendmail_alone(void **state)
{
	(void)state;
	static const struct line rows[] = { { { "-s" } }, { { "-c" } }, { { "-is" } } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cli cli;
		struct err e;
		CHECK_ROW(rows[i].args[0], parse(&rows[i], true, &cli, &e), true);
		cli_done(&cli);
		CHECK_ROW(rows[i].args[0], parse(&rows[i], false, &cli, &e), false);
		cli_done(&cli);
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		struct line line;
		const char *said;
	} rows[] = {
		{ { { "-V" } }, "option -V needs an argument" },
		{ { { "-V", "" } }, "option -V: the envelope identifier is empty" },
		{ { { "-Va+00" } }, "option -V: \"a+00\": an envelope identifier has only" },
		{ { { "-V\xc3\xa9" } }, "option -V: " },
		{ { { "-Va\nb" } }, "a control character in an argument" },
		{ { { "-Nnever,delay" } }, "option -N: dsn_notify: " },
		{ { { "-Rall" } }, "option -R: dsn_return: " },
		{ { { "-OREQUIRETLS" } }, "must be yes or no" },
		{ { { "-OREQUIRETLS=" } }, "must be yes or no" },
		{ { { "-O", "REQUIRETLS=maybe" } }, "must be yes or no" },
		{ { { "-OSMTPUTF8=1" } }, "must be yes or no" },
		{ { { "-q30m" } }, "keeps no queue that could be run at intervals: -q30m" },
		{ { { "-qp1h" } }, "keeps no queue that could be run at intervals: -qp1h" },
		{ { { "-qx" } }, "no such choice of messages in a queue: -qx" },
		{ { { "-q!" } }, "no such choice of messages in a queue: -q!" },
		{ { { "-bd" } }, "does not listen for connections: -bd" },
		{ { { "-b", "" } }, "there is no such mode: -b" },
		{ { { "-bpp" } }, "there is no such mode: -bpp" },
	};

	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		const char *row = rows[i / 2].line.args[0];
		struct cli cli CLEAN_UP(cli_done);
		struct err e;
		CHECK_ROW(row, parse(&rows[i / 2].line, i % 2, &cli, &e), false);
		CHECK_ROW(row, e.kind, ERR_USAGE);
		CHECK_ROW(row, holds(str_of(e.what), rows[i / 2].said), true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wishes),
		cmocka_unit_test(test_an_unknown_body_type_is_a_warning),
		cmocka_unit_test(test_rmqs),
		cmocka_unit_test(test_what_sendmails_options_mean),
		cmocka_unit_test(test_letters_of_sendmail_alone),
		cmocka_unit_test(test_refused),
	};

	log_to(take_warning, NULL);
	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}

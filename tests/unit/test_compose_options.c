/* SPDX-License-Identifier: MIT */
/* Command lines that compose a message: the header they make, or what is wrong with them. */
#include "unit.h"

#include "conf/compose_options.h"

enum { ARGUMENTS = 12 };

struct row {
	const char *args[ARGUMENTS];
	const char *fields; /* NULL: an error of this kind and text */
	enum err_kind kind;
	const char *what;
};

static void check(const struct row *row)
{
	char *argv[ARGUMENTS + 2] = { (char[]) { "postrider" } };
	struct cli cli CLEAN_UP(cli_done) = { 0 };
	struct compose_options l CLEAN_UP(compose_options_done) = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < ARGUMENTS; i++)
		argv[i + 1] = (char *)(uintptr_t)row->args[i];
	assert_true(cli_parse(&cli, argv, false, CLI_SEND, &e));
	assert_true(compose_options_is_wanted(&cli));
	bool good = compose_options_read(&cli, &l, &e);
	CHECK_ROW(row->args[0], good, row->fields != NULL);
	if (good) {
		CHECK_TEXT(row->args[0], buf_str(&l.fields), row->fields);
		return;
	}
	CHECK_ROW(row->what, e.kind, row->kind);
	if (!strstr(e.what, row->what))
		fail_msg("%s: not in: %s", row->what, e.what);
}

static void test_fields(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ .args = { "-s", "a  b", "x@y.org" },
			.fields = "To: x@y.org\r\nSubject: a  b\r\n" },
		{ .args = { "-sglued", "--to=x@y.org" },
			.fields = "To: x@y.org\r\nSubject: glued\r\n" },
		{ .args = { "-s", "", "x@y.org" }, .fields = "To: x@y.org\r\nSubject:\r\n" },
		{ .args = { "--to", "a@y.org", "--to", "Jo <b@y.org>, c@y.org,", "d" },
			.fields = "To: a@y.org, Jo <b@y.org>, c@y.org, d\r\n" },
		{ .args = { "--to", "g: a@y.org, b@y.org", "--to", "c@y.org;,,", "--to",
			  "Jo <d@y.org>" },
			.fields = "To: a@y.org, b@y.org, c@y.org, Jo <d@y.org>\r\n" },
		{ .args = { "--to", "undisclosed-recipients:;", "--bcc", "a@y.org" },
			.fields = "To: undisclosed-recipients:;\r\nBcc: a@y.org\r\n" },
		{ .args = { "--bcc", "a@y.org", "--cc", "b@y.org" },
			.fields = "Cc: b@y.org\r\nBcc: a@y.org\r\n" },
		{ .args = { "--body", "x\ny", "-f", "Jo <j@y.org>", "a@y.org" },
			.fields = "From: Jo <j@y.org>\r\nTo: a@y.org\r\n" },
		{ .args = { "--body", "", "-f", "j@y.org", "a@y.org" },
			.fields = "To: a@y.org\r\n" },
		{ .args = { "--body", "", "-f", "<>", "a@y.org" }, .fields = "To: a@y.org\r\n" },
		{ .args = { "--header", "X-A:b", "--header", "X-A:  c", "a@y.org" },
			.fields = "To: a@y.org\r\nX-A: b\r\nX-A: c\r\n" },
		{ .args = { "--header", "To: a@y.org", "--body", "x", "--bcc", "b@y.org" },
			.fields = "Bcc: b@y.org\r\nTo: a@y.org\r\n" },
		{ .args = { "--header", "content-type: text/html", "a@y.org" },
			.fields = "To: a@y.org\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check(&rows[i]);
}

static void test_mistakes(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ .args = { "-s", "x" }, .kind = ERR_USAGE, .what = "no recipient" },
		{ .args = { "--to", ", ," }, .kind = ERR_USAGE, .what = "no recipient" },
		{ .args = { "--header", "From:", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "--header From" },
		{ .args = { "--header", "Reply-To: <x", "a@b.org" },
			.kind = ERR_DATA,
			.what = "--header Reply-To" },
		{ .args = { "--to", "a@b@c" }, .kind = ERR_DATA, .what = "option --to" },
		{ .args = { "--cc", "<a" }, .kind = ERR_DATA, .what = "option --cc" },
		{ .args = { "-s", "x", "a@" }, .kind = ERR_DATA, .what = "recipient" },
		{ .args = { "-s", "x", "-s", "y", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "Subject is given twice" },
		{ .args = { "--to", "a@b.org", "--header", "to: c@d.org" },
			.kind = ERR_USAGE,
			.what = "To is given twice" },
		{ .args = { "--body", "x", "--body", "y", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "--body is given twice" },
		{ .args = { "--header", "Content-Type: a/b", "--header", "content-type: c/d",
			  "a@b.org" },
			.kind = ERR_USAGE,
			.what = "Content-Type is given twice" },
		{ .args = { "--header", "nothing", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "no header field" },
		{ .args = { "--header", ": x", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "no header field" },
		{ .args = { "--header", "a b: x", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "no header field" },
		{ .args = { "--header", "MIME-Version: 1.0", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "--header MIME-Version" },
		{ .args = { "--header", "Resent-To: x", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "--header Resent-To" },
		{ .args = { "--header", "Content-Type: multipart/mixed", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "Content-Type" },
		{ .args = { "--header", "Content-Type: html", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "Content-Type" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check(&rows[i]);
}

static void test_files_mistaken(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ .args = { "--attach", "", "a@b.org" }, .kind = ERR_USAGE, .what = "--attach" },
		{ .args = { "--attach", ";name=x", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "--attach" },
		{ .args = { "--attach", "x;type=pdf", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "--attach x" },
		{ .args = { "--attach", "x;type=multipart/mixed", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "--attach x" },
		{ .args = { "--attach", "-", "--attach", "-", "a@b.org" },
			.kind = ERR_USAGE,
			.what = "--attach -" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check(&rows[i]);
}

static void test_files(void **state)
{
	(void)state;
	static const struct {
		const char *arg, *path, *type, *name;
	} rows[] = {
		{ "a b.txt", "a b.txt", "", "" },
		{ "a;b", "a;b", "", "" },
		{ "a;type=text/csv", "a", "text/csv", "" },
		{ "a;name=x;y.csv", "a", "", "x;y.csv" },
		{ "a;NAME=x;type=text/plain; charset=utf-8", "a", "text/plain; charset=utf-8",
			"x" },
		{ "a;name=", "a", "", "" },
		{ "-;name=x", "-", "", "x" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char arg[] = "--attach", to[] = "a@b.org";
		char *argv[] = { arg, arg, (char *)(uintptr_t)rows[i].arg, to, NULL };
		struct cli cli CLEAN_UP(cli_done) = { 0 };
		struct compose_options l CLEAN_UP(compose_options_done) = { 0 };
		struct err e = { 0 };
		assert_true(cli_parse(&cli, argv, false, CLI_SEND, &e));
		assert_true(compose_options_read(&cli, &l, &e));
		assert_int_equal(l.count, 1);
		CHECK_STR(rows[i].arg, str_of(l.files[0].path), str_of(rows[i].path));
		CHECK_STR(rows[i].arg, l.files[0].type, str_of(rows[i].type));
		CHECK_STR(rows[i].arg, l.files[0].name, str_of(rows[i].name));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_files_mistaken),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests_name("compose_options", tests, NULL, NULL);
}

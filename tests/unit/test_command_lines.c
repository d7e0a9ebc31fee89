/* SPDX-License-Identifier: MIT */
/* Lines of a message that a server would obey, and the line that may go ahead. */
#include "unit.h"

#include "session/command_lines.h"

static void feed(struct command_lines *c, struct str text, size_t piece)
{
	command_lines_init(c);
	while (text.len) {
		command_lines_feed(c, str_head(text, piece));
		text = str_from(text, piece);
	}
	command_lines_end(c);
}

static const size_t pieces[] = { SIZE_MAX, 7, 1 };

static void test_lines(void **state)
{
	(void)state;
	static const struct {
		const char *text, *first;
		bool found;
	} rows[] = {
		{ "Subject: t\r\n\r\nhello\r\n", "Subject: t\r\n", false },
		{ "", "", false },
		{ "\r\nx\r\n", "\r\n", false },
		{ "one", "one\n", false }, /* no CRLF at its end: the caller sees that it is all */
		{ "a\r\nMAIL FROM:<x@y>\r\n", "a\r\n", true },
		{ "a\r\nmail from:<x@y>\r\n", "a\r\n", true },
		{ "a\r\n \t Rcpt\tTO:<x@y>\r\n", "a\r\n", true },
		{ "a\r\n\v\fDATA\r\n", "a\r\n", true },
		{ "a\r\nDATA", "a\r\n", true },
		{ "a\r\nDATA:\r\n", "a\r\n", true },
		{ "a\r\nDATAX\r\n", "a\r\n", false },
		{ "a\r\nDAT\r\nA\r\n", "a\r\n", false },
		{ "a\r\nx DATA\r\n", "a\r\n", false },
		{ "a\r\n.DATA\r\n", "a\r\n", false },
		{ "a\r\nstarttls\r\n", "a\r\n", true },
		{ "a\r\nSTARTTLSX\r\n", "a\r\n", false },
		{ "a\r\nXCLIENT NAME=x\r\n", "a\r\n", true },
		{ "QUIT\r\na\r\n", "", true },
		{ "Help: me\r\na\r\n", "", true },
		{ "help me\r\na\r\n", "", true },
		{ "Helpful: yes\r\na\r\n", "Helpful: yes\r\n", false },
		{ "Send: x\r\na\r\n", "", true },
		{ "Sender: x\r\na\r\n", "Sender: x\r\n", false },
		{ "DATA\x80\r\n", "DATA\x80\r\n", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t k = 0; k < ARRAY_LEN(pieces); k++) {
			struct command_lines c CLEAN_UP(command_lines_done);
			feed(&c, str_of(rows[i].text), pieces[k]);
			CHECK_ROW(rows[i].text, c.found, rows[i].found);
			CHECK_TEXT(rows[i].text, buf_str(&c.first), rows[i].first);
		}
	}
}

/* Every verb is one, alone, before a blank and before a colon, in any case. */
static void test_verbs(void **state)
{
	(void)state;
	struct str verbs =
		STR("HELO EHLO LHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY EXPN HELP AUTH "
		    "STARTTLS TURN ETRN ATRN BURL SEND SOML SAML XCLIENT XFORWARD");
	static const char *const behind[] = { "", " x", ":x", "\tx" };

	for (struct str verb = str_word(&verbs); verb.len; verb = str_word(&verbs)) {
		for (size_t i = 0; i < ARRAY_LEN(behind); i++) {
			struct buf text CLEAN_UP(buf_done) = BUF_INIT(100);
			struct command_lines c CLEAN_UP(command_lines_done);
			buf_fmt(&text, "a\r\n %c%.*s%s\r\nb\r\n", chr_lower(verb.p[0]),
				STR_ARG(str_from(verb, 1)), behind[i]);
			feed(&c, buf_str(&text), SIZE_MAX);
			CHECK_ROW(buf_text(&text), c.found, true);
		}
	}
}

/* A line that is longer than a command may be is taken apart by some servers. */
static void test_long_lines(void **state)
{
	(void)state;
	static const struct {
		size_t first, second;
		bool is_first, found;
	} rows[] = {
		{ 510, 510, true, false },
		{ 511, 10, false, true },
		{ 10, 511, true, true },
		{ 100000, 10, false, true },
		{ 10, 100000, true, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf text CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
		buf_fmt(&text, "%*d\r\n%*d\r\n", (int)rows[i].first, 1, (int)rows[i].second, 2);
		for (size_t k = 0; k < ARRAY_LEN(pieces); k++) {
			struct command_lines c CLEAN_UP(command_lines_done);
			feed(&c, buf_str(&text), pieces[k]);
			CHECK_ROW("found", c.found, rows[i].found);
			CHECK_ROW("first", c.first.len == rows[i].first + 2, rows[i].is_first);
			CHECK_ROW("none", c.first.len == 0, !rows[i].is_first);
		}
	}
}

/* Once it is known that there is such a line nothing more is read; a second message begins anew. */
static void test_again(void **state)
{
	(void)state;
	struct command_lines c CLEAN_UP(command_lines_done);

	feed(&c, STR("a\r\nQUIT\r\n"), SIZE_MAX);
	command_lines_feed(&c, STR("x\r\ny"));
	assert_true(c.found && c.line.len == 0);
	command_lines_done(&c);
	feed(&c, STR("b\r\nc\r\n"), SIZE_MAX);
	assert_false(c.found);
	CHECK_TEXT("first", buf_str(&c.first), "b\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_again),
	};
	return cmocka_run_group_tests_name("command_lines", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/mem.h"
#include "smtp/server.h"

/* What a conversation came to: replies as they were written, messages as they were handed over. */
struct heard {
	struct buf out, codes, messages, text;
	unsigned begun;
	bool inside, closed;
	bool refuse; /* every message is refused when it begins */
};

static void heard_done(struct heard *h)
{
	buf_done(&h->out);
	buf_done(&h->codes);
	buf_done(&h->messages);
	buf_done(&h->text);
}

/* "from>to,to(params):text|" */
static void take_message(struct server *s, struct heard *h)
{
	const struct server_mail *mail = server_mail(s);

	buf_fmt(&h->messages, "%s>", mail->env.from);
	for (size_t i = 0; i < mail->env.count; i++)
		buf_fmt(&h->messages, "%s%s", i ? "," : "", mail->env.rcpts[i].addr);
	buf_char(&h->messages, ':');
	buf_add(&h->messages, buf_str(&h->text));
	buf_char(&h->messages, '|');
	server_answer(s, 250, "2.0.0", "taken");
}

/* Nothing that was given is needed afterwards. */
static void refuse(struct server *s)
{
	char enhanced[] = "4.3.5", text[] = "not now";

	server_refuse(s, 451, enhanced, text);
	memset(enhanced, '!', sizeof(enhanced));
	memset(text, '!', sizeof(text));
}

/* Until there is nothing to do without more input. */
static enum server_want act(struct server *s, struct heard *h)
{
	for (;;) {
		enum server_want want = server_next(s);
		switch (want) {
		case SERVER_WRITE:
			buf_add(&h->out, server_out(s));
			server_written(s, server_out(s).len);
			break;
		case SERVER_BEGIN:
			buf_clear(&h->text);
			h->begun++;
			if (h->refuse)
				refuse(s);
			break;
		case SERVER_BODY:
			buf_add(&h->text, server_body(s));
			server_body_taken(s);
			break;
		case SERVER_MESSAGE:
			take_message(s, h);
			break;
		default:
			return want;
		}
	}
}

static void list_codes(struct heard *h)
{
	struct str out = buf_str(&h->out);

	while (out.len) {
		struct str line = str_cut(&out, '\n');
		assert_true(line.len > 4 && line.len < SERVER_REPLY);
		if (line.p[3] == ' ')
			buf_fmt(&h->codes, "%s%.3s", h->codes.len ? " " : "", line.p);
	}
}

/* Feeds it in pieces, then the end of the input. */
static void talk(struct str in, size_t cut, struct heard *h)
{
	struct server *s = server_new("here.test");
	bool refuse = h->refuse;

	*h = (struct heard) { BUF_INIT(1 << 22), BUF_INIT(1 << 22), BUF_INIT(1 << 22),
		BUF_INIT(1 << 22) };
	h->refuse = refuse;
	enum server_want want = act(s, h);
	while (in.len && want == SERVER_READ) {
		size_t n = cut < in.len ? cut : in.len;
		if (n > server_room(s))
			n = server_room(s);
		assert_true(n > 0);
		server_in(s, str_head(in, n));
		in = str_from(in, n);
		want = act(s, h);
	}
	h->inside = server_is_inside(s);
	h->closed = want == SERVER_CLOSED;
	if (!h->closed)
		server_eof(s);
	assert_int_equal(act(s, h), SERVER_CLOSED);
	list_codes(h);
	server_free(s);
}

#define HELLO "EHLO x\r\n"
#define MAIL "MAIL FROM:<a@x>\r\n"
#define TO "RCPT TO:<b@y>\r\n"

struct row {
	const char *in, *codes, *messages;
	bool inside, closed;
};

static void check_rows(const struct row *rows, size_t count, bool refuse)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < ARRAY_LEN(cuts); k++) {
			struct heard h CLEAN_UP(heard_done) = { .refuse = refuse };
			talk(str_of(rows[i].in), cuts[k], &h);
			CHECK_TEXT(rows[i].in, buf_str(&h.codes), rows[i].codes);
			CHECK_TEXT(rows[i].in, buf_str(&h.messages), rows[i].messages);
			CHECK_ROW(rows[i].in, h.inside, rows[i].inside);
			CHECK_ROW(rows[i].in, h.closed, rows[i].closed);
			CHECK_ROW(rows[i].in, holds(buf_str(&h.out), "451 4.3.5 not now\r\n"),
				refuse);
		}
	}
}

/* BS-01, BS-04, BS-09: each command, its form and its place. */
static void test_commands(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "", "220", "", false, false },
		{ "QUIT\r\n", "220 221", "", false, true },
		{ "quit \r\nNOOP\r\n", "220 221", "", false, true },
		{ "EHLO\r\nEHLO \r\nHELO\r\n", "220 501 501 501", "", false, false },
		{ "HELO x\r\nhelo [127.0.0.1]\r\n", "220 250 250", "", false, false },
		{ "EHLO x\r\nEhLo [IPv6:::1]\r\n", "220 250 250", "", false, false },
		{ "NOOP\r\nNOOP abc\r\nRSET\r\nHELP\r\nHELP MAIL\r\n", "220 250 250 250 214 214",
			"", false, false },
		{ "VRFY x\r\nVRFY\r\nEXPN x\r\n", "220 252 501 502", "", false, false },
		{ "AUTH PLAIN\r\nSTARTTLS\r\nETRN x\r\nTURN\r\nLHLO x\r\n",
			"220 502 502 502 502 502", "", false, false },
		{ "\r\nX\r\nMAILFROM:<a@x>\r\n DATA\r\n", "220 500 500 500 503", "", false, false },
		{ MAIL TO "DATA\r\n", "220 503 503 503", "", false, false },
		{ HELLO TO, "220 250 503", "", false, false },
		{ HELLO "DATA\r\n", "220 250 503", "", false, false },
		{ HELLO MAIL "DATA\r\n" TO, "220 250 250 554 250", "", false, false },
		{ HELLO MAIL MAIL, "220 250 250 503", "", false, false },
		{ HELLO MAIL TO "RSET\r\nDATA\r\n", "220 250 250 250 250 503", "", false, false },
		{ HELLO MAIL TO HELLO "DATA\r\n", "220 250 250 250 250 503", "", false, false },
		{ HELLO MAIL TO "HELO\r\nDATA x\r\n", "220 250 250 250 501 501", "", false, false },
		{ HELLO MAIL TO "QUIT\r\n", "220 250 250 250 221", "", false, true },
	};
	check_rows(rows, ARRAY_LEN(rows), false);
}

static void test_paths(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ HELLO "MAIL FROM:<>\r\n" TO "DATA\r\n.\r\n", "220 250 250 250 354 250", ">b@y:|",
			false, false },
		{ HELLO "mail from: <a@x> \r\nrcpt to:  b@y\r\nDATA\r\n.\r\n",
			"220 250 250 250 354 250", "a@x>b@y:|", false, false },
		{ HELLO "MAIL FROM:<root>\r\nRCPT TO:<postmaster>\r\nDATA\r\n.\r\n",
			"220 250 250 250 354 250", "root>postmaster:|", false, false },
		{ HELLO "MAIL FROM:<@c,@d:a@x>\r\nRCPT TO:<\"b > c\"@y>\r\nDATA\r\n.\r\n",
			"220 250 250 250 354 250", "a@x>\"b > c\"@y:|", false, false },
		{ HELLO MAIL TO "RCPT TO:<b@Y>\r\nRCPT TO:<B@y>\r\nDATA\r\n.\r\n",
			"220 250 250 250 250 250 354 250", "a@x>b@y,B@y:|", false, false },
		{ HELLO "MAIL FROM:<a@x\r\nMAIL FROM:a x\r\nMAIL FROM:\r\nMAIL "
			"TO:<a@x>\r\nMAIL\r\n",
			"220 250 501 555 501 501 501", "", false, false },
		{ HELLO "MAIL FROM:<a@x>b\r\nMAIL FROM:<-a@x>\r\nMAIL FROM:<a@x,b@y>\r\n",
			"220 250 501 501 501", "", false, false },
		{ HELLO MAIL "RCPT TO:<>\r\nRCPT TO:\r\nRCPT FROM:<a@x>\r\nRCPT TO:<a b@y>\r\n",
			"220 250 250 501 501 501 501", "", false, false },
		{ HELLO "MAIL FROM:<\xc3\xa4@x>\r\nMAIL FROM:<\xc3\xa4@x> SMTPUTF8\r\n"
			"RCPT TO:<\xc3\xb6@y>\r\nDATA\r\n.\r\n",
			"220 250 553 250 250 354 250", "\xc3\xa4@x>\xc3\xb6@y:|", false, false },
		{ HELLO MAIL "RCPT TO:<\xc3\xb6@y>\r\nRCPT TO:<\xff@y>\r\n", "220 250 250 553 501",
			"", false, false },
	};
	check_rows(rows, ARRAY_LEN(rows), false);
}

static void test_parameters(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ HELLO "MAIL FROM:<a@x> SIZE=12 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=a+2Bb\r\n",
			"220 250 250", "", false, false },
		{ HELLO "MAIL FROM:<a@x> size=0 body=7bit ret=hdrs\r\n", "220 250 250", "", false,
			false },
		{ HELLO "MAIL FROM:<a@x> SIZE=x\r\nMAIL FROM:<a@x> SIZE\r\nMAIL FROM:<a@x> SIZE=1 "
			"SIZE=2\r\n",
			"220 250 501 501 555", "", false, false },
		{ HELLO "MAIL FROM:<a@x> BODY=BINARYMIME\r\nMAIL FROM:<a@x> AUTH=<>\r\n"
			"MAIL FROM:<a@x> REQUIRETLS\r\nMAIL FROM:<a@x> SMTPUTF8=1\r\n"
			"MAIL FROM:<a@x> RET=OFF\r\nMAIL FROM:<a@x> ENVID=+00\r\n",
			"220 250 501 555 555 501 501 501", "", false, false },
		{ HELLO MAIL "RCPT TO:<b@y> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c@z\r\n"
			     "RCPT TO:<c@y> NOTIFY=NEVER\r\n",
			"220 250 250 250 250", "", false, false },
		{ HELLO MAIL
			"RCPT TO:<b@y> NOTIFY=OFF\r\nRCPT TO:<b@y> NOTIFY=NEVER,DELAY\r\n"
			"RCPT TO:<b@y> ORCPT=c@z\r\nRCPT TO:<b@y> X=1\r\nRCPT TO:<b@y> SIZE=1\r\n"
			"RCPT TO:<b@y> ORCPT=rfc822;a ORCPT=rfc822;a\r\n",
			"220 250 250 501 501 501 555 555 555", "", false, false },
	};
	check_rows(rows, ARRAY_LEN(rows), false);

	struct server_command_mail mail;
	struct server_command_rcpt rcpt;
	struct server_command_fault fault;
	assert_true(server_command_mail(
		STR("FROM:<a@x> SMTPUTF8 BODY=8BITMIME RET=FULL ENVID=a+2Bb"), &mail, &fault));
	assert_true(mail.smtputf8 && mail.eightbit && mail.returns == DSN_RETURN_FULL);
	assert_string_equal(mail.envid, "a+2Bb");
	assert_true(server_command_rcpt(
		STR("TO:<b@y> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c@z"), false, &rcpt, &fault));
	assert_int_equal(rcpt.notify, DSN_SUCCESS | DSN_DELAY);
	assert_string_equal(rcpt.orcpt, "rfc822;c@z");
	assert_false(server_command_rcpt(STR("TO:<b@y@z>"), false, &rcpt, &fault));
	assert_string_equal(fault.enhanced, "5.1.3");
	assert_false(server_command_mail(STR("FROM:<b@y@z>"), &mail, &fault));
	assert_string_equal(fault.enhanced, "5.1.7");
}

/* BS-02: the first line's end is that of all, and of the final dot. */
static void test_line_ends(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ HELLO MAIL TO "DATA\r\na\r\n..b\r\n.c\r\n\r\n.\r\nQUIT\r\n",
			"220 250 250 250 354 250 221", "a@x>b@y:a\r\n.b\r\nc\r\n\r\n|", false,
			true },
		{ "EHLO x\nMAIL FROM:<a@x>\nRCPT TO:<b@y>\nDATA\na\n..b\n.\nQUIT\n",
			"220 250 250 250 354 250 221", "a@x>b@y:a\n.b\n|", false, true },
		/* the other kind of line end is text, and no end */
		{ HELLO MAIL TO "DATA\r\na\n.\nb\r.\r\n.\n\r\n.\r\n", "220 250 250 250 354 250",
			"a@x>b@y:a\n.\nb\r.\r\n\n\r\n|", false, false },
		{ "EHLO x\nMAIL FROM:<a@x>\nRCPT TO:<b@y>\nDATA\na\r\n.\r\nb\n.\n",
			"220 250 250 250 354 250", "a@x>b@y:a\r\n\r\nb\n|", false, false },
		{ HELLO "NOOP\nNOOP\r\n", "220 250 500", "", false, false },
		{ HELLO "NOOP\n", "220 250", "", false, false },
		{ "EHLO x\nNOOP\r\nNOOP\n", "220 250 250 250", "", false, false },
		{ "EHLO x\nNO\rOP\n", "220 250 500", "", false, false },
		{ HELLO "NO\x01OP\r\nNOOP \x7f\r\n", "220 250 500 500", "", false, false },
		{ HELLO MAIL TO "DATA\r\nSubject: x\r\n", "220 250 250 250 354", "", true, false },
		{ HELLO MAIL TO "DATA\r\n.", "220 250 250 250 354", "", true, false },
		{ HELLO MAIL TO "DATA\r\n.\r", "220 250 250 250 354", "", true, false },
	};
	check_rows(rows, ARRAY_LEN(rows), false);
}

/* RFC 3030: octets are octets. */
static void test_chunks(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ HELLO MAIL TO "BDAT 3 LAST\r\na\n.QUIT\r\n", "220 250 250 250 250 221",
			"a@x>b@y:a\n.|", false, true },
		{ HELLO MAIL TO "BDAT 3\r\n.\r\nBDAT 5\r\nQUIT\nBDAT 0 LAST\r\nNOOP\r\n",
			"220 250 250 250 250 250 250 250", "a@x>b@y:.\r\nQUIT\n|", false, false },
		{ HELLO MAIL TO "bdat 0 last\r\n", "220 250 250 250 250", "a@x>b@y:|", false,
			false },
		{ HELLO MAIL TO "BDAT 2\r\nabDATA\r\nRCPT TO:<c@z>\r\nBDAT 1 LAST\r\nc",
			"220 250 250 250 250 503 503 250", "a@x>b@y:abc|", false, false },
		{ HELLO MAIL TO "BDAT 2\r\nabRSET\r\nBDAT 1 LAST\r\ncNOOP\r\n",
			"220 250 250 250 250 250 503 250", "", false, false },
		{ "BDAT 6 LAST\r\nQUIT\r\n" HELLO "BDAT 6\r\nQUIT\r\n" MAIL
		  "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
			"220 503 250 503 250 554 250", "", false, false },
		{ HELLO MAIL TO "BDAT x\r\nabc", "220 250 250 250 501", "", false, true },
		{ HELLO MAIL TO "BDAT\r\n", "220 250 250 250 501", "", false, true },
		{ HELLO MAIL TO "BDAT 5 LAST x\r\n", "220 250 250 250 501", "", false, true },
		{ HELLO MAIL TO "BDAT 99999999999999999999 LAST\r\n", "220 250 250 250 501", "",
			false, true },
		{ HELLO MAIL TO "BDAT 4\r\nab", "220 250 250 250", "", true, false },
		{ HELLO MAIL TO "BDAT 2\r\nab", "220 250 250 250 250", "", true, false },
		{ HELLO MAIL TO "BDAT 2\r\nabQUIT\r\n", "220 250 250 250 250 221", "", false,
			true },
	};
	check_rows(rows, ARRAY_LEN(rows), false);
}

/* The caller does not want it: all of it is read, and nothing of it taken for commands. */
static void test_refused(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ HELLO MAIL TO "DATA\r\nQUIT\r\n.\r\n" MAIL, "220 250 250 250 354 451 250", "",
			false, false },
		{ HELLO MAIL TO "BDAT 6 LAST\r\nQUIT\r\n" MAIL, "220 250 250 250 451 250", "",
			false, false },
		{ HELLO MAIL TO "BDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
			"220 250 250 250 451 503 250", "", false, false },
	};
	check_rows(rows, ARRAY_LEN(rows), true);
}

/* Nothing of a message that was dropped half way is left in the next. */
static void test_begins_anew(void **state)
{
	(void)state;
	struct heard h CLEAN_UP(heard_done) = { 0 };

	talk(STR(HELLO MAIL TO "BDAT 2\r\nabRSET\r\n" MAIL TO "DATA\r\nc\r\n.\r\n" MAIL TO
			       "DATA\r\n.\r\n"),
		SIZE_MAX, &h);
	assert_string_equal(buf_text(&h.messages), "a@x>b@y:c\r\n|a@x>b@y:|");
	assert_int_equal(h.begun, 3);
}

/* BS-03, BS-05: what is too long or too much is refused, in constant memory. */
static void test_limits(void **state)
{
	(void)state;
	struct buf in CLEAN_UP(buf_done) = BUF_INIT(1 << 24);

	for (size_t k = 0; k < ARRAY_LEN(cuts); k++) {
		struct heard h CLEAN_UP(heard_done) = { 0 };
		buf_clear(&in);
		buf_add(&in, STR(HELLO "NOOP "));
		for (size_t i = 0; i < SERVER_LINE - 5; i++)
			buf_char(&in, 'x');
		buf_add(&in, STR("\r\nNOOP "));
		for (size_t i = 0; i < SERVER_LINE - 4; i++)
			buf_char(&in, 'x');
		buf_add(&in, STR("\r\n"));
		for (size_t i = 0; i < 200000; i++)
			buf_char(&in, '\r');
		buf_add(&in, STR("\r\nNOOP\r\n"));
		talk(buf_str(&in), cuts[k], &h);
		assert_string_equal(buf_text(&h.codes), "220 250 250 500 500 250");
	}
	struct server *s = server_new("x");
	struct heard h CLEAN_UP(
		heard_done) = { BUF_INIT(1 << 24), BUF_INIT(1), BUF_INIT(1), BUF_INIT(1) };
	server_in(s, STR(HELLO MAIL));
	for (unsigned i = 0; i <= ENVELOPE_MAX; i++) {
		char line[64];
		assert_int_equal(act(s, &h), SERVER_READ);
		buf_clear(&h.out);
		text_fmt(line, sizeof(line), "RCPT TO:<u%u@x>\r\n", i);
		server_in(s, str_of(line));
	}
	assert_int_equal(act(s, &h), SERVER_READ);
	CHECK_STR("one more", str_head(buf_str(&h.out), 10), STR("452 4.5.3 "));
	server_free(s);
}

/* The end of a line that is too long is no command of its own, wherever it was cut. */
static void test_end_of_a_long_line(void **state)
{
	(void)state;
	char start[SERVER_LINE + 3];
	struct server *s = server_new("x");
	struct heard h CLEAN_UP(
		heard_done) = { BUF_INIT(1000), BUF_INIT(100), BUF_INIT(1), BUF_INIT(1) };

	memset(start, 'x', sizeof(start));
	start[sizeof(start) - 1] = 'N';
	assert_int_equal(act(s, &h), SERVER_READ);
	server_in(s, str_n(start, sizeof(start)));
	assert_int_equal(act(s, &h), SERVER_READ);
	server_in(s, STR("OOP\r\nNOOP\r\n"));
	assert_int_equal(act(s, &h), SERVER_READ);
	list_codes(&h);
	assert_string_equal(buf_text(&h.codes), "220 500 250");
	server_free(s);
}

/* Text of an answer that is none for a line of SMTP. */
static void test_answers(void **state)
{
	(void)state;
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(2000);
	struct server *s = server_new("x");
	struct heard h CLEAN_UP(
		heard_done) = { BUF_INIT(10000), BUF_INIT(100), BUF_INIT(1), BUF_INIT(100) };

	for (unsigned i = 0; i < 900; i++)
		buf_char(&text, (char)(1 + i % 255));
	server_in(s, STR(HELLO MAIL TO "DATA\r\n.\r\n"));
	for (enum server_want want = server_next(s); want != SERVER_MESSAGE; want = server_next(s))
		server_written(s, server_out(s).len);
	server_answer(s, 554, "5.0.0", buf_text(&text));
	assert_int_equal(act(s, &h), SERVER_READ);
	assert_int_equal(h.out.len, SERVER_REPLY);
	for (size_t i = 0; i < h.out.len - 2; i++)
		assert_true(h.out.data[i] >= ' ' && h.out.data[i] <= '~');
	assert_string_equal(h.out.data + h.out.len - 2, "\r\n");
	server_timed_out(s);
	buf_clear(&h.out);
	assert_int_equal(act(s, &h), SERVER_CLOSED);
	CHECK_STR("time", str_head(buf_str(&h.out), 10), STR("421 4.4.2 "));
	server_free(s);
}

static void test_keywords(void **state)
{
	(void)state;
	struct heard h CLEAN_UP(heard_done) = { 0 };

	talk(STR(HELLO), SIZE_MAX, &h);
	assert_string_equal(buf_text(&h.out),
		"220 here.test ESMTP postrider\r\n250-here.test\r\n250-PIPELINING\r\n250-SIZE\r\n"
		"250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250-CHUNKING\r\n"
		"250 ENHANCEDSTATUSCODES\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_begins_anew),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_end_of_a_long_line),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_keywords),
	};
	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}

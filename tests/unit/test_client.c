/* SPDX-License-Identifier: MIT */
/*
 * Properties of the engine that a transcript cannot show: what stands in one group, how much is
 * outstanding, when a reply counts, what is left in memory, how long is waited.
 */
#include "play.h"

#include <sysexits.h>

static void test_group_of_one(void **state)
{
	(void)state;
	struct play p = { 0 };
	start(&p, 1, HELLO);
	send_mail(&p, false);
	said(&p, MAIL "RCPT TO:<r0@x.example>\r\nDATA\r\n");
	hear(&p, "250 ok\r\n250 ok\r\n354 go\r\n");
	give_body(&p);
	said(&p, "test\r\n.\r\n");
	hear(&p, "250 2.0.0 queued\r\n");
	assert_int_equal(done(&p)->outcome, OUTCOME_ACCEPTED);
	assert_string_equal(done(&p)->err.said, "250 2.0.0 queued");
	assert_int_equal(p.env.rcpts[0].status, RCPT_ACCEPTED);
	client_quit(p.c);
	said(&p, "QUIT\r\n");
	play_done(&p);
}

static void test_group_of_two(void **state)
{
	(void)state;
	struct play p = { 0 };
	start(&p, 2, HELLO);
	send_mail(&p, false);
	said(&p, MAIL "RCPT TO:<r0@x.example>\r\nRCPT TO:<r1@x.example>\r\n");
	hear(&p, "250 ok\r\n250 ok\r\n");
	said(&p, "");
	hear(&p, "250 ok\r\n");
	said(&p, "DATA\r\n");
	play_done(&p);
}

static void test_no_pipelining(void **state)
{
	(void)state;
	struct play p = { 0 };
	start(&p, 1, "250 host.example\r\n");
	send_mail(&p, false);
	said(&p, MAIL_BARE);
	hear(&p, "250 ok\r\n");
	said(&p, "RCPT TO:<r0@x.example>\r\n");
	hear(&p, "250 ok\r\n");
	said(&p, "DATA\r\n");
	play_done(&p);
}

/* The reply that refuses says so in the error, in our words and in the server's. */
static void test_refusal_words(void **state)
{
	(void)state;
	struct play p = { 0 };
	start(&p, 1, HELLO);
	send_mail(&p, false);
	hear(&p, "250 ok\r\n550 5.1.1 no such user\r\n554 no valid recipients\r\n");
	hear(&p, "250 ok\r\n"); /* RSET */
	const struct client_result *r = done(&p);
	assert_int_equal(r->outcome, OUTCOME_REFUSED);
	assert_string_equal(r->err.what, "recipient <r0@x.example> was refused");
	assert_string_equal(r->err.said, "550 5.1.1 no such user");
	assert_int_equal(err_status(&r->err), EX_NOUSER);
	play_done(&p);
	start(&p, 1, HELLO);
	send_mail(&p, false);
	hear(&p, "550 5.7.1 not you\r\n503 no\r\n503 no\r\n");
	r = done(&p);
	assert_string_equal(r->err.what, "sender <me@x.example> was refused");
	assert_int_equal(err_status(&r->err), EX_NOPERM);
	play_done(&p);
}

/* One refused, one taken: all or none without `partial`, the one that was taken with it. */
static void test_partial(void **state)
{
	(void)state;
	static const struct {
		bool partial;
		const char *reply, *next;
	} rows[] = {
		{ false, "550 no\r\n", "RSET\r\n" },
		{ true, "550 no\r\n", "DATA\r\n" },
		{ true, "450 later\r\n", "RSET\r\n" },
		{ false, "250 ok\r\n", "DATA\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct play p = { 0 };
		start(&p, 2, HELLO);
		send_mail(&p, rows[i].partial);
		hear(&p, "250 ok\r\n250 ok\r\n");
		hear(&p, rows[i].reply);
		p.seen = p.wire.len;
		said(&p, rows[i].next);
		play_done(&p);
	}
}

static size_t lines(struct str s)
{
	size_t n = 0;

	while (s.len) {
		(void)str_cut(&s, '\n');
		n++;
	}
	return n;
}

/* 2,500 recipients: never more than 1,000 replies outstanding, and all get their own. */
static void test_awaited(void **state)
{
	(void)state;
	enum { RCPTS = 2500 };
	struct play p = { 0 };
	size_t replies = 0, most = 0, base;

	start(&p, RCPTS, HELLO);
	base = lines(buf_str(&p.wire));
	send_mail(&p, false);
	flush(&p);
	while (replies < RCPTS + 1) {
		size_t out = lines(buf_str(&p.wire)) - base - replies;
		most = out > most ? out : most;
		assert_true(out > 0);
		hear(&p, "250 ok\r\n");
		flush(&p);
		replies++;
	}
	assert_int_equal(most, CLIENT_AWAITED_MAX);
	assert_int_equal(envelope_tally(&p.env, RCPT_OK), RCPTS);
	assert_int_equal(lines(buf_str(&p.wire)) - base, RCPTS + 2);
	hear(&p, "354 go\r\n");
	give_body(&p);
	hear(&p, "250 ok\r\n");
	assert_int_equal(done(&p)->outcome, OUTCOME_ACCEPTED);
	play_done(&p);
}

/* Replies to commands that were not sent, or not wholly, or not yet. */
static void test_stray_at_start(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int status;
	} rows[] = {
		{ "220 hi\r\n250 host\r\n", EX_PROTOCOL },
		{ "220 hi\r\n221 bye\r\n", EX_PROTOCOL },
		{ "220 hi\r\n421 no\r\n", EX_TEMPFAIL },
		{ "220 hi\r\n554 no\r\n", EX_UNAVAILABLE },
		{ "250 hi\r\n", EX_PROTOCOL },
		{ "421 busy\r\n", EX_TEMPFAIL },
		{ "554 no\r\n", EX_UNAVAILABLE },
		{ "SSH-2.0\r\n", EX_PROTOCOL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct play p = { 0 };
		play_init(&p, 1);
		hear(&p, rows[i].text);
		CHECK_ROW(rows[i].text, client_next(p.c), CLIENT_CLOSED);
		CHECK_ROW(rows[i].text, err_status(client_error(p.c)), rows[i].status);
		play_done(&p);
	}
}

/* EHLO lies in out, partly written or not flushed: its reply cannot be there. */
static void test_before_flush(void **state)
{
	(void)state;
	static const size_t written[] = { 0, 5, 16, 17 };
	for (size_t i = 0; i < ARRAY_LEN(written); i++) {
		struct play p = { 0 };
		play_init(&p, 1);
		hear(&p, "220 hi\r\n");
		assert_int_equal(client_next(p.c), CLIENT_IO);
		sent(&p, written[i]);
		if (written[i] < 17)
			client_held(p.c, 0);
		client_in(p.c, STR(HELLO));
		assert_int_equal(client_next(p.c), CLIENT_CLOSED);
		assert_int_equal(client_error(p.c)->kind, ERR_PROTOCOL);
		play_done(&p);
	}
}

/* What has not begun to leave is not said to a server that has ended the session. */
static void test_commands_are_taken_back(void **state)
{
	(void)state;
	struct play p = { 0 };
	start(&p, 1, HELLO);
	send_mail(&p, false);
	assert_int_equal(client_next(p.c), CLIENT_IO);
	assert_true(client_out(p.c).len > 0);
	client_in(p.c, STR("421 4.3.2 going down\r\n"));
	assert_int_equal(client_next(p.c), CLIENT_DONE);
	CHECK_STR("taken back", client_out(p.c), STR(""));
	play_done(&p);
}

/* The limit is what was taken before the first answer that there are too many. */
static void test_limit_is_learnt_once(void **state)
{
	(void)state;
	struct play p = { 0 };
	start(&p, 4, HELLO);
	send_mail(&p, true);
	hear(&p, "250 ok\r\n250 ok\r\n452 4.5.3 too many\r\n250 ok\r\n452 4.5.3 too many\r\n");
	hear(&p, "354 go\r\n");
	give_body(&p);
	hear(&p, "250 2.0.0 ok\r\n");
	p.seen = p.wire.len;
	said(&p, MAIL "RCPT TO:<r1@x.example>\r\nDATA\r\n");
	play_done(&p);
}

/* A server repeats the secret in base64, at any place in a group of three octets: it is hidden. */
static void test_secret_in_base64(void **state)
{
	(void)state;
	static const char secret[] = "correct horse battery";
	for (size_t lead = 0; lead < 3; lead++) {
		struct buf plain CLEAN_UP(buf_done) = BUF_INIT(100);
		struct buf reply CLEAN_UP(buf_done) = BUF_INIT(200);
		struct play p = { .options = { .auth = true, .password = STR(secret) } };
		buf_bytes(&plain, "ab", lead);
		buf_add(&plain, STR(secret));
		buf_add(&reply, STR("554 5.7.1 "));
		buf_base64(&reply, buf_str(&plain));
		struct str inside = str_head(str_from(buf_str(&reply), 14), 12);
		char *part CLEAN_UP(mem_free_at) = mem_dup(inside.p, inside.len);
		buf_add(&reply, STR("\r\n"));
		play_init(&p, 1);
		hear(&p, buf_text(&reply));
		CHECK_ROW("shown", holds(buf_str(&p.talk), part), false);
		CHECK_ROW("told", holds(buf_str(&p.talk), "S: 554"), true);
		play_done(&p);
	}
}

static void at_body(struct play *p)
{
	start(p, 1, HELLO);
	send_mail(p, false);
	hear(p, "250 ok\r\n250 ok\r\n354 go\r\n");
	p->seen = p->wire.len;
}

/* The end of the message is not with the kernel: no 2yz can mean it. */
static void test_premature(void **state)
{
	(void)state;
	static const char *const texts[] = { "250 ok\r\n", "250 ok\r\n250 ok\r\n",
		"250 ok\r\n250 ok\r\n250 ok\r\n" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		for (size_t written = 0; written <= 9; written++) {
			struct play p = { 0 };
			at_body(&p);
			give_body(&p);
			sent(&p, written);
			if (written < 9)
				client_held(p.c, 0);
			client_in(p.c, str_of(texts[i]));
			const struct client_result *r = done(&p);
			CHECK_ROW(texts[i], r->outcome, OUTCOME_NOT_SENT);
			CHECK_ROW(texts[i], r->err.kind, ERR_PROTOCOL);
			play_done(&p);
		}
	}
}

/* Before the end of the body was even given. */
static void test_premature_in_body(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int status;
	} rows[] = {
		{ "250 ok\r\n", EX_PROTOCOL },
		{ "250 ok\r\n250 ok\r\n", EX_PROTOCOL },
		{ "354 go\r\n", EX_PROTOCOL },
		{ "421 no\r\n", EX_TEMPFAIL },
		{ "552 5.3.4 too big\r\n", EX_DATAERR },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct play p = { 0 };
		at_body(&p);
		assert_int_equal(client_next(p.c), CLIENT_BODY);
		assert_int_equal(client_body(p.c, STR("test\r\n")), 6);
		hear(&p, rows[i].text);
		const struct client_result *r = done(&p);
		CHECK_ROW(rows[i].text, r->outcome, OUTCOME_NOT_SENT);
		CHECK_ROW(rows[i].text, err_status(&r->err), rows[i].status);
		play_done(&p);
	}
}

/* A reply that began before the message was out is not the message's. */
static void test_premature_begun(void **state)
{
	(void)state;
	static const char *const parts[][2] = { { "2", "50 ok\r\n" }, { "250", " ok\r\n" },
		{ "250 ", "ok\r\n" }, { "250-a\r\n", "250 b\r\n" } };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		struct play p = { 0 };
		at_body(&p);
		give_body(&p);
		client_in(p.c, str_of(parts[i][0]));
		flush(&p);
		client_in(p.c, str_of(parts[i][1]));
		const struct client_result *r = done(&p);
		CHECK_ROW(parts[i][0], r->outcome != OUTCOME_ACCEPTED, true);
		play_done(&p);
	}
}

/* Two answers to one message: which counts, no one knows; a 421 behind it is no answer. */
static void test_twice(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum client_outcome outcome;
	} rows[] = {
		{ "250 ok\r\n", OUTCOME_ACCEPTED },
		{ "250 ok\r\n550 no\r\n", OUTCOME_UNKNOWN },
		{ "250 ok\r\n250 ok\r\n", OUTCOME_UNKNOWN },
		{ "550 no\r\n250 ok\r\n", OUTCOME_UNKNOWN },
		{ "250 ok\r\n421 bye\r\n", OUTCOME_ACCEPTED },
		{ "550 no\r\n421 bye\r\n", OUTCOME_REFUSED },
		{ "250 ok\r\n25", OUTCOME_ACCEPTED },
		{ "250 ok\r\nrubbish\r\n", OUTCOME_ACCEPTED },
		{ "450 4.2.0 later\r\n", OUTCOME_REFUSED },
		{ "421 bye\r\n", OUTCOME_REFUSED },
		{ "354 what\r\n", OUTCOME_UNKNOWN },
		{ "rubbish\r\n", OUTCOME_UNKNOWN },
		{ "250-ok\r\n550 no\r\n", OUTCOME_UNKNOWN },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct play p = { 0 };
		at_body(&p);
		give_body(&p);
		hear(&p, rows[i].text);
		CHECK_ROW(rows[i].text, done(&p)->outcome, rows[i].outcome);
		if (rows[i].outcome == OUTCOME_UNKNOWN)
			CHECK_ROW(rows[i].text, err_status(&done(&p)->err), EX_TEMPFAIL);
		play_done(&p);
	}
}

/* The connection ends while the final reply is under way. */
static void test_decided(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum client_outcome outcome;
	} rows[] = {
		{ "", OUTCOME_UNKNOWN },
		{ "2", OUTCOME_UNKNOWN },
		{ "250", OUTCOME_UNKNOWN },
		{ "250-", OUTCOME_UNKNOWN },
		{ "250-queued\r\n", OUTCOME_UNKNOWN },
		{ "250 ", OUTCOME_ACCEPTED },
		{ "250 2.0.0 que", OUTCOME_ACCEPTED },
		{ "250 ok\r", OUTCOME_ACCEPTED },
		{ "250-a\r\n250 ", OUTCOME_ACCEPTED },
		{ "250-a\r\n550 ", OUTCOME_UNKNOWN },
		{ "550 ", OUTCOME_REFUSED },
		{ "354 ", OUTCOME_UNKNOWN },
		{ "999 ", OUTCOME_UNKNOWN },
	};
	void (*const ends[])(struct client *) = { client_eof, client_timed_out };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t k = 0; k < ARRAY_LEN(ends); k++) {
			struct play p = { 0 };
			at_body(&p);
			give_body(&p);
			hear(&p, rows[i].text);
			ends[k](p.c);
			CHECK_ROW(rows[i].text, done(&p)->outcome, rows[i].outcome);
			play_done(&p);
		}
	}
}

/* Once the session is over, another message is told why; it is not taken for sent. */
static void test_after_end(void **state)
{
	(void)state;
	static const char *const ends[] = { "421 bye\r\n", "250 ok\r\n421 bye\r\n",
		"250 ok\r\n250 ok\r\n", "250 ok\r\nrubbish\r\n", "250 ", "550 ", "", "250-" };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct play p = { 0 };
		at_body(&p);
		give_body(&p);
		hear(&p, ends[i]);
		client_eof(p.c);
		assert_true(client_result(p.c)->outcome != OUTCOME_NOT_SENT);
		client_send(p.c, &p.env, &(struct client_message) { .size = 6 });
		CHECK_ROW(ends[i], client_next(p.c), CLIENT_DONE);
		CHECK_ROW(ends[i], client_error(p.c)->kind != ERR_NONE, true);
		CHECK_ROW(ends[i], client_error(p.c)->what[0] != '\0', true);
		CHECK_ROW(ends[i], client_result(p.c)->outcome, OUTCOME_NOT_SENT);
		CHECK_ROW(ends[i], err_status(&client_result(p.c)->err) != EX_OK, true);
		play_done(&p);
	}
}

/* The connection ends before the message was out: it was not sent, whatever lies in the reader. */
static void test_lost_early(void **state)
{
	(void)state;
	for (size_t written = 0; written < 9; written++) {
		struct play p = { 0 };
		at_body(&p);
		give_body(&p);
		client_in(p.c, STR("250 "));
		sent(&p, written);
		client_held(p.c, 0);
		client_eof(p.c);
		assert_int_equal(done(&p)->outcome, OUTCOME_NOT_SENT);
		assert_int_equal(err_status(&done(&p)->err), EX_TEMPFAIL);
		play_done(&p);
	}
}

/* A 354 that no recipient is left for gets a lone dot, and its answers mean nothing. */
static void test_empty_message(void **state)
{
	(void)state;
	static const char *const answers[] = { "250 ok\r\n", "554 no\r\n", "250 ok\r\n250 ok\r\n" };
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct play p = { 0 };
		start(&p, 1, HELLO);
		send_mail(&p, false);
		hear(&p, "250 ok\r\n550 no\r\n354 go\r\n");
		p.seen = p.wire.len;
		said(&p, ".\r\n");
		hear(&p, answers[i]);
		const struct client_result *r = done(&p);
		CHECK_ROW(answers[i], r->outcome, OUTCOME_REFUSED);
		CHECK_ROW(answers[i], err_status(&r->err), EX_NOUSER);
		play_done(&p);
	}
}

/* What is told if memory runs out: the status of the message, not of an empty one. */
static void test_verdict(void **state)
{
	(void)state;
	static const struct {
		const char *replies, *last;
		int status;
	} rows[] = {
		{ "250 ok\r\n250 ok\r\n354 go\r\n", "250 ok\r\n", EX_OK },
		{ "250 ok\r\n250 ok\r\n354 go\r\n", "554 no\r\n", EX_UNAVAILABLE },
		{ "250 ok\r\n250 ok\r\n354 go\r\n", "451 no\r\n", EX_TEMPFAIL },
		{ "250 ok\r\n250 ok\r\n354 go\r\n", "354 no\r\n", 99 },
		{ "550 no\r\n250 ok\r\n354 go\r\n", "250 ok\r\n", 99 },
		{ "250 ok\r\n550 no\r\n354 go\r\n", "250 ok\r\n", 99 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct play p = { 0 };
		verdict_set(99);
		start(&p, 1, HELLO);
		send_mail(&p, false);
		hear(&p, rows[i].replies);
		if (client_next(p.c) == CLIENT_BODY)
			give_body(&p);
		assert_int_equal(verdict_get(), 99);
		hear(&p, rows[i].last);
		CHECK_ROW(rows[i].replies, verdict_get(), rows[i].status);
		play_done(&p);
	}
}

/* No command slips into the message. */
static void test_quit_in_body(void **state)
{
	(void)state;
	struct play p = { 0 };
	at_body(&p);
	assert_int_equal(client_next(p.c), CLIENT_BODY);
	assert_int_equal(client_body(p.c, STR("te")), 2);
	client_quit(p.c);
	assert_int_equal(client_next(p.c), CLIENT_BODY);
	assert_int_equal(client_body(p.c, STR("st\r\n")), 4);
	client_body_end(p.c);
	said(&p, "test\r\n.\r\n");
	hear(&p, "250 ok\r\n");
	assert_int_equal(client_result(p.c)->outcome, OUTCOME_ACCEPTED);
	said(&p, "QUIT\r\n");
	play_done(&p);
}

/* A body larger than out, in pieces: all of it arrives, and out never grows. */
static void test_large_body(void **state)
{
	(void)state;
	struct play p = { 0 };
	size_t total = 0;

	at_body(&p);
	while (total < 1 << 20) {
		enum client_want want = client_next(p.c);
		if (want == CLIENT_BODY)
			total += client_body(p.c, STR("..\r\n.dots and a line of text\r\n"));
		assert_true(client_out(p.c).len <= CLIENT_OUT);
		if (want == CLIENT_IO || client_out(p.c).len > 50000) {
			sent(&p, client_out(p.c).len / 2 + 1);
			client_held(p.c, 0);
		}
	}
	flush(&p);
	client_body_end(p.c);
	hear(&p, "250 ok\r\n");
	assert_int_equal(done(&p)->outcome, OUTCOME_ACCEPTED);
	/* 3 dots in 32 octets, of which 2 begin a line */
	assert_true(p.wire.len > total + total / 32);
	play_done(&p);
}

static bool in_memory(const struct client *c, const char *secret)
{
	size_t n = strlen(secret);

	return memmem(c->out.data, c->out.cap, secret, n) || memmem(c, sizeof(*c), secret, n) ||
	       (c->reader.line.data && memmem(c->reader.line.data, c->reader.line.cap, secret, n));
}

static void start_auth(struct play *p)
{
	p->options.auth = true;
	start(p, 1, "250-h\r\n250 AUTH PLAIN LOGIN\r\n");
	assert_int_equal(client_next(p->c), CLIENT_AUTH);
	assert_int_equal(client_auth_state(p->c), CLIENT_AUTH_START);
}

/* After the secret was written nothing of it is left, in however many pieces it went. */
static void test_secret_wiped(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 40; piece += 3) {
		struct play p = { 0 };
		struct buf secret CLEAN_UP(buf_done) = BUF_INIT(100);
		buf_add(&secret, STR("QUJDREVGR0hJSktM"));
		start_auth(&p);
		client_auth(p.c, "PLAIN", &secret, CLIENT_AUTH_ENDS);
		assert_true(in_memory(p.c, "QUJDREVG"));
		while (client_out(p.c).len)
			sent(&p, client_out(p.c).len < piece ? client_out(p.c).len : piece);
		client_held(p.c, 0);
		assert_false(in_memory(p.c, "QUJDREVG"));
		assert_false(in_memory(p.c, "SktM"));
		said(&p, "AUTH PLAIN QUJDREVGR0hJSktM\r\n");
		hear(&p, "235 ok\r\n");
		assert_int_equal(client_next(p.c), CLIENT_IDLE);
		assert_false(holds(buf_str(&p.talk), "QUJD"));
		assert_true(holds(buf_str(&p.talk), "C: AUTH PLAIN (hidden)\n"));
		play_done(&p);
	}
}

/* The reply to the message counts as soon as its code is known, however long its words are. */
static void test_endless_words(void **state)
{
	(void)state;
	static const struct {
		const char *begin;
		enum client_outcome outcome;
	} rows[] = {
		{ "250 2.0.0 kept ", OUTCOME_ACCEPTED },
		{ "554 5.7.1 no ", OUTCOME_REFUSED },
		{ "250-2.0.0 kept ", OUTCOME_UNKNOWN },
		{ "250", OUTCOME_UNKNOWN },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct play p = { 0 };
		struct buf words CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
		start(&p, 1, HELLO);
		send_mail(&p, false);
		hear(&p, "250 ok\r\n250 ok\r\n354 go\r\n");
		give_body(&p);
		flush(&p);
		buf_add(&words, str_of(rows[i].begin));
		while (words.len < 2 * REPLY_LINE_MAX)
			buf_char(&words, 'x');
		buf_add(&words, STR("\r\n"));
		for (struct str rest = buf_str(&words); rest.len; rest = str_from(rest, 4000))
			client_in(p.c, str_head(rest, 4000));
		CHECK_ROW(rows[i].begin, done(&p)->outcome, rows[i].outcome);
		CHECK_ROW(rows[i].begin, client_is_closed(p.c), true);
		play_done(&p);
	}
}

/* Challenges, answers, an empty initial response, and giving up. */
static void test_auth(void **state)
{
	(void)state;
	struct play p = { 0 };
	struct buf empty CLEAN_UP(buf_done) = BUF_INIT(10);
	struct err why;

	start_auth(&p);
	client_auth(p.c, "LOGIN", NULL, CLIENT_AUTH_GOES_ON);
	said(&p, "AUTH LOGIN\r\n");
	hear(&p, "334 VXNlcm5hbWU6\r\n");
	assert_int_equal(client_next(p.c), CLIENT_AUTH);
	assert_int_equal(client_auth_state(p.c), CLIENT_AUTH_CHALLENGE);
	CHECK_TEXT("challenge", client_challenge(p.c), "VXNlcm5hbWU6");
	client_auth_answer(p.c, STR("U0VDUkVU"), CLIENT_AUTH_GOES_ON);
	said(&p, "U0VDUkVU\r\n");
	assert_false(in_memory(p.c, "U0VDUkVU"));
	assert_false(holds(buf_str(&p.talk), "U0VDUkVU"));
	hear(&p, "334 \r\n");
	err_set(&why, ERR_CONFIG, "no password");
	client_auth_give_up(p.c, &why);
	said(&p, "*\r\n");
	hear(&p, "501 given up\r\n");
	assert_int_equal(client_next(p.c), CLIENT_CLOSED);
	assert_string_equal(client_error(p.c)->what, "no password");
	play_done(&p);

	start_auth(&p);
	client_auth(p.c, "EXTERNAL", &empty, CLIENT_AUTH_ENDS);
	said(&p, "AUTH EXTERNAL =\r\n");
	hear(&p, "504 5.5.4 unknown\r\n");
	assert_int_equal(client_next(p.c), CLIENT_AUTH);
	assert_int_equal(client_auth_state(p.c), CLIENT_AUTH_REFUSED);
	client_auth(p.c, "LOGIN", NULL, CLIENT_AUTH_GOES_ON);
	hear(&p, "235 too early\r\n");
	assert_int_equal(client_next(p.c), CLIENT_CLOSED);
	assert_int_equal(err_status(client_error(p.c)), EX_NOPERM);
	play_done(&p);
}

/* An initial response that the command has no room for waits for the empty challenge. */
static void test_auth_held(void **state)
{
	(void)state;
	static const struct {
		const char *says, *answer;
		int status;
	} rows[] = {
		{ "334 \r\n", NULL, EX_OK },
		{ "334 YQ==\r\n", "*\r\n", EX_NOPERM },
		{ "235 welcome\r\n", "", EX_NOPERM },
		{ "454 4.7.0 later\r\n", "", EX_TEMPFAIL },
	};
	struct buf long_one CLEAN_UP(buf_done) = BUF_INIT(600);
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(700);

	while (long_one.len < CLIENT_COMMAND - 11)
		buf_char(&long_one, "QUJD"[long_one.len % 4]);
	buf_fmt(&line, "AUTH PLAIN %s\r\n", buf_text(&long_one));
	struct play p = { 0 };
	start_auth(&p);
	client_auth(p.c, "PLAIN", &long_one, CLIENT_AUTH_ENDS);
	said(&p, buf_text(&line));
	play_done(&p);

	buf_add(&long_one, STR("Q"));
	buf_clear(&line);
	buf_fmt(&line, "%s\r\n", buf_text(&long_one));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start_auth(&p);
		client_auth(p.c, "PLAIN", &long_one, CLIENT_AUTH_ENDS);
		said(&p, "AUTH PLAIN\r\n");
		hear(&p, rows[i].says);
		said(&p, rows[i].answer ? rows[i].answer : buf_text(&line));
		assert_false(in_memory(p.c, "QUJDQUJD"));
		assert_false(holds(buf_str(&p.talk), "QUJDQUJD"));
		if (!rows[i].answer || rows[i].answer[0])
			hear(&p, rows[i].answer ? "501 no\r\n" : "235 ok\r\n");
		assert_int_equal(client_next(p.c), rows[i].status ? CLIENT_CLOSED : CLIENT_IDLE);
		CHECK_ROW("status", err_status(client_error(p.c)), rows[i].status);
		play_done(&p);
	}
}

/* A challenge is handed on as it came, also where it quotes us; one that was cut is not. */
static void test_auth_challenge(void **state)
{
	(void)state;
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(REPLY_LINE_MAX);
	struct buf first CLEAN_UP(buf_done) = BUF_INIT(100);
	struct play p = { 0 };

	buf_add(&first, STR("biwsbj1qb2Uscj1OT05DRQ=="));
	start_auth(&p);
	client_auth(p.c, "SCRAM-SHA-1", &first, CLIENT_AUTH_GOES_ON);
	hear(&p, "334 biwsbj1qb2Uscj1OT05DRQ==\r\n");
	assert_int_equal(client_next(p.c), CLIENT_AUTH);
	CHECK_TEXT("challenge", client_challenge(p.c), "biwsbj1qb2Uscj1OT05DRQ==");
	assert_true(holds(buf_str(&p.talk), "334 (hidden)"));
	play_done(&p);

	for (size_t n = REPLY_LINE_AUTH - 5; n < REPLY_LINE_AUTH + 2000; n += 999) {
		bool fits = n + 5 <= REPLY_LINE_AUTH; /* "334 " and CR */
		buf_clear(&line);
		buf_add(&line, STR("334 "));
		while (line.len < n + 4)
			buf_char(&line, 'A');
		buf_add(&line, STR("\r\n"));
		start_auth(&p);
		client_auth(p.c, "LOGIN", NULL, CLIENT_AUTH_GOES_ON);
		hear(&p, buf_text(&line));
		assert_int_equal(client_next(p.c), fits ? CLIENT_AUTH : CLIENT_IO);
		if (fits)
			CHECK_ROW("challenge", client_challenge(p.c).len, n);
		play_done(&p);
	}
}

/* Once it was cancelled, the reason stands whatever comes. */
static void test_auth_cancelled(void **state)
{
	(void)state;
	static const char *const ends[] = { "501 no\r\n", "334 \r\n", "235 ok\r\n", "421 bye\r\n",
		"454 4.7.0 later\r\n", "nonsense\r\n", "501 no\r\n250 ok\r\n", NULL };
	struct err why;

	err_set(&why, ERR_NOPERM, "the reason");
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct play p = { 0 };
		start_auth(&p);
		client_auth(p.c, "LOGIN", NULL, CLIENT_AUTH_GOES_ON);
		hear(&p, "334 YQ==\r\n");
		client_auth_give_up(p.c, &why);
		said(&p, "AUTH LOGIN\r\n*\r\n");
		if (ends[i])
			hear(&p, ends[i]);
		else
			client_eof(p.c);
		assert_int_equal(client_next(p.c), CLIENT_CLOSED);
		assert_string_equal(client_error(p.c)->what, "the reason");
		play_done(&p);
	}
}

/* A server that asks for ever, and one that asks twice without an answer. */
static void test_auth_endless(void **state)
{
	(void)state;
	struct play p = { 0 };
	size_t rounds = 0;

	start_auth(&p);
	client_auth(p.c, "LOGIN", NULL, CLIENT_AUTH_GOES_ON);
	for (;;) {
		hear(&p, "334 YQ==\r\n");
		if (client_next(p.c) != CLIENT_AUTH)
			break;
		client_auth_answer(p.c, STR("YQ=="), CLIENT_AUTH_GOES_ON);
		assert_true(++rounds <= CLIENT_AUTH_ROUNDS);
	}
	assert_int_equal(rounds, CLIENT_AUTH_ROUNDS);
	p.seen = p.wire.len;
	said(&p, "*\r\n");
	hear(&p, "501 5.7.0 as you like\r\n");
	assert_int_equal(client_next(p.c), CLIENT_CLOSED);
	assert_int_equal(client_error(p.c)->kind, ERR_NOPERM);
	play_done(&p);

	for (int together = 0; together < 2; together++) {
		start_auth(&p);
		client_auth(p.c, "LOGIN", NULL, CLIENT_AUTH_GOES_ON);
		hear(&p, together ? "334 YQ==\r\n334 YQ==\r\n" : "334 YQ==\r\n");
		if (!together)
			client_in(p.c, STR("235 ok\r\n"));
		assert_int_equal(client_next(p.c), CLIENT_CLOSED);
		assert_int_equal(client_error(p.c)->kind, ERR_PROTOCOL);
		play_done(&p);
	}
}

/* What came behind the reply to STARTTLS was not protected: the session ends. */
static void test_starttls(void **state)
{
	(void)state;
	for (int later = 0; later < 3; later++) {
		struct play p = { .options = { .starttls = true } };
		start(&p, 1, "250-h\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n");
		said(&p, "STARTTLS\r\n");
		hear(&p, later == 1 ? "220 go\r\n250 ok\r\n" : "220 go\r\n");
		if (later == 2)
			client_in(p.c, STR("\n"));
		if (later) {
			assert_int_equal(client_next(p.c), CLIENT_CLOSED);
			assert_int_equal(client_error(p.c)->kind, ERR_PROTOCOL);
			assert_true(holds(str_of(client_error(p.c)->what), "more than its reply"));
			assert_true(holds(str_of(client_error(p.c)->hint), "tampering"));
			play_done(&p);
			continue;
		}
		assert_int_equal(client_next(p.c), CLIENT_TLS);
		assert_true(client_capabilities(p.c)->auth);
		client_tls_done(p.c);
		assert_false(client_capabilities(p.c)->auth);
		said(&p, "EHLO me.example\r\n");
		hear(&p, "250 h\r\n");
		assert_int_equal(client_next(p.c), CLIENT_IDLE);
		assert_false(client_capabilities(p.c)->starttls);
		play_done(&p);
	}
}

static int64_t seconds(struct play *p)
{
	flush(p);
	return client_timeout_ms(p->c) / 1000;
}

static void walk_timeouts(unsigned all, unsigned last)
{
	struct play p = { .options = { .timeout = all, .timeout_final = last } };

	play_init(&p, 2);
	assert_int_equal(seconds(&p), all ? all : 300);
	hear(&p, "220 hi\r\n");
	assert_int_equal(seconds(&p), all ? all : 300);
	hear(&p, HELLO);
	send_mail(&p, false);
	assert_int_equal(seconds(&p), all ? all : 300); /* MAIL */
	hear(&p, "250 ok\r\n");
	assert_int_equal(seconds(&p), all ? all : 300); /* RCPT */
	hear(&p, "250 ok\r\n250 ok\r\n");
	assert_int_equal(seconds(&p), all ? all : 120); /* DATA */
	hear(&p, "354 go\r\n");
	give_body(&p);
	assert_int_equal(client_timeout_ms(p.c) / 1000, all ? all : 180); /* still writing */
	assert_int_equal(seconds(&p), last ? last : 600);
	hear(&p, "25");
	assert_int_equal(seconds(&p), last ? last : 600);
	hear(&p, "0 o");
	assert_int_equal(client_timeout_ms(p.c), CLIENT_DECIDED_MS);
	hear(&p, "k\r\n");
	client_quit(p.c);
	if (!all)
		assert_int_equal(seconds(&p), 5);
	play_done(&p);
}

static void test_timeouts(void **state)
{
	(void)state;
	walk_timeouts(0, 0);
	walk_timeouts(20, 0);
	walk_timeouts(0, 30);
	walk_timeouts(20, 30);
}

/* Progress is a reply, or the whole of out with the kernel; not a single octet. */
static void test_progress(void **state)
{
	(void)state;
	struct play p = { 0 };
	play_init(&p, 1);
	uint64_t before = client_progress(p.c);
	client_in(p.c, STR("220 h"));
	assert_int_equal(client_progress(p.c), before);
	client_in(p.c, STR("i\r\n"));
	assert_true(client_progress(p.c) > before);
	before = client_progress(p.c);
	client_next(p.c);
	sent(&p, 3);
	client_held(p.c, 0);
	assert_int_equal(client_progress(p.c), before);
	flush(&p);
	assert_true(client_progress(p.c) > before);
	play_done(&p);
}

/* What the server is bound to refuse is not sent, and the session stays usable. */
static void test_options(void **state)
{
	(void)state;
	struct play p = { 0 };
	start(&p, 1, "250-h\r\n250 SIZE 100\r\n");
	assert_int_equal(client_next(p.c), CLIENT_IDLE);
	client_send(p.c, &p.env, &(struct client_message) { .size = 101 });
	assert_int_equal(err_status(&done(&p)->err), EX_DATAERR);
	client_send(p.c, &p.env, &(struct client_message) { .size = 100, .eightbit = true });
	assert_int_equal(err_status(&done(&p)->err), EX_DATAERR);
	said(&p, "");
	client_send(p.c, &p.env, &(struct client_message) { .size = 100 });
	said(&p, "MAIL FROM:<me@x.example> SIZE=100\r\n");
	play_done(&p);
}

static void injects(void)
{
	struct play p = { 0 };
	verdict_set(EX_SOFTWARE);
	play_init(&p, 1);
	p.c->options.helo = "x\r\nMAIL FROM:<>";
	hear(&p, "220 hi\r\n");
	flush(&p);
}

static void test_injection(void **state)
{
	(void)state;
	assert_int_equal(dies(injects), EX_SOFTWARE);
}

/* Part of a group stands in a layer's buffer: replies to the part that has left are in step. */
static void replies_while_the_rest_is_held(void **state)
{
	struct play p = { 0 };
	size_t half;

	(void)state;
	start(&p, 10, HELLO);
	send_mail(&p, true);
	assert_int_equal(client_next(p.c), CLIENT_IO);
	half = strlen("MAIL FROM:<me@x.example> SIZE=6\r\nRCPT TO:<r0@x.example>\r\n");
	size_t all = client_out(p.c).len;
	sent(&p, all);
	client_held(p.c, all - half);
	client_in(p.c, STR("250 ok\r\n250 ok\r\n"));
	assert_int_equal(client_next(p.c), CLIENT_IO);
	assert_int_equal(p.env.rcpts[0].status, RCPT_OK);
	client_in(p.c, STR("250 too early\r\n"));
	assert_int_equal(client_next(p.c), CLIENT_DONE);
	assert_int_equal(err_status(&client_result(p.c)->err), EX_PROTOCOL);
	play_done(&p);
}

/* The last octet of a chunk is its end: the server's answer to it is never too early. */
static void chunk_answered_at_its_last_octet(void **state)
{
	struct play p = { .chunked = true };

	(void)state;
	start(&p, 1, "250-host.example\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
	send_mail(&p, true);
	assert_int_equal(client_next(p.c), CLIENT_BODY);
	assert_int_equal(client_body(p.c, STR("test")), 4);
	assert_int_equal(client_next(p.c), CLIENT_BODY);
	assert_int_equal(client_body_at(p.c), 4);
	assert_int_equal(client_body(p.c, STR("\r\n")), 2);
	sent(&p, client_out(p.c).len);
	client_held(p.c, 0);
	said(&p, MAIL_BARE "RCPT TO:<r0@x.example>\r\nBDAT 6 LAST\r\ntest\r\n");
	client_in(p.c, STR("250 ok\r\n250 ok\r\n250 2.0.0 taken\r\n"));
	assert_int_equal(done(&p)->outcome, OUTCOME_ACCEPTED);
	play_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_group_of_one),
		cmocka_unit_test(test_group_of_two),
		cmocka_unit_test(test_no_pipelining),
		cmocka_unit_test(test_refusal_words),
		cmocka_unit_test(test_partial),
		cmocka_unit_test(test_awaited),
		cmocka_unit_test(test_stray_at_start),
		cmocka_unit_test(test_before_flush),
		cmocka_unit_test(test_commands_are_taken_back),
		cmocka_unit_test(test_limit_is_learnt_once),
		cmocka_unit_test(test_secret_in_base64),
		cmocka_unit_test(test_premature),
		cmocka_unit_test(test_premature_in_body),
		cmocka_unit_test(test_premature_begun),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_decided),
		cmocka_unit_test(test_after_end),
		cmocka_unit_test(test_lost_early),
		cmocka_unit_test(test_empty_message),
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_quit_in_body),
		cmocka_unit_test(test_large_body),
		cmocka_unit_test(test_secret_wiped),
		cmocka_unit_test(test_endless_words),
		cmocka_unit_test(test_auth),
		cmocka_unit_test(test_auth_held),
		cmocka_unit_test(test_auth_challenge),
		cmocka_unit_test(test_auth_cancelled),
		cmocka_unit_test(test_auth_endless),
		cmocka_unit_test(test_starttls),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_injection),
		cmocka_unit_test(replies_while_the_rest_is_held),
		cmocka_unit_test(chunk_answered_at_its_last_octet),
	};
	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}

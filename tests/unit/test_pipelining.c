/* SPDX-License-Identifier: MIT */
/*
 * Properties of flights, transactions and sessions of several messages that a transcript cannot
 * show: windows, times, what a message leaves behind for the next, and that work grows with the
 * recipients and not with their square.
 */
#include "play.h"

#include <sysexits.h>

#define FULL_HELLO "250-host.example\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 AUTH PLAIN\r\n"
#define PLAIN "AUTH PLAIN c2VjcmV0\r\n"

/* A session in which the message leaves with AUTH as far as the flights allow. */
static void start_split(struct play *p, size_t rcpts, enum client_pipelining flights, unsigned most)
{
	struct buf secret CLEAN_UP(buf_done) = BUF_INIT(100);

	p->options.auth = true;
	start(p, rcpts, FULL_HELLO);
	buf_add(&secret, STR("c2VjcmV0"));
	client_pipeline(p->c, flights);
	client_send(p->c, &p->env,
		&(struct client_message) {
			.size = 6, .partial = true, .chunked = p->chunked, .rcpt_max = most });
	assert_int_equal(client_next(p->c), CLIENT_AUTH);
	client_auth(p->c, "PLAIN", &secret, CLIENT_AUTH_ENDS);
	client_next(p->c);
	p->seen = p->wire.len;
}

static void start_flight(struct play *p, size_t rcpts, enum client_pipelining flights)
{
	start_split(p, rcpts, flights, 0);
}

static void send_options(struct play *p, struct client_message mail)
{
	mail.size = 6;
	mail.chunked = p->chunked;
	assert_int_equal(client_next(p->c), CLIENT_IDLE);
	client_send(p->c, &p->env, &mail);
}

/* Whatever was said, only what is said from here on counts. */
static void settle(struct play *p)
{
	flush(p);
	p->seen = p->wire.len;
}

static void test_flights(void **state)
{
	(void)state;
	static const struct {
		enum client_pipelining flights;
		const char *with_auth, *after_auth;
	} rows[] = {
		{ PIPELINE_OFF, PLAIN, MAIL_BARE },
		{ PIPELINE_BASIC, PLAIN, MAIL_BARE "RCPT TO:<r0@x.example>\r\nBDAT 6 LAST\r\n" },
		{ PIPELINE_TO_RCPT, PLAIN MAIL_BARE "RCPT TO:<r0@x.example>\r\n", "" },
		{ PIPELINE_ALL, PLAIN MAIL_BARE "RCPT TO:<r0@x.example>\r\nBDAT 6 LAST\r\n", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct play p = { .chunked = true };
		start_flight(&p, 1, rows[i].flights);
		CHECK_TEXT("with AUTH", client_out(p.c), rows[i].with_auth);
		settle(&p);
		if (rows[i].flights == PIPELINE_ALL)
			give_body(&p);
		settle(&p);
		hear(&p, "235 yes\r\n");
		(void)client_next(p.c);
		CHECK_TEXT("after AUTH", client_out(p.c), rows[i].after_auth);
		play_done(&p);
	}
}

/* A chunk's size is known: the server may answer with its last octet, whoever tells us the end. */
static void test_chunk_ends(void **state)
{
	(void)state;
	struct play p = { .chunked = true };

	start(&p, 1, FULL_HELLO);
	send_mail(&p, true);
	assert_int_equal(client_next(p.c), CLIENT_BODY);
	assert_int_equal(client_body(p.c, STR("test\r")), 5);
	assert_int_equal(client_next(p.c), CLIENT_BODY);
	assert_int_equal(client_body(p.c, STR("\n")), 1);
	flush(&p);
	client_in(p.c, STR("250 ok\r\n250 ok\r\n250 taken\r\n"));
	assert_int_equal(done(&p)->outcome, OUTCOME_ACCEPTED);
	client_body_end(p.c);
	CHECK_TEXT("nothing more", client_out(p.c), "");
	play_done(&p);
}

/* --- the end of a session --- */

/* QUIT stands behind nothing that ends a group: it could be taken for the message's first line. */
static void test_quit_in_group(void **state)
{
	(void)state;
	struct play p = { .options = { .auth = true } };

	start_flight(&p, 1, PIPELINE_TO_RCPT);
	hear(&p, "535 5.7.8 no\r\n");
	assert_int_equal(client_next(p.c), CLIENT_DONE);
	settle(&p);
	client_quit(p.c);
	CHECK_TEXT("behind RCPT", client_out(p.c), "QUIT\r\n");
	play_done(&p);

	start_flight(&p, 1, PIPELINE_ALL);
	hear(&p, "535 5.7.8 no\r\n");
	assert_int_equal(done(&p)->outcome, OUTCOME_NOT_SENT);
	assert_true(holds(buf_str(&p.wire), "DATA\r\n"));
	client_quit(p.c);
	CHECK_TEXT("behind DATA", client_out(p.c), "");
	play_done(&p);
}

/* A refused password is not tried again for the next transaction; nor do the others go without. */
static void test_refused_in_split(void **state)
{
	(void)state;
	struct play p = { .chunked = true };

	start_split(&p, 2, PIPELINE_ALL, 1);
	settle(&p);
	give_body(&p);
	settle(&p);
	hear(&p, "535 5.7.8 no\r\n250 ok\r\n250 ok\r\n250 taken\r\n");
	assert_int_equal(done(&p)->outcome, OUTCOME_NOT_SENT);
	assert_int_equal(err_status(&done(&p)->err), EX_TEMPFAIL);
	assert_true(holds(str_of(done(&p)->err.what), "1 of 2 recipients have the message"));
	assert_int_equal(p.env.rcpts[0].status, RCPT_ACCEPTED);
	assert_int_equal(p.env.rcpts[1].status, RCPT_PENDING);
	said(&p, "");
	play_done(&p);
}

static void lose(struct client *c)
{
	client_in(c, STR("552 5.3.4 too much\r\n"));
}

/* How much of the message has left decides whether one octet more may. */
static void test_torn(void **state)
{
	(void)state;
	void (*const ends[])(struct client *) = { client_eof, client_timed_out, lose };
	for (size_t e = 0; e < ARRAY_LEN(ends); e++) {
		for (size_t written = 0; written <= 9; written++) {
			struct play p = { 0 };
			start(&p, 1, HELLO);
			send_mail(&p, false);
			hear(&p, "250 ok\r\n250 ok\r\n354 go\r\n");
			give_body(&p);
			sent(&p, written);
			client_held(p.c, 0);
			ends[e](p.c);
			assert_int_equal(client_next(p.c), CLIENT_DONE);
			CHECK_ROW("torn", client_is_cut_short(p.c), written < 9);
			struct str left = client_out(p.c);
			client_quit(p.c);
			(void)client_next(p.c);
			CHECK_ROW("quiet", client_out(p.c).len == left.len, written < 9 || e < 2);
			play_done(&p);
		}
	}
}

/* Before the message was begun nothing can be torn; inside a chunk everything is. */
static void test_torn_chunk(void **state)
{
	(void)state;
	for (int begun = 0; begun < 2; begun++) {
		struct play p = { .chunked = true };
		start(&p, begun ? 1 : 2, FULL_HELLO);
		send_mail(&p, true);
		settle(&p);
		hear(&p, "250 ok\r\n");
		if (begun)
			assert_int_equal(client_body(p.c, STR("tes")), 3);
		client_eof(p.c);
		assert_int_equal(done(&p)->outcome, OUTCOME_NOT_SENT);
		CHECK_ROW("torn", client_is_cut_short(p.c), begun);
		play_done(&p);
	}
}

/* --- times --- */

static int64_t seconds(struct play *p)
{
	flush(p);
	return client_timeout_ms(p->c) / 1000;
}

/* After 235 in a first contact silence says: the rest was not read. */
static void test_silence(void **state)
{
	(void)state;
	static const struct {
		enum client_pipelining flights;
		unsigned timeout;
		int64_t before, after, later;
	} rows[] = {
		{ PIPELINE_BASIC, 0, 300, 300, 300 },
		{ PIPELINE_TO_RCPT, 0, 300, 30, 300 },
		{ PIPELINE_TO_RCPT, 60, 60, 30, 60 },
		{ PIPELINE_TO_RCPT, 4, 4, 4, 4 },
		{ PIPELINE_ALL, 0, 300, 300, 300 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct play p = { .options = { .timeout = rows[i].timeout } };
		start_flight(&p, 2, rows[i].flights);
		CHECK_ROW("before", seconds(&p), rows[i].before);
		hear(&p, "235 yes\r\n");
		CHECK_ROW("after", seconds(&p), rows[i].after);
		hear(&p, "250 ok\r\n");
		CHECK_ROW("later", seconds(&p), rows[i].later);
		play_done(&p);
	}
}

/* The same silence is why the flight is blamed, and another connection tried. */
static void test_silence_is_to_blame(void **state)
{
	(void)state;
	static const struct {
		const char *heard;
		bool failed;
	} rows[] = { { "", false }, { "235 yes\r\n", true }, { "235 yes\r\n250 ok\r\n", false } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct play p = { 0 };
		start_flight(&p, 1, PIPELINE_TO_RCPT);
		hear(&p, rows[i].heard);
		flush(&p);
		client_timed_out(p.c);
		assert_int_equal(done(&p)->outcome, OUTCOME_NOT_SENT);
		CHECK_ROW(rows[i].heard, client_pipelining_failed(p.c), rows[i].failed);
		play_done(&p);
	}
}

/* Nobody waits long for RSET once the result is known; the final reply has its own time. */
static void test_times_of_the_rest(void **state)
{
	(void)state;
	struct play p = { .options = { .timeout = 30, .timeout_final = 900 } };

	start(&p, 2, HELLO);
	send_mail(&p, true);
	hear(&p, "250 ok\r\n450 later\r\n250 ok\r\n");
	(void)client_next(p.c);
	CHECK_TEXT("dropped", client_out(p.c), "RSET\r\n");
	assert_int_equal(seconds(&p), 5);
	hear(&p, "250 ok\r\n");
	assert_int_equal(done(&p)->outcome, OUTCOME_REFUSED);
	client_send(p.c, &p.env, &(struct client_message) { .size = 6 });
	hear(&p, "250 ok\r\n250 ok\r\n250 ok\r\n");
	hear(&p, "354 go\r\n");
	give_body(&p);
	assert_int_equal(seconds(&p), 900);
	hear(&p, "250 o");
	assert_int_equal(client_timeout_ms(p.c), CLIENT_DECIDED_MS);
	hear(&p, "k\r\n");
	assert_int_equal(done(&p)->outcome, OUTCOME_ACCEPTED);
	client_in(p.c, STR("421-half of what nobody asked for\r\n"));
	client_send(p.c, &p.env, &(struct client_message) { .size = 6 });
	assert_int_equal(client_next(p.c), CLIENT_IO);
	assert_int_equal(client_timeout_ms(p.c), CLIENT_DECIDED_MS);
	play_done(&p);
}

/* --- what has arrived --- */

/* C7: the message's own reply alone must not come before the message has arrived. */
static void test_acknowledged(void **state)
{
	(void)state;
	static const struct {
		bool envelope, message; /* acknowledged when these replies are read */
		enum client_outcome outcome;
	} rows[] = {
		{ true, true, OUTCOME_ACCEPTED },
		{ false, true, OUTCOME_ACCEPTED },
		{ true, false, OUTCOME_UNKNOWN },
		{ false, false, OUTCOME_UNKNOWN },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct play p = { .chunked = true };
		start(&p, 1, FULL_HELLO);
		send_mail(&p, true);
		give_body(&p);
		flush(&p);
		client_acknowledged(p.c, rows[i].envelope);
		client_in(p.c, STR("250 ok\r\n"));
		client_acknowledged(p.c, rows[i].envelope);
		client_in(p.c, STR("250 ok\r\n"));
		client_acknowledged(p.c, rows[i].message);
		client_in(p.c, STR("250 taken\r\n"));
		CHECK_ROW("outcome", done(&p)->outcome, rows[i].outcome);
		play_done(&p);
	}
}

/* --- several messages --- */

/* What the first message came to leaves the session as the second needs it. */
static void test_after_a_message(void **state)
{
	(void)state;
#define RCPT_0 "RCPT TO:<r0@x.example>\r\n"
	static const struct {
		bool chunking;
		const char *replies, *rest, *second;
		enum client_outcome outcome;
	} rows[] = {
		{ false, "250 ok\r\n250 ok\r\n354 go\r\n", "250 ok\r\n",
			MAIL_BARE RCPT_0 "DATA\r\n", OUTCOME_ACCEPTED },
		{ false, "250 ok\r\n250 ok\r\n354 go\r\n", "554 no\r\n",
			MAIL_BARE RCPT_0 "DATA\r\n", OUTCOME_REFUSED },
		{ false, "550 no\r\n503 no\r\n503 no\r\n", "", MAIL_BARE RCPT_0 "DATA\r\n",
			OUTCOME_REFUSED },
		{ false, "250 ok\r\n550 no\r\n554 no\r\n", "250 forgotten\r\n",
			MAIL_BARE RCPT_0 "DATA\r\n", OUTCOME_REFUSED },
		{ false, "250 ok\r\n250 ok\r\n554 no\r\n", "250 forgotten\r\n",
			MAIL_BARE RCPT_0 "DATA\r\n", OUTCOME_REFUSED },
		{ false, "250 ok\r\n550 no\r\n354 go\r\n", "554 no\r\n",
			MAIL_BARE RCPT_0 "DATA\r\n", OUTCOME_REFUSED },
		{ true, "250 ok\r\n250 ok\r\n", "250 ok\r\n", MAIL_BARE RCPT_0 "BDAT 6 LAST\r\n",
			OUTCOME_ACCEPTED },
		{ true, "250 ok\r\n250 ok\r\n", "554 no\r\n",
			"RSET\r\n" MAIL_BARE RCPT_0 "BDAT 6 LAST\r\n", OUTCOME_REFUSED },
		{ true, "250 ok\r\n550 no\r\n", "503 no\r\n",
			"RSET\r\n" MAIL_BARE RCPT_0 "BDAT 6 LAST\r\n", OUTCOME_REFUSED },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct play p = { .chunked = rows[i].chunking };
		start(&p, 1, "250-h\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
		send_mail(&p, true);
		flush(&p);
		if (rows[i].chunking)
			give_body(&p);
		hear(&p, rows[i].replies);
		if (client_next(p.c) == CLIENT_BODY)
			give_body(&p);
		hear(&p, rows[i].rest);
		CHECK_ROW(rows[i].replies, done(&p)->outcome, rows[i].outcome);
		p.seen = p.wire.len;
		client_send(
			p.c, &p.env, &(struct client_message) { .size = 6, .chunked = p.chunked });
		(void)client_next(p.c);
		CHECK_TEXT(rows[i].replies, client_out(p.c), rows[i].second);
		play_done(&p);
	}
}

/* The message has its answer: what is said behind it cannot mean that BDAT is unknown. */
static void test_after_a_refused_chunk(void **state)
{
	(void)state;
	static const char *const more[] = { "500 5.5.2 what?\r\n", "250 ok\r\n", "550 no\r\n" };

	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		struct play p = { .chunked = true };
		start(&p, 1, "250-h\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
		send_mail(&p, true);
		flush(&p);
		give_body(&p);
		hear(&p, "250 ok\r\n250 ok\r\n554 5.6.0 no\r\n");
		hear(&p, more[i]);
		CHECK_ROW("outcome", done(&p)->outcome, OUTCOME_REFUSED);
		CHECK_ROW("code", done(&p)->err.reply, 554);
		CHECK_ROW("ended", client_is_closed(p.c), true);
		CHECK_ROW("chunking", client_chunking_failed(p.c), false);
		play_done(&p);
	}
}

/*
 * A first line that was refused ends the session, whatever was refused before it: nobody knows what
 * the next reply would answer. One that was taken leaves the transaction open.
 */
static void test_after_a_probe(void **state)
{
	(void)state;
	static const struct {
		const char *replies;
		bool ends;
	} rows[] = {
		{ "250 ok\r\n250 ok\r\n452 4.3.1 no\r\n", true },
		{ "250 ok\r\n550 no\r\n503 no\r\n", true },
		{ "550 no\r\n503 no\r\n503 no\r\n", true },
		{ "250 ok\r\n550 no\r\n250 ok\r\n250 forgotten\r\n", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct client_message mail = { .size = 6, .chunked = true, .probe = STR("a\r\n") };
		struct play p = { 0 };
		start(&p, 1, "250-h\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
		client_send(p.c, &p.env, &mail);
		said(&p, MAIL_BARE RCPT_0 "BDAT 3\r\na\r\n");
		for (struct str rest = str_of(rows[i].replies); rest.len;) {
			struct str line = str_head(rest, str_find(rest, '\n') + 1);
			flush(&p);
			client_in(p.c, line);
			rest = str_from(rest, line.len);
		}
		CHECK_ROW(rows[i].replies, done(&p)->outcome, OUTCOME_REFUSED);
		CHECK_ROW(rows[i].replies, client_is_closed(p.c), rows[i].ends);
		said(&p, rows[i].ends ? "" : "RSET\r\n");
		play_done(&p);
	}
}

/* --- many recipients --- */

struct tally {
	size_t commands, replies, most; /* most: unanswered at one time */
};

static void count_commands(struct play *p, struct tally *t)
{
	for (size_t i = p->seen; i < p->wire.len; i++)
		t->commands += p->wire.data[i] == '\n';
	p->seen = p->wire.len;
	if (t->commands - t->replies > t->most)
		t->most = t->commands - t->replies;
}

/* Writes some, hears one reply, and so on: the server answers while we write. */
static void play_rcpts(struct play *p, struct tally *t, size_t replies, size_t piece)
{
	while (t->replies < replies) {
		assert_int_equal(client_next(p->c), CLIENT_IO);
		size_t out = client_out(p->c).len;
		sent(p, out < piece ? out : piece);
		client_held(p->c, 0);
		count_commands(p, t);
		if (t->commands > t->replies) {
			client_in(p->c, STR("250 ok\r\n"));
			t->replies++;
		}
	}
}

/* 2,500 recipients, whatever is grouped: at most 1,000 commands unanswered. */
static void test_window(void **state)
{
	(void)state;
	enum { RCPTS = 2500 };
	static const struct {
		enum client_pipelining flights;
		size_t most;
	} rows[] = {
		{ PIPELINE_OFF, 1 },
		{ PIPELINE_BASIC, CLIENT_AWAITED_MAX },
		{ PIPELINE_TO_RCPT, CLIENT_AWAITED_MAX },
		{ PIPELINE_ALL, CLIENT_AWAITED_MAX },
	};
	static const size_t pieces[] = { SIZE_MAX, 200 };
	for (size_t i = 0; i < ARRAY_LEN(rows) * ARRAY_LEN(pieces); i++) {
		struct play p = { 0 };
		struct tally t = { 0 };
		size_t row = i % ARRAY_LEN(rows), piece = pieces[i / ARRAY_LEN(rows)];
		start_flight(&p, RCPTS, rows[row].flights);
		while (client_out(p.c).len) { /* AUTH, and what leaves with it */
			sent(&p, client_out(p.c).len);
			client_held(p.c, 0);
			count_commands(&p, &t);
			(void)client_next(p.c);
		}
		client_in(p.c, STR("235 yes\r\n"));
		t.replies++;
		play_rcpts(&p, &t, RCPTS + 2, piece);
		CHECK_ROW("most", t.most <= rows[row].most, true);
		if (piece == SIZE_MAX)
			CHECK_ROW("most", t.most, rows[row].most);
		CHECK_ROW("promised", envelope_tally(&p.env, RCPT_OK), RCPTS);
		(void)client_next(p.c);
		CHECK_TEXT("last", client_out(p.c), "DATA\r\n");
		play_done(&p);
	}
}

/* One transaction of n recipients from MAIL on; the message is taken for all. */
static void play_transaction(struct play *p, size_t n, size_t answers)
{
	for (size_t i = 0; i <= n; i++)
		hear(p, "250 ok\r\n");
	give_body(p);
	for (size_t i = 0; i < answers; i++)
		hear(p, "250 taken\r\n");
}

/* LMTP answers for each: no more than 1,000 at a time. */
static void test_lmtp_many(void **state)
{
	(void)state;
	enum { RCPTS = 1500 };
	struct play p = { .options = { .lmtp = true }, .chunked = true };

	play_init(&p, RCPTS);
	hear(&p, "220 hi\r\n");
	hear(&p, "250-host.example\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
	send_mail(&p, true);
	play_transaction(&p, CLIENT_AWAITED_MAX, CLIENT_AWAITED_MAX);
	assert_int_equal(envelope_tally(&p.env, RCPT_ACCEPTED), CLIENT_AWAITED_MAX);
	assert_int_equal(client_next(p.c), CLIENT_IO);
	play_transaction(&p, RCPTS - CLIENT_AWAITED_MAX, RCPTS - CLIENT_AWAITED_MAX);
	assert_int_equal(done(&p)->outcome, OUTCOME_ACCEPTED);
	assert_int_equal(envelope_tally(&p.env, RCPT_ACCEPTED), RCPTS);
	play_done(&p);
}

/* Sends to that many in transactions of `most`, all of them taken; processor time in ms. */
static int64_t send_split(size_t rcpts, size_t most)
{
	struct play p = { .chunked = true };
	int64_t began;

	start(&p, rcpts, FULL_HELLO);
	p.c->options.spoke = NULL;
	began = cpu_ms();
	send_options(&p, (struct client_message) { .partial = true, .rcpt_max = (unsigned)most });
	for (size_t i = 0; i < rcpts; i += most) {
		flush(&p);
		if (most == 1)
			give_body(&p);
		flush(&p);
		for (size_t k = 0; k <= most; k++)
			client_in(p.c, STR("250 ok\r\n"));
		if (most > 1) {
			flush(&p);
			give_body(&p);
			flush(&p);
		}
		client_in(p.c, STR("250 taken\r\n"));
		buf_clear(&p.wire);
	}
	assert_int_equal(done(&p)->outcome, OUTCOME_ACCEPTED);
	assert_int_equal(envelope_tally(&p.env, RCPT_ACCEPTED), rcpts);
	began = cpu_ms() - began;
	play_done(&p);
	return began;
}

static int64_t least_of_three(size_t rcpts)
{
	int64_t least = INT64_MAX;

	for (int i = 0; i < 3; i++) {
		int64_t ms = send_split(rcpts, 1);
		least = ms < least ? ms : least;
	}
	return least;
}

/* As many as an envelope may hold, and: four times the recipients are not sixteen times the work.
 */
static void test_split_is_linear(void **state)
{
	(void)state;
	(void)send_split(ENVELOPE_MAX, 100);
	assert_true(least_of_three(40000) <= 9 * (least_of_three(10000) + 1));
}

/* --- fates --- */

#define YES "250 ok\r\n"
#define NO "550 5.1.1 no\r\n"
#define LATER "450 4.2.0 later\r\n"
#define FULL "452 4.5.3 too many\r\n"

/* What became of each, a letter: pending, kept a promise that came to nothing, accepted, refused.
 */
static void check_fates(const struct play *p, const char *row, const char *wanted)
{
	static const char letters[] = {
		[RCPT_PENDING] = '.', [RCPT_OK] = 'p', [RCPT_ACCEPTED] = 'A', [RCPT_REFUSED] = 'R'
	};
	char got[8] = "";

	for (size_t i = 0; i < p->env.count; i++)
		got[i] = letters[p->env.rcpts[i].status];
	CHECK_TEXT(row, str_of(got), wanted);
}

/* The replies in their order; wherever the engine wants the message it gets it. */
static void play_replies(struct play *p, const char *replies)
{
	struct str rest = str_of(replies);

	while (rest.len) {
		struct str line = str_head(rest, str_find(rest, '\n') + 1);
		flush(p);
		if (client_next(p->c) == CLIENT_BODY)
			give_body(p);
		flush(p);
		client_in(p->c, line);
		rest = str_from(rest, line.len);
	}
	flush(p);
	if (client_next(p->c) == CLIENT_BODY)
		give_body(p);
	flush(p);
	if (client_next(p->c) == CLIENT_IO)
		client_eof(p->c);
}

/* Three recipients and all that can become of them; what ends early ends with the connection. */
static const struct {
	bool lmtp, all_or_none;
	unsigned most;
	const char *replies, *fates;
	enum client_outcome outcome;
	int status;
} fates[] = {
	{ 0, 0, 0, YES YES YES YES YES, "AAA", OUTCOME_ACCEPTED, EX_OK },
	{ 0, 0, 0, YES YES YES YES NO, "ppp", OUTCOME_REFUSED, EX_NOUSER },
	{ 0, 0, 0, YES YES YES YES, "ppp", OUTCOME_UNKNOWN, EX_TEMPFAIL },
	{ 0, 0, 0, YES YES YES, "pp.", OUTCOME_NOT_SENT, EX_TEMPFAIL },
	{ 0, 0, 0, YES NO YES YES YES, "RAA", OUTCOME_ACCEPTED, EX_OK },
	{ 0, 0, 0, YES NO YES NO YES, "RAR", OUTCOME_ACCEPTED, EX_OK },
	{ 0, 0, 0, YES NO NO NO YES, "RRR", OUTCOME_REFUSED, EX_NOUSER },
	{ 0, 0, 0, YES NO LATER YES YES, "RRp", OUTCOME_REFUSED, EX_TEMPFAIL },
	{ 0, 0, 0, YES YES LATER YES YES, "pRp", OUTCOME_REFUSED, EX_TEMPFAIL },
	{ 0, 0, 0, YES FULL YES YES YES, "Rpp", OUTCOME_REFUSED, EX_TEMPFAIL },
	{ 0, 1, 0, YES YES NO YES YES, "pRp", OUTCOME_REFUSED, EX_NOUSER },
	{ 0, 1, 0, YES YES YES YES YES, "AAA", OUTCOME_ACCEPTED, EX_OK },
	/* the server takes no more at once */
	{ 0, 0, 0, YES YES FULL FULL YES, "A..", OUTCOME_UNKNOWN, EX_TEMPFAIL },
	{ 0, 0, 0, YES YES YES FULL YES YES YES YES, "AAA", OUTCOME_ACCEPTED, EX_OK },
	{ 0, 0, 0, YES YES FULL YES YES YES YES YES, "AAA", OUTCOME_ACCEPTED, EX_OK },
	{ 0, 0, 0, YES NO YES FULL YES YES YES YES, "RAA", OUTCOME_ACCEPTED, EX_OK },
	{ 0, 0, 0, YES YES YES FULL YES YES LATER YES, "AAR", OUTCOME_REFUSED, EX_TEMPFAIL },
	{ 0, 0, 0, YES YES LATER FULL YES, "pR.", OUTCOME_REFUSED, EX_TEMPFAIL },
	{ 0, 1, 0, YES YES NO FULL YES, "pR.", OUTCOME_REFUSED, EX_NOUSER },
	/* split from the start */
	{ 0, 0, 2, YES YES YES YES YES YES YES, "AAA", OUTCOME_ACCEPTED, EX_OK },
	{ 0, 0, 2, YES YES YES YES YES NO YES, "AAR", OUTCOME_ACCEPTED, EX_OK },
	{ 0, 0, 2, YES YES YES YES YES LATER YES, "AAR", OUTCOME_REFUSED, EX_TEMPFAIL },
	{ 0, 0, 2, YES YES YES YES NO, "AA.", OUTCOME_REFUSED, EX_NOUSER },
	{ 0, 0, 2, YES YES YES YES LATER, "AA.", OUTCOME_REFUSED, EX_TEMPFAIL },
	{ 0, 0, 2, YES YES YES YES YES YES NO, "AAp", OUTCOME_REFUSED, EX_NOUSER },
	{ 0, 0, 2, YES YES YES YES YES YES LATER, "AAp", OUTCOME_REFUSED, EX_TEMPFAIL },
	{ 0, 0, 2, YES YES YES YES YES YES, "AAp", OUTCOME_UNKNOWN, EX_TEMPFAIL },
	{ 0, 0, 2, YES YES YES YES, "AA.", OUTCOME_UNKNOWN, EX_TEMPFAIL },
	{ 0, 0, 2, YES NO NO YES YES YES YES, "RRA", OUTCOME_ACCEPTED, EX_OK },
	{ 0, 1, 2, YES YES YES YES YES NO YES, "AAR", OUTCOME_REFUSED, EX_NOUSER },
	/* LMTP answers the message for each */
	{ 1, 0, 0, YES YES YES YES YES YES YES, "AAA", OUTCOME_ACCEPTED, EX_OK },
	{ 1, 0, 0, YES YES YES YES YES NO YES, "ARA", OUTCOME_ACCEPTED, EX_OK },
	{ 1, 0, 0, YES YES YES YES YES NO LATER, "ARR", OUTCOME_ACCEPTED, EX_OK },
	{ 1, 0, 0, YES YES YES YES NO NO NO, "RRR", OUTCOME_REFUSED, EX_NOUSER },
	{ 1, 0, 0, YES YES NO YES YES YES, "ARA", OUTCOME_ACCEPTED, EX_OK },
	{ 1, 0, 0, YES YES YES YES YES NO, "ARp", OUTCOME_UNKNOWN, EX_TEMPFAIL },
	{ 1, 1, 0, YES YES YES YES YES NO YES, "ARA", OUTCOME_ACCEPTED, EX_OK },
};

static void test_fates(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fates); i++) {
		struct play p = { .options = { .lmtp = fates[i].lmtp }, .chunked = true };
		char row[20];
		text_fmt(row, sizeof(row), "row %zu", i);
		play_init(&p, 3);
		hear(&p, "220 hi\r\n");
		hear(&p, "250-host.example\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
		send_options(&p, (struct client_message) { .partial = !fates[i].all_or_none,
					 .rcpt_max = fates[i].most });
		play_replies(&p, fates[i].replies);
		CHECK_ROW(row, client_result(p.c)->outcome, fates[i].outcome);
		CHECK_ROW(row, err_status(&client_result(p.c)->err), fates[i].status);
		check_fates(&p, row, fates[i].fates);
		play_done(&p);
	}
}

/* The verdict is the status also where the last transaction has no message. */
static void test_verdict_of_split(void **state)
{
	(void)state;
	static const struct {
		const char *replies;
		int status;
	} rows[] = {
		{ YES YES YES YES, 99 },
		{ YES YES YES YES YES YES YES, EX_OK },
		{ YES YES YES YES YES YES NO, EX_NOUSER },
		{ YES YES YES YES YES NO YES, EX_NOUSER },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct play p = { .chunked = true };
		verdict_set(99);
		start(&p, 3, FULL_HELLO);
		send_options(&p, (struct client_message) { .partial = true, .rcpt_max = 2 });
		play_replies(&p, rows[i].replies);
		CHECK_ROW("verdict", verdict_get(), rows[i].status);
		play_done(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flights),
		cmocka_unit_test(test_chunk_ends),
		cmocka_unit_test(test_quit_in_group),
		cmocka_unit_test(test_refused_in_split),
		cmocka_unit_test(test_torn),
		cmocka_unit_test(test_torn_chunk),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_silence_is_to_blame),
		cmocka_unit_test(test_times_of_the_rest),
		cmocka_unit_test(test_acknowledged),
		cmocka_unit_test(test_after_a_message),
		cmocka_unit_test(test_after_a_refused_chunk),
		cmocka_unit_test(test_after_a_probe),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_lmtp_many),
		cmocka_unit_test(test_split_is_linear),
		cmocka_unit_test(test_fates),
		cmocka_unit_test(test_verdict_of_split),
	};
	return cmocka_run_group_tests_name("pipelining", tests, NULL, NULL);
}

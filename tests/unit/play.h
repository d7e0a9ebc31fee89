/* SPDX-License-Identifier: MIT */
/*
 * play - the client engine without a connection: what it says is compared, what it hears is given.
 *
 * A test of single steps makes each of them itself; flush() writes all that the engine has to say
 * and tells it that the kernel has it.
 */
#ifndef UNIT_PLAY_H
#define UNIT_PLAY_H

#include "unit.h"

#include "base/mem.h"
#include "smtp/client.h"

#define HELLO "250-host.example\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n"

struct play {
	struct client *c;
	struct envelope env;
	struct client_options options;
	bool chunked;    /* messages go by BDAT */
	struct buf wire; /* all that was sent */
	size_t seen;     /* octets of it that said() has compared */
	struct buf talk; /* what the listener heard, a line each */
};

static inline void spoke(void *ctx, bool server, struct str line)
{
	struct play *p = ctx;

	buf_fmt(&p->talk, "%c: %.*s\n", server ? 'S' : 'C', STR_ARG(line));
}

static inline void play_init(struct play *p, size_t rcpts)
{
	struct err e;
	char wire[40];

	p->wire = BUF_INIT(16 << 20);
	p->talk = BUF_INIT(16 << 20);
	p->options.helo = "me.example";
	p->options.spoke = spoke;
	p->options.spoke_ctx = p;
	p->c = client_new(&p->options);
	envelope_from(&p->env, "me@x.example");
	for (size_t i = 0; i < rcpts; i++) {
		snprintf(wire, sizeof(wire), "r%zu@x.example", i);
		assert_true(envelope_add(&p->env, wire, &e));
	}
}

static inline void play_done(struct play *p)
{
	client_free(p->c);
	envelope_done(&p->env);
	buf_done(&p->wire);
	buf_done(&p->talk);
	*p = (struct play) { 0 };
}

/* n octets go to the kernel. */
static inline void sent(struct play *p, size_t n)
{
	buf_add(&p->wire, str_head(client_out(p->c), n));
	client_sent(p->c, n);
}

/* Writes everything, as often as the engine has more. */
static inline void flush(struct play *p)
{
	while (client_next(p->c) == CLIENT_IO && client_out(p->c).len) {
		sent(p, client_out(p->c).len);
		client_held(p->c, 0);
	}
}

/* What went out since the last time is this. */
static inline void said(struct play *p, const char *wanted)
{
	flush(p);
	CHECK_TEXT("said", str_from(buf_str(&p->wire), p->seen), wanted);
	p->seen = p->wire.len;
}

static inline void hear(struct play *p, const char *text)
{
	flush(p);
	client_in(p->c, str_of(text));
}

static inline void start(struct play *p, size_t rcpts, const char *hello)
{
	play_init(p, rcpts);
	hear(p, "220 hi\r\n");
	said(p, "EHLO me.example\r\n");
	hear(p, hello);
}

static inline void send_mail(struct play *p, bool partial)
{
	assert_int_equal(client_next(p->c), CLIENT_IDLE);
	client_send(p->c, &p->env,
		&(struct client_message) { .size = 6, .partial = partial, .chunked = p->chunked });
}

static inline void give_body(struct play *p)
{
	assert_int_equal(client_next(p->c), CLIENT_BODY);
	assert_int_equal(client_body(p->c, STR("test\r\n")), 6);
	client_body_end(p->c);
}

static inline const struct client_result *done(struct play *p)
{
	assert_int_equal(client_next(p->c), CLIENT_DONE);
	return client_result(p->c);
}

#define MAIL "MAIL FROM:<me@x.example> SIZE=6\r\n"
#define MAIL_BARE "MAIL FROM:<me@x.example>\r\n"

#endif

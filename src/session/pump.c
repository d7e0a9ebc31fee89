/* SPDX-License-Identifier: MIT */
#include "session/pump.h"

#include "base/mem.h"
#include "os/interrupt.h"
#include "os/poll.h"

void pump_init(struct pump *p)
{
	*p = (struct pump) { .piece = mem_alloc(PUMP_PIECE), .run_until = DEADLINE_NEVER };
}

void pump_done(struct pump *p)
{
	mem_wipe(p->piece, p->piece_used);
	mem_free(p->piece);
}

void pump_restart(struct pump *p)
{
	p->progress = 0;
	p->message_sent = false;
}

/* The deadline for everything together. */
static deadline run_until(const struct pump *p)
{
	return p->grace ? deadline_first(p->grace, p->run_until) : p->run_until;
}

/* The deadline of the current wait; it moves only if the engine has made progress. */
static deadline current_deadline(struct pump *p, struct client *client)
{
	uint64_t progress = client_progress(client) + 1;
	deadline from_now = deadline_in(client_timeout_ms(client));

	if (p->progress != progress) {
		p->progress = progress;
		p->until = from_now;
	}
	return deadline_first(deadline_first(p->until, from_now), run_until(p));
}

bool pump_write(struct client *client, struct stream *stream, bool *ret_blocked, struct err *e)
{
	enum stream_got got = STREAM_OK;

	while (client_out(client).len && got == STREAM_OK) {
		size_t n = 0;
		got = stream_write(stream, client_out(client), &n, e);
		if (got == STREAM_OK)
			client_sent(client, n);
	}
	if (got != STREAM_FAIL)
		got = stream_flush(stream, e);
	if (got != STREAM_FAIL)
		client_held(client, stream_held(stream));
	*ret_blocked = got == STREAM_AGAIN || client_out(client).len;
	return got != STREAM_FAIL;
}

/* Notes when the message's last octet is with the kernel. TLS may have more to say after it. */
static void note_message(struct pump *p, const struct client *client)
{
	bool sent = client_awaits_verdict(client);

	if (sent && !p->message_sent)
		p->sent = stream_written(p->socket);
	p->message_sent = sent;
}

/* The first n octets of the piece hold what was read. */
static void note_used(struct pump *p, size_t n)
{
	if (n > p->piece_used)
		p->piece_used = n;
}

/*
 * What else has come behind *n octets, each TLS record being read by itself: the engine must see a
 * further reply together with the one to the message. An end is found by the next read.
 */
static void read_behind(struct pump *p, struct stream *stream, size_t *n)
{
	enum stream_got got = STREAM_OK;
	struct err ignored;

	while (got == STREAM_OK && *n < PUMP_PIECE) {
		size_t more = 0;
		got = stream_read(stream, p->piece + *n, PUMP_PIECE - *n, &more, &ignored);
		*n += got == STREAM_OK ? more : 0;
	}
	note_used(p, *n);
}

/* Waits a moment for another reply, and gives it to the engine. */
static void look_again(struct pump *p, struct client *client, struct stream *stream)
{
	deadline until = deadline_first(deadline_in(PUMP_DOUBT_MS), run_until(p));
	unsigned ready;
	struct err ignored;
	size_t n = 0;

	if (stream_wait(stream, false, until, &ready, &ignored) && ready & POLL_READ)
		read_behind(p, stream, &n);
	client_in_behind(client, str_n(p->piece, n));
}

static void read_in(struct pump *p, struct client *client, struct stream *stream)
{
	struct err e;
	size_t n = 0;

	switch (stream_read(stream, p->piece, PUMP_PIECE, &n, &e)) {
	case STREAM_OK:
		note_used(p, n);
		if (p->message_sent) {
			client_acknowledged(client, stream_is_acknowledged(p->socket, p->sent));
			read_behind(p, stream, &n);
		}
		client_in(client, str_n(p->piece, n));
		if (client_is_doubtful(client))
			look_again(p, client, stream);
		break;
	case STREAM_AGAIN:
		break;
	case STREAM_EOF:
		client_eof(client);
		break;
	case STREAM_FAIL:
		client_lost(client, &e);
		break;
	}
}

/* The deadline of the current wait, or of the whole run, has passed. */
static void time_is_over(const struct pump *p, struct client *client)
{
	struct err e;

	if (!deadline_passed(run_until(p))) {
		client_timed_out(client);
		return;
	}
	if (p->grace) {
		interrupt_err(&e);
	} else {
		err_set(&e, ERR_TIMEOUT, "the time for the whole run (run_timeout) is over");
		err_hint(&e, "the same command with -v shows what takes so long; a line "
			     "run_timeout SECONDS allows more");
	}
	client_lost(client, &e);
}

/* Reads first what came unasked, before any command leaves. */
static void listen_first(struct pump *p, struct client *client, struct stream *stream)
{
	unsigned ready;
	struct err e;

	if (stream_wait(stream, false, deadline_in(0), &ready, &e) && ready & POLL_READ)
		read_in(p, client, stream);
}

/* A wait failed. If only because of a signal, the verdict may be waited for a little longer. */
static void end_wait(struct pump *p, struct client *client, const struct err *e)
{
	if (e->kind == ERR_INTERRUPTED && client_awaits_verdict(client)) {
		p->grace = deadline_in(PUMP_GRACE_MS);
		interrupt_hold(true);
		return;
	}
	client_lost(client, e);
}

/* After a signal no further part of a list is begun, even if the last part was answered. */
static bool is_interrupted(const struct pump *p, const struct client *client)
{
	if (p->grace)
		return !client_awaits_verdict(client);
	return interrupt_is_due();
}

void pump(struct pump *p, struct client *client, struct stream *stream)
{
	bool blocked;
	unsigned ready;
	struct err e;

	if (is_interrupted(p, client)) {
		interrupt_err(&e);
		end_wait(p, client, &e);
		return;
	}
	if (!client_awaits_verdict(client))
		p->message_sent = false; /* it may have been another message's */
	if (client_is_at_rest(client) && client_out(client).len)
		listen_first(p, client, stream);
	if (!pump_write(client, stream, &blocked, &e)) {
		/* The server may have said why before it closed the connection. */
		read_in(p, client, stream);
		client_lost(client, &e);
		return;
	}
	note_message(p, client);
	bool idle = client_next(client) == CLIENT_IO && !client_out(client).len;
	deadline limit = blocked || idle ? current_deadline(p, client) : run_until(p);
	if (deadline_passed(limit)) {
		time_is_over(p, client);
		return;
	}
	if (p->tick)
		limit = deadline_first(limit, deadline_in(p->tick));
	if (!stream_wait(stream, blocked, blocked || idle ? limit : deadline_in(0), &ready, &e))
		end_wait(p, client, &e);
	else if (ready & POLL_READ)
		read_in(p, client, stream);
}

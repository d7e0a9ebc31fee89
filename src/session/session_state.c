/* SPDX-License-Identifier: MIT */
#include "session/session_state.h"

#include "base/clock.h"
#include "base/mem.h"
#include "smtp/hint.h"

void session_begin_step(struct session *s, enum session_step step)
{
	struct session_facts *facts = s->options->facts;

	if (step == SESSION_STEP_CONNECT)
		*facts = (struct session_facts) { .begun = { 0 } };
	facts->begun[step] = clock_now();
	facts->done[step] = false;
	s->step = step;
	if (s->options->watch.step)
		s->options->watch.step(s->options->watch.ctx, step, NULL);
}

void session_end_step(const struct session *s, enum session_step step, const char *text)
{
	struct session_facts *facts = s->options->facts;

	facts->done[step] = true;
	facts->ms[step] = clock_now() - facts->begun[step];
	if (step == SESSION_STEP_CONNECT)
		text_fmt(facts->address, sizeof(facts->address), "%s", text);
	if (step == SESSION_STEP_TLS)
		text_fmt(facts->tls, sizeof(facts->tls), "%s", text);
	if (step == SESSION_STEP_AUTH)
		text_fmt(facts->mech, sizeof(facts->mech), "%s", text);
	if (s->options->watch.step)
		s->options->watch.step(s->options->watch.ctx, step, text);
}

/* seconds: of a step outside the engine, such as connecting or the handshake. */
deadline session_step_deadline(const struct session *s, unsigned seconds)
{
	unsigned n = s->options->timeout ? s->options->timeout : seconds;

	return deadline_first(deadline_in((int64_t)n * 1000), s->options->run_until);
}

const struct session_server *session_current_server(const struct session *s)
{
	return &s->options->servers[s->at];
}

/* --- TLS --- */

/* Tells the trust which server to expect on this connection. */
static void aim(struct session *s)
{
	const struct session_server *server = session_current_server(s);
	const char *socket = s->options->way.socket;

	mem_free(s->peer);
	s->peer = mem_fmt(
		"%s %u %s", socket ? socket : server->host, server->port, s->options->account);
	trust_set_goal(s->trust, &(struct trust_goal) { .host = server->name,
					 .service = server->service,
					 .name_hint = server->name_hint,
					 .peer = s->peer });
}

static bool start_tls(struct session *s, struct err *e)
{
	char facts[TLS_TEXT_MAX];

	session_begin_step(s, SESSION_STEP_TLS);
	if (session_current_server(s)->tls == SESSION_STARTTLS && stream_unread(s->stream)) {
		err_set(e, ERR_PROTOCOL, "the server sent more than its reply to STARTTLS");
		return err_hint(e, "%s", HINT_TAMPERING);
	}
	aim(s);
	struct stream *inner =
		tls_start(s->stream, s->trust, session_step_deadline(s, 120), facts, e);
	if (!inner) {
		bool agreed = session_current_server(s)->tls == SESSION_STARTTLS;
		if (agreed && e->kind == ERR_TIMEOUT && e->hint[0])
			err_hint(e, "it agreed to STARTTLS: it may be overloaded, or a firewall on "
				    "the way drops what TLS begins with; try another network, or "
				    "the lines port 465 and tls_starttls off");
		else if (!e->hint[0] && (e->kind == ERR_NETWORK || e->kind == ERR_PROTOCOL))
			err_hint(e, "%s", HINT_BREAKDOWN);
		return false;
	}
	s->stream = inner;
	session_end_step(s, SESSION_STEP_TLS, facts);
	return true;
}

/* --- the message --- */

/* Reports how much of the message has left; the kernel may still hold some of it. */
static void tell_moved(const struct session *s)
{
	const struct session_watch *watch = &s->options->watch;
	bool sending = s->message && s->step >= SESSION_STEP_AUTH;
	uint64_t given = sending ? client_body_at(s->client) : 0;
	uint64_t here = client_out(s->client).len;

	if (watch->moved)
		watch->moved(watch->ctx, given > here ? given - here : 0, sending ? s->size : 0);
}

static void note_silence(struct session *s)
{
	struct session_silence *silence = &s->silence;
	uint64_t progress = client_progress(s->client);
	int64_t now = clock_now();

	if (!client_awaits_verdict(s->client) && now - silence->since > silence->longest)
		silence->longest = now - silence->since;
	if (progress != silence->progress)
		silence->since = now;
	silence->progress = progress;
}

static void move(struct session *s)
{
	s->pump.run_until = s->options->run_until;
	s->pump.tick = s->options->watch.moved ? SESSION_TICK : 0;
	s->pump.socket = s->dialed.stream;
	pump(&s->pump, s->client, s->stream);
	note_silence(s);
	tell_moved(s);
}

static bool give_body(struct session *s, struct err *e)
{
	struct str piece;

	if (!s->message->read(s->message->ctx, client_body_at(s->client), &piece, e))
		return false;
	if (piece.len)
		(void)client_body(s->client, piece);
	else
		client_body_end(s->client);
	return true;
}

/* Notes that AUTH was answered; the commands after it may have left already. */
static void note_auth(struct session *s)
{
	if (s->step != SESSION_STEP_AUTH || !client_is_authed(s->client))
		return;
	session_end_step(s, SESSION_STEP_AUTH, auth_exchange_mech(&s->auth));
	auth_exchange_end(&s->auth);
	if (s->message)
		session_begin_step(s, SESSION_STEP_MESSAGE);
}

/*
 * Does what the engine asks for, until it asks for something that ends a call: AUTH (unless `auth`
 * is set), IDLE, DONE or CLOSED.
 */
enum client_want session_drive(struct session *s, bool auth)
{
	struct err e;

	for (;;) {
		enum client_want want = client_next(s->client);
		switch (want) {
		case CLIENT_IO:
			move(s);
			note_auth(s);
			break;
		case CLIENT_TLS:
			if (start_tls(s, &e))
				client_tls_done(s->client);
			else
				client_lost(s->client, &e);
			break;
		case CLIENT_AUTH:
			if (!auth)
				return want;
			auth_exchange_step(&s->auth, s->client);
			break;
		case CLIENT_BODY:
			if (!give_body(s, &e))
				client_lost(s->client, &e);
			if (client_out(s->client).len >= CLIENT_OUT / 2) {
				move(s);
				note_auth(s);
			}
			break;
		default:
			return want;
		}
	}
}

bool session_connect(struct session *s, struct err *e)
{
	const struct session_server *server = session_current_server(s);
	struct dial_options way = s->options->way;

	way.host = server->host;
	way.port = server->port;
	session_begin_step(s, SESSION_STEP_CONNECT);
	if (!dial(&way, session_step_deadline(s, DIAL_SECONDS), &s->dialed, e))
		return false;
	s->stream = s->dialed.stream;
	s->silence = (struct session_silence) { .since = clock_now() };
	pump_restart(&s->pump);
	session_end_step(s, SESSION_STEP_CONNECT, s->dialed.peer);
	return server->tls != SESSION_IMPLICIT || start_tls(s, e);
}

/* Ends the connection, politely unless a message was cut off. */
void session_hang_up(struct session *s)
{
	bool politely = s->client && !client_is_cut_short(s->client), blocked;
	struct err ignored;

	if (politely) {
		client_quit(s->client);
		(void)client_next(s->client);
		(void)pump_write(s->client, s->stream, &blocked, &ignored);
	}
	stream_close(s->stream, politely || !s->client);
	client_free(s->client);
	auth_exchange_end(&s->auth);
	s->stream = NULL;
	s->client = NULL;
}

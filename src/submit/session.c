/* SPDX-License-Identifier: MIT */
#include "submit/session.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/dial.h"
#include "sys/sasl.h"
#include "sys/wait.h"

#include <string.h>

enum { PIECE = 65536 };

struct session {
	const struct session_terms *terms;
	struct trust *trust;
	struct stream *stream;
	struct client *client;
	struct sasl *sasl;
	struct dial_result dialed; /* its stream is the socket, below all layers */
	char mechs_tried[128];
	enum session_step step;
	struct caps caps; /* of the connection at hand */
	enum client_flights flights;
	bool fell_back;      /* connected once more, for CLIENT_BASIC */
	deadline step_until; /* of the wait at hand */
	uint64_t step_progress;
	char *piece;                 /* PIECE octets for reading */
	struct client_result failed; /* when there is no engine to ask */
};

static void begin(struct session *s, enum session_step step)
{
	s->step = step;
	if (s->terms->watch.step)
		s->terms->watch.step(s->terms->watch.ctx, step, NULL);
}

static void ended(const struct session *s, enum session_step step, const char *facts)
{
	if (s->terms->watch.step)
		s->terms->watch.step(s->terms->watch.ctx, step, facts);
}

/* seconds of a step outside the engine: connecting, the handshake. */
static deadline step_deadline(const struct session *s, unsigned seconds)
{
	unsigned n = s->terms->timeout ? s->terms->timeout : seconds;

	return deadline_first(deadline_in((int64_t)n * 1000), s->terms->run_until);
}

/* --- moving octets --- */

/* The deadline of the wait at hand; it moves only when the engine has got on. */
static deadline current_deadline(struct session *s)
{
	uint64_t progress = client_progress(s->client) + 1;
	deadline from_now = deadline_in(client_timeout_ms(s->client));

	if (s->step_progress != progress) {
		s->step_progress = progress;
		s->step_until = from_now;
	}
	return deadline_first(deadline_first(s->step_until, from_now), s->terms->run_until);
}

/* Writes what stands in out; *ret_blocked: not all of it is with the kernel yet. */
static bool write_out(struct session *s, bool *ret_blocked, struct err *e)
{
	enum stream_got got = STREAM_OK;

	while (client_out(s->client).len && got == STREAM_OK) {
		size_t n = 0;
		got = stream_write(s->stream, client_out(s->client), &n, e);
		if (got == STREAM_OK)
			client_sent(s->client, n);
	}
	if (got != STREAM_FAIL)
		got = stream_flush(s->stream, e);
	if (got != STREAM_FAIL)
		client_held(s->client, stream_held(s->stream));
	*ret_blocked = got == STREAM_AGAIN || client_out(s->client).len;
	return got != STREAM_FAIL;
}

static void read_in(struct session *s)
{
	struct err e;
	size_t n = 0;

	switch (stream_read(s->stream, s->piece, PIECE, &n, &e)) {
	case STREAM_OK:
		client_in(s->client, str_n(s->piece, n));
		break;
	case STREAM_AGAIN:
		break;
	case STREAM_EOF:
		client_eof(s->client);
		break;
	case STREAM_FAIL:
		client_lost(s->client, &e);
		break;
	}
}

/* The time of the wait at hand, or of the whole run, is over. */
static void time_is_over(struct session *s)
{
	struct err e;

	if (!deadline_passed(s->terms->run_until)) {
		client_timed_out(s->client);
		return;
	}
	err_set(&e, ERR_TIMEOUT, "the time for the whole run (run_timeout) is over");
	client_lost(s->client, &e);
}

/* Whatever is here before a flight leaves was not asked for. */
static void listen_first(struct session *s)
{
	unsigned ready;
	struct err e;

	if (stream_wait(s->stream, false, deadline_in(0), &ready, &e) && ready & WAIT_READ)
		read_in(s);
}

/*
 * Writes what there is and reads what came. Waits only when nothing else can be done meanwhile; the
 * server may speak at any time, also while the message is on its way. Octets that lead nowhere do
 * not put off the deadline.
 */
static void pump(struct session *s)
{
	bool blocked;
	unsigned ready;
	struct err e;

	if (client_is_at_rest(s->client) && client_out(s->client).len)
		listen_first(s);
	if (!write_out(s, &blocked, &e)) {
		/* It may have said why before it went away. */
		read_in(s);
		client_lost(s->client, &e);
		return;
	}
	bool idle = client_next(s->client) == CLIENT_IO && !client_out(s->client).len;
	deadline limit = blocked || idle ? current_deadline(s) : s->terms->run_until;
	if (deadline_passed(limit)) {
		time_is_over(s);
		return;
	}
	if (!stream_wait(s->stream, blocked, blocked || idle ? limit : deadline_in(0), &ready, &e))
		client_lost(s->client, &e);
	else if (ready & WAIT_READ)
		read_in(s);
}

/* --- TLS and AUTH --- */

static bool start_tls(struct session *s, struct err *e)
{
	char facts[TLS_TEXT_MAX];

	begin(s, SESSION_STEP_TLS);
	if (s->terms->tls == SESSION_STARTTLS && stream_unread(s->stream)) {
		err_set(e, ERR_PROTOCOL, "the server sent more than its reply to STARTTLS");
		return err_hint(e, "someone may be tampering with the connection");
	}
	struct stream *inner = tls_start(s->stream, s->trust, step_deadline(s, 120), facts, e);
	if (!inner)
		return false;
	s->stream = inner;
	ended(s, SESSION_STEP_TLS, facts);
	return true;
}

static bool has_mech(const void *ctx, struct str mech)
{
	const struct session *s = ctx;

	return caps_have_mech(client_caps(s->client), mech);
}

static struct sasl_terms sasl_terms(const struct session_terms *t)
{
	return (struct sasl_terms) { .user = t->user, .password = t->password, .only = t->mech };
}

/* Begins the exchange with the best mechanism that was not tried yet. */
static bool auth_begin(struct session *s, struct err *e)
{
	struct buf initial CLEAN_UP(buf_wipe_done) = BUF_INIT(SASL_ANSWER_MAX);
	struct sasl_terms terms = sasl_terms(s->terms);

	sasl_free(s->sasl);
	s->sasl = sasl_start(&terms, has_mech, s, s->mechs_tried, e);
	if (!s->sasl)
		return false;
	size_t used = strlen(s->mechs_tried);
	text_fmt(s->mechs_tried + used, sizeof(s->mechs_tried) - used, " %s", sasl_mech(s->sasl));
	bool first = sasl_sends_first(s->sasl);
	if (first && !sasl_step(s->sasl, STR(""), &initial, e))
		return false;
	client_auth(
		s->client, sasl_mech(s->sasl), first ? &initial : NULL, sasl_is_complete(s->sasl));
	return true;
}

static bool auth_answer(struct session *s, struct err *e)
{
	struct buf answer CLEAN_UP(buf_wipe_done) = BUF_INIT(SASL_ANSWER_MAX);

	if (!sasl_step(s->sasl, client_challenge(s->client), &answer, e))
		return false;
	client_auth_answer(s->client, buf_str(&answer), sasl_is_complete(s->sasl));
	return true;
}

static void authenticate(struct session *s)
{
	struct err e;
	bool good = false;

	switch (client_auth_state(s->client)) {
	case CLIENT_AUTH_START:
		good = auth_begin(s, &e);
		break;
	case CLIENT_AUTH_CHALLENGE:
		good = auth_answer(s, &e);
		break;
	case CLIENT_AUTH_REFUSED:
		good = auth_begin(s, &e);
		if (!good && e.kind == ERR_NOPERM) /* there is no other: what the server said */
			e = *client_error(s->client);
		break;
	}
	if (!good)
		client_auth_give_up(s->client, &e);
}

/* --- the message --- */

static bool give_body(struct session *s, struct spool *content, struct err *e)
{
	size_t n;

	content->at = client_body_at(s->client);
	if (!spool_read(content, s->piece, PIECE, &n, e))
		return false;
	if (n)
		(void)client_body(s->client, str_n(s->piece, n));
	else
		client_body_end(s->client);
	return true;
}

/* AUTH was answered; what follows it may be under way already. */
static void note_auth(struct session *s, bool sending)
{
	if (s->step != SESSION_STEP_AUTH || !client_is_authed(s->client))
		return;
	ended(s, SESSION_STEP_AUTH, sasl_mech(s->sasl));
	sasl_free(s->sasl);
	s->sasl = NULL;
	if (sending)
		begin(s, SESSION_STEP_MESSAGE);
}

/*
 * Does what the engine wants until it wants one of the things that end a call: AUTH (unless it is
 * being done), IDLE, DONE, CLOSED.
 */
static enum client_want run(struct session *s, bool auth, struct spool *content)
{
	struct err e;

	for (;;) {
		enum client_want want = client_next(s->client);
		switch (want) {
		case CLIENT_IO:
			pump(s);
			note_auth(s, content != NULL);
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
			authenticate(s);
			break;
		case CLIENT_BODY:
			if (!give_body(s, content, &e))
				client_lost(s->client, &e);
			if (client_out(s->client).len >= CLIENT_OUT / 2) {
				pump(s);
				note_auth(s, content != NULL);
			}
			break;
		default:
			return want;
		}
	}
}

static bool connect_to_host(struct session *s, struct err *e)
{
	const struct session_terms *t = s->terms;
	deadline until = step_deadline(s, DIAL_SECONDS);

	begin(s, SESSION_STEP_CONNECT);
	if (t->socket ? !dial_socket(t->socket, until, &s->dialed, e)
		      : !dial(t->host, t->port, until, &s->dialed, e))
		return false;
	s->stream = s->dialed.stream;
	ended(s, SESSION_STEP_CONNECT, s->dialed.peer);
	return t->tls != SESSION_IMPLICIT || start_tls(s, e);
}

/* What can be known before connecting. *ret: NULL without TLS; the caller's. */
static bool prepare(const struct session_terms *t, struct trust **ret, struct err *e)
{
	struct sasl_terms secrets = sasl_terms(t);

	if (t->user && !sasl_check(&secrets, e))
		return false;
	return t->tls == SESSION_CLEAR || (*ret = trust_load(&t->trust, e));
}

bool session_check(const struct session_terms *terms, struct err *e)
{
	struct trust *trust = NULL;
	bool good = prepare(terms, &trust, e);

	trust_free(trust);
	return good;
}

/* Up to the reply to EHLO, on a new connection. */
static bool greet(struct session *s, struct err *e)
{
	const struct session_terms *t = s->terms;

	if (!connect_to_host(s, e))
		return false;
	struct client_terms terms = {
		.helo = t->helo ? t->helo : s->dialed.local,
		.tls_active = t->tls == SESSION_IMPLICIT,
		.starttls = t->tls == SESSION_STARTTLS,
		.auth = t->user != NULL,
		.lmtp = t->lmtp,
		.chunking = t->chunking,
		.password = t->user ? str_n(t->password->bytes, t->password->len) : STR(""),
		.timeout = t->timeout,
		.timeout_final = t->timeout_final,
		.spoke = t->watch.spoke,
		.spoke_ctx = t->watch.ctx,
	};
	s->client = client_new(&terms);
	begin(s, SESSION_STEP_HELLO);
	enum client_want want = run(s, false, NULL);
	s->caps = *client_caps(s->client);
	if (want != CLIENT_IDLE && want != CLIENT_AUTH) {
		*e = *client_error(s->client);
		return false;
	}
	ended(s, SESSION_STEP_HELLO, "");
	return true;
}

struct session *session_open(const struct session_terms *terms, struct err *e)
{
	struct session *s = mem_alloc(sizeof(*s));

	*s = (struct session) { .terms = terms, .piece = mem_alloc(PIECE) };
	if (prepare(terms, &s->trust, e) && greet(s, e))
		return s;
	session_close(s);
	return NULL;
}

const struct caps *session_caps(const struct session *s)
{
	return &s->caps;
}

/* AUTH alone. */
static bool authenticate_first(struct session *s, struct err *e)
{
	if (client_next(s->client) != CLIENT_AUTH)
		return true;
	begin(s, SESSION_STEP_AUTH);
	if (run(s, true, NULL) == CLIENT_IDLE)
		return true;
	*e = *client_error(s->client);
	return false;
}

/* --- flights --- */

static struct flights_terms flights_terms(const struct session *s)
{
	const struct session_terms *t = s->terms;
	bool verified = t->tls != SESSION_CLEAR && trust_is_verifying(&t->trust);

	return (struct flights_terms) {
		.set = t->pipelining,
		.may_learn = verified && t->user && t->port != 25 && !t->lmtp,
		.host = t->socket ? t->socket : t->host,
		.port = t->socket ? 0 : t->port,
		.account = t->account,
		.keywords = s->caps.keywords,
	};
}

static enum client_flights choose_flights(const struct session *s)
{
	struct flights_terms terms = flights_terms(s);

	/* Only what goes with AUTH has to be learnt. */
	terms.may_learn = terms.may_learn && !s->fell_back && !client_is_authed(s->client);
	return flights_choose(&terms);
}

/* It ended with something that the server said, in step. */
static bool was_in_step(const struct client_result *result)
{
	if (result->outcome == OUTCOME_NOT_SENT)
		return result->err.reply && result->err.kind != ERR_PROTOCOL;
	return result->outcome != OUTCOME_UNKNOWN;
}

static void learn(const struct session *s, const struct client_result *result)
{
	bool in_step = was_in_step(result);
	struct flights_terms terms = flights_terms(s);
	bool authed = client_is_authed(s->client);

	if (client_is_unauthenticated(s->client) || (s->fell_back && in_step && authed))
		flights_learn(&terms, FLIGHTS_BASIC);
	else if (s->flights == CLIENT_FULL && !in_step)
		flights_learn(&terms, FLIGHTS_UNKNOWN);
	else if (s->flights == CLIENT_FIRST && in_step && client_flew(s->client))
		flights_learn(&terms, FLIGHTS_FULL);
}

/* Ends the connection; of a message that was cut off, at once. */
static void hang_up(struct session *s)
{
	bool politely = s->client && !client_is_torn(s->client), blocked;
	struct err ignored;

	if (politely) {
		client_quit(s->client);
		(void)client_next(s->client);
		(void)write_out(s, &blocked, &ignored);
	}
	stream_close(s->stream, politely || !s->client);
	client_free(s->client);
	sasl_free(s->sasl);
	s->stream = NULL;
	s->client = NULL;
	s->sasl = NULL;
}

/* The server does not have the message, and may take it another way, in the time that is left. */
static bool may_fall_back(const struct session *s, const struct client_result *result)
{
	return client_flight_failed(s->client) && !s->fell_back &&
	       result->outcome != OUTCOME_ACCEPTED && result->outcome != OUTCOME_UNKNOWN &&
	       !deadline_passed(s->terms->run_until);
}

/* Once more, with AUTH alone. */
static bool fall_back(struct session *s, struct err *e)
{
	bool unsupported = client_auth_state(s->client) == CLIENT_AUTH_REFUSED;

	log_note("the server does not answer AUTH, MAIL and RCPT in one flight; connecting again");
	hang_up(s);
	s->fell_back = true;
	if (!unsupported) /* else another mechanism has its turn */
		s->mechs_tried[0] = '\0';
	return greet(s, e);
}

/* --- messages --- */

static const struct client_result *not_sent(struct session *s, const struct err *why)
{
	s->failed = (struct client_result) { .outcome = OUTCOME_NOT_SENT, .err = *why };
	return &s->failed;
}

static const struct client_result *attempt(struct session *s, struct spool *content)
{
	bool auth = s->terms->user && !client_is_authed(s->client);

	begin(s, auth ? SESSION_STEP_AUTH : SESSION_STEP_MESSAGE);
	(void)run(s, true, content);
	return client_result(s->client);
}

const struct client_result *session_send(struct session *s, struct envelope *env,
	const struct client_mail *mail, struct spool *content)
{
	struct err e;

	if (!s->client) /* the second connection was not to be had */
		return not_sent(s, &s->failed.err);
	s->flights = choose_flights(s);
	client_fly(s->client, s->flights);
	client_send(s->client, env, mail);
	const struct client_result *result = attempt(s, content);
	if (may_fall_back(s, result))
		return fall_back(s, &e) ? NULL : not_sent(s, &e);
	learn(s, result);
	if (s->step != SESSION_STEP_MESSAGE) /* it was taken although AUTH was refused */
		begin(s, SESSION_STEP_MESSAGE);
	if (result->outcome == OUTCOME_ACCEPTED)
		ended(s, SESSION_STEP_MESSAGE, result->err.said);
	return result;
}

const struct client_result *session_etrn(struct session *s, const char *node)
{
	struct err e;

	if (!s->client) /* the second connection was not to be had */
		return not_sent(s, &s->failed.err);
	if (!authenticate_first(s, &e))
		return not_sent(s, &e);
	begin(s, SESSION_STEP_MESSAGE);
	client_etrn(s->client, node);
	(void)run(s, false, NULL);
	return client_result(s->client);
}

bool session_is_open(const struct session *s)
{
	return s->client && !client_is_closed(s->client);
}

bool session_is_unauthenticated(const struct session *s)
{
	return s->client && client_is_unauthenticated(s->client);
}

void session_close(struct session *s)
{
	if (!s)
		return;
	hang_up(s);
	trust_free(s->trust);
	mem_wipe(s->piece, PIECE);
	mem_free(s->piece);
	mem_free(s);
}

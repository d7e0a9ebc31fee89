/* SPDX-License-Identifier: MIT */
#include "session/session.h"

#include "base/log.h"
#include "base/mem.h"
#include "session/auth_exchange.h"
#include "session/pump.h"

enum { TRIED_OCTETS = 300 };

struct session {
	const struct session_options *options;
	struct trust *trust; /* NULL without TLS */
	char *peer;          /* for it */
	struct stream *stream;
	struct client *client;
	struct auth_exchange login;
	struct dial_result dialed; /* its stream is the socket, below all layers */
	enum session_step step;
	struct capabilities caps; /* of the connection at hand */
	enum client_pipelining flights;
	bool fell_back;   /* connected once more, for PIPELINE_BASIC */
	size_t at;        /* the target in use */
	struct buf tried; /* those before it, and why they are not: for an error */
	struct pump pump;
	struct client_result failed; /* when there is no engine to ask */
};

static void begin_step(struct session *s, enum session_step step)
{
	s->step = step;
	if (s->options->watch.step)
		s->options->watch.step(s->options->watch.ctx, step, NULL);
}

static void ended(const struct session *s, enum session_step step, const char *facts)
{
	if (s->options->watch.step)
		s->options->watch.step(s->options->watch.ctx, step, facts);
}

/* seconds of a step outside the engine: connecting, the handshake. */
static deadline step_deadline(const struct session *s, unsigned seconds)
{
	unsigned n = s->options->timeout ? s->options->timeout : seconds;

	return deadline_first(deadline_in((int64_t)n * 1000), s->options->run_until);
}

const struct session_server *session_server(const struct session *s)
{
	return &s->options->targets[s->at];
}

/* --- TLS --- */

/* Whom to believe to be the server at hand. */
static void aim(struct session *s)
{
	const struct session_server *target = session_server(s);
	const char *socket = s->options->way.socket;

	mem_free(s->peer);
	s->peer = mem_fmt(
		"%s %u %s", socket ? socket : target->host, target->port, s->options->account);
	trust_set_goal(s->trust, &(struct trust_goal) { .host = target->name,
					 .service = target->service,
					 .name_hint = target->name_hint,
					 .peer = s->peer });
}

static bool start_tls(struct session *s, struct err *e)
{
	char facts[TLS_TEXT_MAX];

	begin_step(s, SESSION_STEP_TLS);
	if (session_server(s)->tls == SESSION_STARTTLS && stream_unread(s->stream)) {
		err_set(e, ERR_PROTOCOL, "the server sent more than its reply to STARTTLS");
		return err_hint(e,
			"nothing was sent; someone may be tampering with the connection: the "
			"lines port 465 and tls_starttls off make TLS begin at once");
	}
	aim(s);
	struct stream *inner = tls_start(s->stream, s->trust, step_deadline(s, 120), facts, e);
	if (!inner)
		return false;
	s->stream = inner;
	ended(s, SESSION_STEP_TLS, facts);
	return true;
}

/* --- the message --- */

/* How much of the message has left, as far as we know: what the kernel has may still be here. */
static void tell_moved(const struct session *s, const struct spool *content)
{
	const struct session_watch *watch = &s->options->watch;
	uint64_t given = content ? client_body_at(s->client) : 0, here = client_out(s->client).len;

	if (watch->moved)
		watch->moved(
			watch->ctx, given > here ? given - here : 0, content ? content->size : 0);
}

static void move(struct session *s, const struct spool *content)
{
	s->pump.run_until = s->options->run_until;
	s->pump.tick = s->options->watch.moved ? SESSION_TICK : 0;
	pump(&s->pump, s->client, s->stream);
	tell_moved(s, content);
}

static bool give_body(struct session *s, struct spool *content, struct err *e)
{
	size_t n;

	content->at = client_body_at(s->client);
	if (!spool_read(content, s->pump.piece, PUMP_PIECE, &n, e))
		return false;
	if (n)
		(void)client_body(s->client, str_n(s->pump.piece, n));
	else
		client_body_end(s->client);
	return true;
}

/* AUTH was answered; what follows it may be under way already. */
static void note_auth(struct session *s, bool sending)
{
	if (s->step != SESSION_STEP_AUTH || !client_is_authed(s->client))
		return;
	ended(s, SESSION_STEP_AUTH, auth_exchange_mech(&s->login));
	auth_exchange_end(&s->login);
	if (sending)
		begin_step(s, SESSION_STEP_MESSAGE);
}

/*
 * Does what the engine wants until it wants one of the things that end a call: AUTH (unless it is
 * being done), IDLE, DONE, CLOSED.
 */
static enum client_want drive_engine(struct session *s, bool auth, struct spool *content)
{
	struct err e;

	for (;;) {
		enum client_want want = client_next(s->client);
		switch (want) {
		case CLIENT_IO:
			move(s, content);
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
			auth_exchange_step(&s->login, s->client);
			break;
		case CLIENT_BODY:
			if (!give_body(s, content, &e))
				client_lost(s->client, &e);
			if (client_out(s->client).len >= CLIENT_OUT / 2) {
				move(s, content);
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
	const struct session_server *target = session_server(s);
	struct dial_options way = s->options->way;

	way.host = target->host;
	way.port = target->port;
	begin_step(s, SESSION_STEP_CONNECT);
	if (!dial(&way, step_deadline(s, DIAL_SECONDS), &s->dialed, e))
		return false;
	s->stream = s->dialed.stream;
	ended(s, SESSION_STEP_CONNECT, s->dialed.peer);
	return target->tls != SESSION_IMPLICIT || start_tls(s, e);
}

/* What can be known before connecting. */
static bool check_options(const struct session_options *t, struct trust **ret, struct err *e)
{
	if (t->auth && !sasl_check(&t->secrets, e))
		return false;
	for (size_t i = 0; i < t->count; i++)
		if (t->targets[i].tls != SESSION_CLEAR)
			return (*ret = trust_load(&t->trust, e));
	return true;
}

bool session_check(const struct session_options *options, struct err *e)
{
	struct trust *trust = NULL;
	bool good = check_options(options, &trust, e);

	trust_free(trust);
	return good;
}

/* What the engine hides in what is told. */
static struct str secret_of(const struct session_options *t)
{
	const struct secret *p = t->auth ? t->secrets.secret : NULL;

	return p && p->bytes ? str_n(p->bytes, p->len) : STR("");
}

static bool offers(const void *ctx, struct str mech)
{
	const struct session *s = ctx;

	return capabilities_have_mech(client_capabilities(s->client), mech);
}

static bool binding(const void *ctx, bool unique, struct buf *ret)
{
	const struct session *s = ctx;

	return tls_binding(s->stream, unique, ret);
}

/* Up to the reply to EHLO, on a new connection. */
static bool greet(struct session *s, struct err *e)
{
	const struct session_options *t = s->options;
	const struct session_server *target = session_server(s);

	if ((t->auth && !auth_exchange_check(&s->login, target->host, e)) || !connect_to_host(s, e))
		return false;
	struct client_options options = {
		.helo = target->helo ? target->helo : s->dialed.local,
		.tls_active = target->tls == SESSION_IMPLICIT,
		.starttls = target->tls == SESSION_STARTTLS,
		.auth = t->auth,
		.lmtp = t->lmtp,
		.chunking = t->chunking,
		.password = secret_of(t),
		.timeout = t->timeout,
		.timeout_final = t->timeout_final,
		.spoke = t->watch.spoke,
		.spoke_ctx = t->watch.ctx,
	};
	s->client = client_new(&options);
	s->login.peer = (struct sasl_peer) {
		.host = target->host,
		.port = target->port,
		.offers = offers,
		.binding = target->tls == SESSION_CLEAR ? NULL : binding,
		.ctx = s,
	};
	begin_step(s, SESSION_STEP_HELLO);
	enum client_want want = drive_engine(s, false, NULL);
	s->caps = *client_capabilities(s->client);
	if (want != CLIENT_IDLE && want != CLIENT_AUTH) {
		*e = *client_error(s->client);
		return false;
	}
	ended(s, SESSION_STEP_HELLO, "");
	return true;
}

/* Ends the connection; of a message that was cut off, at once. */
static void hang_up(struct session *s)
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
	auth_exchange_end(&s->login);
	s->stream = NULL;
	s->client = NULL;
}

/* --- the next server --- */

static bool has_next(const struct session *s)
{
	return s->at + 1 < s->options->count && !deadline_passed(s->options->run_until);
}

/* An error tells of those that were tried before, too. */
static void tell_tried(const struct session *s, struct err *e)
{
	if (s->tried.len)
		err_in(e, "%s; then %s", buf_text(&s->tried), session_server(s)->host);
}

static void go_to_next(struct session *s, const struct err *why)
{
	const char *host = session_server(s)->host;
	const char *next = s->options->targets[s->at + 1].host;

	log_note("%s: %s%s%s; trying %s", host, why->what, why->said[0] ? ": " : "", why->said,
		next);
	if (s->tried.len < TRIED_OCTETS)
		buf_fmt(&s->tried, "%s%s: %.150s", s->tried.len ? "; then " : "", host, why->what);
	hang_up(s);
	s->at++;
	s->fell_back = false;
	auth_exchange_forget(&s->login);
}

/* A session with the server at hand, or with the first one behind it that will have one. */
static bool greet_one(struct session *s, struct err *e)
{
	struct err why;

	while (!greet(s, &why)) {
		*e = why;
		if (!err_is_temporary(&why) || !has_next(s)) {
			tell_tried(s, e);
			return false;
		}
		go_to_next(s, &why);
	}
	return true;
}

/*
 * What asks elsewhere who we are does so before there is a connection: for each server, of which
 * one has to do.
 */
static bool begin_login(struct session *s, struct err *e)
{
	const struct session_options *t = s->options;
	deadline until = step_deadline(s, 30);
	bool any = !t->auth;
	struct err why;

	for (size_t i = 0; t->auth && i < t->count; i++) {
		bool good = auth_exchange_prepare(&s->login, t->targets[i].host, until, &why);
		any |= good;
		if (!good && (i == 0 || why.kind == ERR_TIMEOUT))
			*e = why;
	}
	return any;
}

struct session *session_open(const struct session_options *options, struct err *e)
{
	struct session *s = mem_alloc(sizeof(*s));

	*s = (struct session) { .options = options, .tried = BUF_INIT(ERR_WHAT_MAX) };
	buf_add(&s->tried, str_of(options->missed));
	s->login.options = &options->secrets;
	pump_init(&s->pump);
	if (check_options(options, &s->trust, e) && begin_login(s, e)) {
		if (options->ready)
			options->ready(options);
		if (greet_one(s, e))
			return s;
	}
	session_close(s);
	return NULL;
}

const struct capabilities *session_capabilities(const struct session *s)
{
	return &s->caps;
}

/* AUTH alone. */
static bool authenticate_first(struct session *s, struct err *e)
{
	if (client_next(s->client) != CLIENT_AUTH)
		return true;
	begin_step(s, SESSION_STEP_AUTH);
	if (drive_engine(s, true, NULL) == CLIENT_IDLE)
		return true;
	*e = *client_error(s->client);
	return false;
}

/* --- flights --- */

static struct pipelining_memory_options pipelining_memory_options(const struct session *s)
{
	const struct session_options *t = s->options;
	const struct session_server *target = session_server(s);
	const char *socket = t->way.socket;
	bool verified = target->tls != SESSION_CLEAR && trust_is_verifying(&t->trust);

	return (struct pipelining_memory_options) {
		.set = t->pipelining,
		.may_learn = verified && t->auth && target->port != 25 && !t->lmtp,
		.host = socket ? socket : target->host,
		.port = socket ? 0 : target->port,
		.account = t->account,
		.keywords = s->caps.keywords,
	};
}

static enum client_pipelining choose_flights(const struct session *s)
{
	struct pipelining_memory_options options = pipelining_memory_options(s);

	/* Only what goes with AUTH has to be learnt. */
	options.may_learn = options.may_learn && !s->fell_back && !client_is_authed(s->client);
	return pipelining_memory_choose(&options);
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
	struct pipelining_memory_options options = pipelining_memory_options(s);
	bool authed = client_is_authed(s->client);

	if (client_is_unauthenticated(s->client) || (s->fell_back && in_step && authed))
		pipelining_memory_learn(&options, PIPELINING_KNOWN_BASIC);
	else if (s->flights == PIPELINE_ALL && !in_step)
		pipelining_memory_learn(&options, PIPELINING_UNKNOWN);
	else if (s->flights == PIPELINE_TO_RCPT && in_step && client_pipelined_auth(s->client))
		pipelining_memory_learn(&options, PIPELINING_KNOWN_FULL);
}

/* The server does not have the message, and may take it another way, in the time that is left. */
static bool may_fall_back(const struct session *s, const struct client_result *result)
{
	return client_pipelining_failed(s->client) && !s->fell_back &&
	       result->outcome != OUTCOME_ACCEPTED && result->outcome != OUTCOME_UNKNOWN &&
	       !deadline_passed(s->options->run_until);
}

/* Once more, with AUTH alone. */
static bool fall_back(struct session *s, struct err *e)
{
	bool unsupported = client_auth_state(s->client) == CLIENT_AUTH_REFUSED;

	log_note("the server does not answer AUTH, MAIL and RCPT in one flight; connecting again");
	hang_up(s);
	s->fell_back = true;
	if (!unsupported) /* else another mechanism has its turn */
		auth_exchange_forget(&s->login);
	return greet_one(s, e);
}

/* --- messages --- */

static const struct client_result *not_sent(struct session *s, const struct err *why)
{
	s->failed = (struct client_result) { .outcome = OUTCOME_NOT_SENT, .err = *why };
	return &s->failed;
}

/* The message was not taken for now, and is to be given to another server. */
static const struct client_result *go_elsewhere(struct session *s, const struct err *why)
{
	struct err e;

	go_to_next(s, why);
	if (greet_one(s, &e))
		return NULL;
	return not_sent(s, &e);
}

/* As the engine has it; where none would have the message, with all servers that were tried. */
static const struct client_result *finished(struct session *s, const struct client_result *result)
{
	bool in_vain = result->outcome == OUTCOME_NOT_SENT || result->try_next_host;

	if (in_vain && s->tried.len) {
		s->failed = *result;
		tell_tried(s, &s->failed.err);
		result = &s->failed;
	}
	buf_clear(&s->tried);
	return result;
}

static const struct client_result *attempt(struct session *s, struct spool *content)
{
	bool auth = s->options->auth && !client_is_authed(s->client);

	begin_step(s, auth ? SESSION_STEP_AUTH : SESSION_STEP_MESSAGE);
	(void)drive_engine(s, true, content);
	return client_result(s->client);
}

/* What is known here of why AUTH was refused. */
static const struct client_result *explain_auth(
	struct session *s, const struct client_result *result)
{
	if (s->step != SESSION_STEP_AUTH || result->outcome != OUTCOME_NOT_SENT)
		return result;
	s->failed = *result;
	auth_exchange_explain(&s->login, &s->failed.err);
	return &s->failed;
}

const struct client_result *session_send(struct session *s, struct envelope *env,
	const struct client_message *mail, struct spool *content)
{
	struct client_message options = *mail;
	struct err e;

	if (!s->client) /* the second connection was not to be had */
		return not_sent(s, &s->failed.err);
	s->flights = choose_flights(s);
	client_pipeline(s->client, s->flights);
	options.waits = has_next(s);
	client_send(s->client, env, &options);
	const struct client_result *result = explain_auth(s, attempt(s, content));
	if (may_fall_back(s, result))
		return fall_back(s, &e) ? NULL : not_sent(s, &e);
	if (result->try_next_host && has_next(s))
		return go_elsewhere(s, &result->err);
	learn(s, result);
	if (s->step != SESSION_STEP_MESSAGE) /* it was taken although AUTH was refused */
		begin_step(s, SESSION_STEP_MESSAGE);
	if (result->outcome == OUTCOME_ACCEPTED)
		ended(s, SESSION_STEP_MESSAGE, result->err.said);
	return finished(s, result);
}

const struct client_result *session_etrn(struct session *s, const char *node)
{
	struct err e;

	if (!s->client) /* the second connection was not to be had */
		return not_sent(s, &s->failed.err);
	if (!authenticate_first(s, &e))
		return not_sent(s, &e);
	begin_step(s, SESSION_STEP_MESSAGE);
	client_etrn(s->client, node);
	(void)drive_engine(s, false, NULL);
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
	mem_free(s->peer);
	auth_exchange_done(&s->login);
	pump_done(&s->pump);
	buf_done(&s->tried);
	mem_free(s);
}

/* SPDX-License-Identifier: MIT */
#include "session/session.h"

#include "base/log.h"
#include "base/mem.h"
#include "conf/hosts.h"
#include "os/interrupt.h"
#include "session/session_state.h"

enum { TRIED_OCTETS = 300 };

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
	const struct session_server *server = session_current_server(s);

	if ((t->auth && !auth_exchange_check(&s->auth, server->host, e)) || !session_connect(s, e))
		return false;
	struct client_options options = {
		.helo = server->helo ? server->helo : s->dialed.local,
		.tls_active = server->tls == SESSION_IMPLICIT,
		.tls_expected = server->tls != SESSION_IMPLICIT && hosts_is_tls_port(server->port),
		.starttls = server->tls == SESSION_STARTTLS,
		.auth = t->auth,
		.lmtp = t->lmtp,
		.password = secret_of(t),
		.timeout = t->timeout,
		.timeout_final = t->timeout_final,
		.spoke = t->watch.spoke,
		.spoke_ctx = t->watch.ctx,
	};
	s->client = client_new(&options);
	s->auth.peer = (struct sasl_peer) {
		.host = server->host,
		.port = server->port,
		.offers = offers,
		.binding = server->tls == SESSION_CLEAR ? NULL : binding,
		.ctx = s,
	};
	session_begin_step(s, SESSION_STEP_HELLO);
	enum client_want want = session_drive(s, false);
	s->caps = *client_capabilities(s->client);
	if (want != CLIENT_IDLE && want != CLIENT_AUTH) {
		*e = *client_error(s->client);
		return false;
	}
	session_end_step(s, SESSION_STEP_HELLO, "");
	return true;
}

/* --- what is known of the server --- */

/* The server at hand, for session/server_memory. */
static struct server_memory this_server(const struct session *s)
{
	const struct session_server *server = session_current_server(s);
	const char *socket = s->options->way.socket;

	return (struct server_memory) {
		.host = socket ? socket : server->host,
		.port = socket ? 0 : server->port,
		.keywords = s->caps.keywords,
	};
}

static struct pipelining_memory_options pipelining_memory_options(const struct session *s)
{
	const struct session_options *t = s->options;
	const struct session_server *server = session_current_server(s);
	struct server_memory about = this_server(s);
	bool verified = server->tls != SESSION_CLEAR && trust_is_verifying(&t->trust);

	about.account = t->account;
	return (struct pipelining_memory_options) {
		.set = t->pipelining,
		.may_learn = verified && t->auth && server->port != 25 && !t->lmtp,
		.about = about,
	};
}

void session_remember(struct session *s)
{
	chunking_remember(&s->chunking, this_server(s));
	if (!s->has_learnt)
		return;
	struct pipelining_memory_options options = pipelining_memory_options(s);
	pipelining_memory_learn(&options, s->learnt);
	s->has_learnt = false;
}

static void leave(struct session *s)
{
	session_remember(s);
	session_hang_up(s);
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
		err_in(e, "%s; then %s", buf_text(&s->tried), session_current_server(s)->host);
}

static void go_to_next(struct session *s, const struct err *why)
{
	const char *host = session_current_server(s)->host;
	const char *next = s->options->servers[s->at + 1].host;

	log_note("%s: %s%s%s; trying %s", host, why->what, why->said[0] ? ": " : "", why->said,
		next);
	if (s->tried.len < TRIED_OCTETS)
		buf_fmt(&s->tried, "%s%s: %.150s", s->tried.len ? "; then " : "", host, why->what);
	leave(s);
	s->at++;
	s->fell_back = PIPELINING_UNKNOWN;
	s->by_data = false;
	chunking_done(&s->chunking);
	s->chunking = (struct chunking) { .known = CHUNKING_UNKNOWN };
	auth_exchange_forget(&s->auth);
}

/* A session with the server at hand, or with the first one behind it that will have one. */
static bool greet_one(struct session *s, struct err *e)
{
	struct err why;

	while (!greet(s, &why)) {
		*e = why;
		if (!err_is_temporary(&why) || why.kind == ERR_INTERRUPTED || !has_next(s)) {
			tell_tried(s, e);
			return false;
		}
		go_to_next(s, &why);
	}
	return true;
}

/*
 * A mechanism that asks another server for a ticket does so before there is a connection, for each
 * of our servers; one ticket is enough.
 */
static bool begin_login(struct session *s, struct err *e)
{
	const struct session_options *t = s->options;
	deadline until = session_step_deadline(s, 30);
	bool any = !t->auth;
	struct err why;

	for (size_t i = 0; t->auth && i < t->count; i++) {
		bool good = auth_exchange_prepare(&s->auth, t->servers[i].host, until, &why);
		any |= good;
		/* What is left behind in a thread could not be confined (os/sandbox). */
		bool left = !good && (why.kind == ERR_TIMEOUT || why.kind == ERR_INTERRUPTED);
		if (!good && (i == 0 || left))
			*e = why;
		if (left)
			return false;
	}
	return any;
}

struct session *session_open(const struct session_options *options, struct err *e)
{
	struct session *s = mem_alloc(sizeof(*s));

	*s = (struct session) { .options = options, .tried = BUF_INIT(ERR_WHAT_MAX) };
	buf_add(&s->tried, str_of(options->missed));
	s->auth.options = &options->secrets;
	pump_init(&s->pump);
	if (session_prepare(options, &s->trust, e) && begin_login(s, e)) {
		if (options->ready)
			options->ready(options);
		if (greet_one(s, e))
			return s;
	}
	session_close(s);
	return NULL;
}

const struct session_server *session_server(const struct session *s)
{
	return session_current_server(s);
}

const struct capabilities *session_capabilities(const struct session *s)
{
	return &s->caps;
}

bool session_auth(struct session *s, struct err *e)
{
	if (!s->client) { /* the second connection was not to be had */
		*e = s->failed.err;
		return false;
	}
	if (client_next(s->client) != CLIENT_AUTH)
		return true;
	session_begin_step(s, SESSION_STEP_AUTH);
	if (session_drive(s, true) == CLIENT_IDLE)
		return true;
	*e = *client_error(s->client);
	return false;
}

/* --- pipelining --- */

static enum client_pipelining choose_pipelining(const struct session *s)
{
	struct pipelining_memory_options options = pipelining_memory_options(s);

	if (s->fell_back)
		return s->fell_back == PIPELINING_KNOWN_OFF ? PIPELINE_OFF : PIPELINE_BASIC;
	enum client_pipelining chosen = pipelining_memory_choose(&options);
	/* After AUTH there is nothing to learn; but a server that cannot do it still cannot. */
	bool settled = options.may_learn && client_is_authed(s->client);
	return settled && s->options->pipelining == PIPELINING_AUTO && chosen != PIPELINE_OFF
		       ? PIPELINE_BASIC
		       : chosen;
}

/* It ended with something that the server said, in step. */
static bool was_in_step(const struct client_result *result)
{
	if (result->outcome == OUTCOME_NOT_SENT)
		return result->err.reply && result->err.kind != ERR_PROTOCOL;
	return result->outcome != OUTCOME_UNKNOWN;
}

static void note(struct session *s, enum pipelining_known what)
{
	s->learnt = what;
	s->has_learnt = true;
}

/* The server is as slow one command at a time: its silence said nothing of pipelining. */
static bool is_as_slow(const struct session *s)
{
	bool slow = s->silence_before && s->silence.longest >= s->silence_before;

	if (slow)
		log_note("the server is as slow one command at a time; nothing is remembered");
	return slow;
}

static void learn(struct session *s, const struct client_result *result)
{
	bool in_step = was_in_step(result);
	bool authed = client_is_authed(s->client);

	if (interrupt_signal()) /* how it ended says nothing of the server */
		return;
	chunking_learn(&s->chunking, s->client, in_step);
	if (client_is_unauthenticated(s->client))
		note(s, PIPELINING_KNOWN_BASIC);
	else if (s->fell_back && in_step && authed && !is_as_slow(s))
		note(s, s->fell_back);
	else if (s->pipelining == PIPELINE_ALL && (!in_step || result->err.kind == ERR_PROTOCOL))
		note(s, PIPELINING_UNKNOWN);
	else if (s->pipelining == PIPELINE_TO_RCPT && in_step && client_pipelined_auth(s->client))
		note(s, PIPELINING_KNOWN_FULL);
}

/* The server does not have the message, and may take it another way, in the time that is left. */
static bool may_fall_back(const struct session *s, const struct client_result *result)
{
	return client_pipelining_failed(s->client) && !s->fell_back &&
	       result->outcome != OUTCOME_ACCEPTED && result->outcome != OUTCOME_UNKNOWN &&
	       !deadline_passed(s->options->run_until);
}

/*
 * Once more, one command at a time; or, if it was the mechanism that the server does not support,
 * with the next one, and AUTH alone.
 */
static bool fall_back(struct session *s, const struct err *why, struct err *e)
{
	bool unsupported = client_auth_state(s->client) == CLIENT_AUTH_REFUSED;

	log_note("AUTH, MAIL and RCPT were sent together: %s%s%s; connecting again, %s", why->what,
		why->said[0] ? ": " : "", why->said,
		unsupported ? "for another mechanism" : "one command at a time");
	s->silence_before = why->kind == ERR_TIMEOUT ? s->silence.longest : 0;
	leave(s);
	s->fell_back = unsupported ? PIPELINING_KNOWN_BASIC : PIPELINING_KNOWN_OFF;
	if (!unsupported) /* else another mechanism has its turn */
		auth_exchange_forget(&s->auth);
	return greet_one(s, e);
}

/* --- chunking --- */

/* The server does not know BDAT and has nothing of the message, which may go by DATA, in time. */
static bool may_go_by_data(const struct session *s)
{
	return client_chunking_failed(s->client) && !s->by_data &&
	       !deadline_passed(s->options->run_until);
}

/* A ticket is good for one connection: where another may be needed BDAT is not tried. */
static bool may_probe(const struct session *s)
{
	return !s->options->auth || !auth_exchange_has_tickets(&s->auth);
}

/* Once more, without BDAT. */
static bool go_by_data(struct session *s, const struct err *why, struct err *e)
{
	log_note("%s%s%s; connecting again, for DATA", why->what, why->said[0] ? ": " : "",
		why->said);
	chunking_learn(&s->chunking, s->client, true);
	leave(s);
	s->by_data = true;
	auth_exchange_forget(&s->auth);
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

static const struct client_result *attempt(struct session *s)
{
	bool auth = s->options->auth && !client_is_authed(s->client);

	session_begin_step(s, auth ? SESSION_STEP_AUTH : SESSION_STEP_MESSAGE);
	(void)session_drive(s, true);
	return client_result(s->client);
}

/* What is known here of why AUTH was refused. */
static const struct client_result *explain_auth(
	struct session *s, const struct client_result *result)
{
	if (s->step != SESSION_STEP_AUTH || result->outcome != OUTCOME_NOT_SENT)
		return result;
	s->failed = *result;
	auth_exchange_explain(&s->auth, &s->failed.err);
	return &s->failed;
}

/* Offers the message to the server at hand. */
static const struct client_result *offer(struct session *s, struct client_message *how)
{
	s->pipelining = choose_pipelining(s);
	client_pipeline(s->client, s->pipelining);
	how->waits = has_next(s);
	s->size = how->size;
	client_send(s->client, s->message->env, how);
	return explain_auth(s, attempt(s));
}

/* The server at hand, or the next one, gets it. NULL: on a new connection, once more. */
static const struct client_result *try_to_send(struct session *s)
{
	struct client_message how = { 0 };
	struct err e;

	if (!s->client) /* the second connection was not to be had */
		return not_sent(s, &s->failed.err);
	if (!s->message->suit(s->message->ctx, &s->caps, &how, &e))
		return not_sent(s, &e);
	if (s->options->chunking && s->caps.chunking && may_probe(s) &&
		!chunking_plan(&s->chunking, this_server(s), s->message, &how, &e))
		return not_sent(s, &e);
	const struct client_result *result = offer(s, &how);
	if (may_go_by_data(s))
		return go_by_data(s, &result->err, &e) ? NULL : not_sent(s, &e);
	if (may_fall_back(s, result))
		return fall_back(s, &result->err, &e) ? NULL : not_sent(s, &e);
	if (result->try_next_host && has_next(s))
		return go_elsewhere(s, &result->err);
	learn(s, result);
	if (s->step != SESSION_STEP_MESSAGE) /* it was taken although AUTH was refused */
		session_begin_step(s, SESSION_STEP_MESSAGE);
	if (result->outcome == OUTCOME_ACCEPTED)
		session_end_step(s, SESSION_STEP_MESSAGE, result->err.said);
	return finished(s, result);
}

const struct client_result *session_send(struct session *s, const struct session_message *message)
{
	const struct client_result *result = NULL;

	s->message = message;
	s->options->facts->begun[SESSION_STEP_MESSAGE] = 0;
	s->options->facts->done[SESSION_STEP_MESSAGE] = false;
	while (!result)
		result = try_to_send(s);
	s->message = NULL;
	return result;
}

const struct client_result *session_etrn(struct session *s, const char *node)
{
	struct err e;

	if (!session_auth(s, &e))
		return not_sent(s, &e);
	session_begin_step(s, SESSION_STEP_MESSAGE);
	client_etrn(s->client, node);
	(void)session_drive(s, false);
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
	leave(s);
	trust_free(s->trust);
	mem_free(s->peer);
	auth_exchange_done(&s->auth);
	pump_done(&s->pump);
	chunking_done(&s->chunking);
	buf_done(&s->tried);
	mem_free(s);
}

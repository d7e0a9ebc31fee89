/* SPDX-License-Identifier: MIT */
#include "session/session.h"

#include "base/log.h"
#include "base/mem.h"
#include "os/interrupt.h"
#include "session/learning.h"
#include "session/next_server.h"

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
		if (next_server_greet(s, e))
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

/* The server does not have the message, and may take it another way, in the time that is left. */
static bool may_fall_back(const struct session *s, const struct client_result *result)
{
	bool refused = client_auth_state(s->client) == CLIENT_AUTH_REFUSED;

	return client_pipelining_failed(s->client) && !s->fell_back &&
	       (!refused || auth_exchange_has_another(&s->auth)) &&
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
	s->fell_back_from = why->reply;
	s->fell_back_lost = why->kind == ERR_NETWORK && !why->reply;
	next_server_leave(s); /* with which *why is gone */
	s->fell_back = unsupported ? PIPELINING_KNOWN_BASIC : PIPELINING_KNOWN_OFF;
	if (!unsupported) /* else another mechanism has its turn */
		auth_exchange_forget(&s->auth);
	return next_server_greet(s, e);
}

/* --- chunking --- */

/*
 * The server does not know BDAT, or says nothing to the first line of the message as a chunk. It
 * can have accepted nothing, and the message may go by DATA, in time.
 */
static bool may_go_by_data(const struct session *s)
{
	bool failed = client_chunking_failed(s->client) || client_chunking_unheard(s->client);

	return failed && !s->by_data && !interrupt_signal() &&
	       !deadline_passed(s->options->run_until);
}

/* A ticket is good for one connection: where another may be needed BDAT is not tried. */
static bool may_use_bdat(const struct session *s)
{
	return s->options->chunking && s->caps.chunking && !s->by_data &&
	       !(s->options->auth && auth_exchange_has_tickets(&s->auth));
}

/* Once more, without BDAT. */
static bool go_by_data(struct session *s, const struct err *why, struct err *e)
{
	log_note("%s%s%s; connecting again, for DATA", why->what, why->said[0] ? ": " : "",
		why->said);
	chunking_learn(&s->chunking, s->client, true);
	next_server_leave(s);
	s->by_data = true;
	auth_exchange_forget(&s->auth);
	return next_server_greet(s, e);
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

	next_server_move(s, why);
	if (next_server_greet(s, &e))
		return NULL;
	return not_sent(s, &e);
}

/* As the engine has it; where none would have the message, with all servers that were tried. */
static const struct client_result *finished(struct session *s, const struct client_result *result)
{
	bool in_vain = result->outcome == OUTCOME_NOT_SENT || result->try_next_host;

	if (in_vain && s->tried.len) {
		s->failed = *result;
		next_server_tell_tried(s, &s->failed.err);
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
	s->pipelining = learning_pipelining(s);
	client_pipeline(s->client, s->pipelining);
	how->waits = next_server_is_there(s);
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
	if (may_use_bdat(s) &&
		!chunking_plan(&s->chunking, learning_server(s), s->message, &how, &e))
		return not_sent(s, &e);
	const struct client_result *result = offer(s, &how);
	if (may_go_by_data(s))
		return go_by_data(s, &result->err, &e) ? NULL : not_sent(s, &e);
	if (may_fall_back(s, result))
		return fall_back(s, &result->err, &e) ? NULL : not_sent(s, &e);
	if (result->try_next_host && next_server_is_there(s))
		return go_elsewhere(s, &result->err);
	learning_note(s, result);
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

void session_remember(struct session *s)
{
	learning_keep(s);
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
	next_server_leave(s);
	trust_free(s->trust);
	mem_free(s->peer);
	auth_exchange_done(&s->auth);
	pump_done(&s->pump);
	chunking_done(&s->chunking);
	buf_done(&s->tried);
	mem_free(s);
}

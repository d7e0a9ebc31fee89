/* SPDX-License-Identifier: MIT */
#include "session/next_server.h"

#include "base/log.h"
#include "conf/hosts.h"
#include "session/learning.h"

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

void next_server_leave(struct session *s)
{
	learning_keep(s);
	session_hang_up(s);
}

bool next_server_is_there(const struct session *s)
{
	return s->at + 1 < s->options->count && !deadline_passed(s->options->run_until);
}

void next_server_tell_tried(const struct session *s, struct err *e)
{
	if (s->tried.len)
		err_in(e, "%s; then %s", buf_text(&s->tried), session_current_server(s)->host);
}

void next_server_move(struct session *s, const struct err *why)
{
	const char *host = session_current_server(s)->host;
	const char *next = s->options->servers[s->at + 1].host;

	log_note("%s: %s%s%s; trying %s", host, why->what, why->said[0] ? ": " : "", why->said,
		next);
	if (s->tried.len < TRIED_OCTETS)
		buf_fmt(&s->tried, "%s%s: %.150s", s->tried.len ? "; then " : "", host, why->what);
	next_server_leave(s);
	s->at++;
	s->fell_back = PIPELINING_UNKNOWN;
	s->by_data = false;
	chunking_done(&s->chunking);
	s->chunking = (struct chunking) { .known = CHUNKING_UNKNOWN };
	auth_exchange_forget(&s->auth);
}

bool next_server_greet(struct session *s, struct err *e)
{
	struct err why;

	while (!greet(s, &why)) {
		*e = why;
		if (!err_is_temporary(&why) || why.kind == ERR_INTERRUPTED ||
			!next_server_is_there(s)) {
			next_server_tell_tried(s, e);
			return false;
		}
		next_server_move(s, &why);
	}
	return true;
}

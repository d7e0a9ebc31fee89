/* SPDX-License-Identifier: MIT */
#include "session/learning.h"

#include "base/log.h"
#include "os/interrupt.h"

/* The server at hand, for session/server_memory. */
struct server_memory learning_server(const struct session *s)
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
	struct server_memory about = learning_server(s);
	bool verified = server->tls != SESSION_CLEAR && trust_is_verifying(&t->trust);

	about.account = t->account;
	return (struct pipelining_memory_options) {
		.set = t->pipelining,
		.may_learn = verified && t->auth && server->port != 25 && !t->lmtp,
		.about = about,
	};
}

void learning_keep(struct session *s)
{
	chunking_remember(&s->chunking, learning_server(s));
	if (!s->has_learnt)
		return;
	struct pipelining_memory_options options = pipelining_memory_options(s);
	pipelining_memory_learn(&options, s->learnt);
	s->has_learnt = false;
}

enum client_pipelining learning_pipelining(const struct session *s)
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

static void set_learnt(struct session *s, enum pipelining_known what)
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

/*
 * What made us connect once more may have had nothing to do with pipelining: the connection was
 * lost, or the server says the same to one command at a time.
 */
static bool was_no_proof(const struct session *s, const struct client_result *result)
{
	bool same = result->outcome != OUTCOME_ACCEPTED && s->fell_back_from &&
		    result->err.reply == s->fell_back_from;

	return s->fell_back_lost || same;
}

void learning_note(struct session *s, const struct client_result *result)
{
	bool in_step = was_in_step(result);
	bool authed = client_is_authed(s->client);

	if (interrupt_signal()) /* how it ended says nothing of the server */
		return;
	chunking_learn(&s->chunking, s->client, in_step);
	if (client_is_unauthenticated(s->client))
		set_learnt(s, PIPELINING_KNOWN_BASIC);
	else if (s->fell_back && in_step && authed && !is_as_slow(s) && !was_no_proof(s, result))
		set_learnt(s, s->fell_back);
	else if (s->pipelining == PIPELINE_ALL && (!in_step || result->err.kind == ERR_PROTOCOL))
		set_learnt(s, PIPELINING_UNKNOWN);
	else if (s->pipelining == PIPELINE_TO_RCPT && in_step && client_pipelined_auth(s->client))
		set_learnt(s, PIPELINING_KNOWN_FULL);
}

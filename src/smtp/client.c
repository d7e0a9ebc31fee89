/* SPDX-License-Identifier: MIT */
#include "smtp/client.h"

#include "base/mem.h"
#include "smtp/client_commands.h"
#include "smtp/client_replies.h"
#include "smtp/hint.h"
#include "smtp/mail_params.h"

#include <string.h>

/* Remembers the base64 forms of the secret: one for each place in a group of three octets. */
static void remember_secret(struct client *c, struct str secret)
{
	struct buf padded CLEAN_UP(buf_wipe_done) = BUF_INIT(CLIENT_AUTH_LINE);
	struct buf coded CLEAN_UP(buf_wipe_done) = BUF_INIT(2 * CLIENT_AUTH_LINE);

	buf_reserve(&padded, padded.limit);
	buf_reserve(&coded, coded.limit);
	for (unsigned lead = 0; lead < 3; lead++) {
		buf_wipe(&padded);
		buf_wipe(&coded);
		buf_bytes(&padded, "xx", lead);
		buf_add(&padded, secret);
		buf_base64(&coded, buf_str(&padded));
		/* A character is six bits. Those that hold bits of other text are left out. */
		struct str own = str_head(buf_str(&coded), padded.len * 8 / 6);
		own = str_from(own, (lead * 8 + 5) / 6);
		if (!lead || own.len >= REPLY_TELLING)
			client_commands_remember(c, lead ? own : buf_str(&coded));
	}
}

struct client *client_new(const struct client_options *options)
{
	struct client *c = mem_alloc(sizeof(*c));

	c->options = *options;
	c->tls = options->tls_active;
	c->pipelining = PIPELINE_BASIC;
	c->out = BUF_INIT(CLIENT_OUT);
	buf_reserve(&c->out, CLIENT_OUT);
	c->auth_held = BUF_SECRET(CLIENT_AUTH_LINE);
	c->auth_said = BUF_SECRET(4 * CLIENT_AUTH_LINE);
	c->auth_asked = BUF_INIT(CLIENT_AUTH_LINE);
	if (options->password.len)
		remember_secret(c, options->password);
	reply_init(&c->reader);
	c->queue[0] = (struct awaited) { .verb = VERB_GREETING };
	c->awaited = 1;
	return c;
}

void client_free(struct client *c)
{
	if (!c)
		return;
	buf_wipe_done(&c->out);
	buf_wipe_done(&c->auth_held);
	buf_wipe_done(&c->auth_said);
	buf_wipe_done(&c->auth_asked);
	reply_done(&c->reader);
	mem_free(c);
}

static bool is_auth_wanted(const struct client *c)
{
	return c->options.auth && !c->authed && c->introduced && !c->awaited &&
	       (!c->options.starttls || c->tls) && !(c->m.active && c->m.has_result);
}

/* Half of an unasked reply has come. Nothing is sent until the rest of that reply is known. */
static bool is_interrupted(const struct client *c)
{
	return c->unsolicited && !reply_is_empty(&c->reader) && !c->closed && !c->m.has_result;
}

enum client_want client_next(struct client *c)
{
	if (is_interrupted(c))
		return CLIENT_IO;
	client_commands_send(c);
	if (c->closed)
		return c->m.active && c->m.has_result ? CLIENT_DONE : CLIENT_CLOSED;
	if (c->tls_due)
		return CLIENT_TLS;
	if (is_auth_wanted(c))
		return CLIENT_AUTH;
	if (client_state_in_body(c) && buf_room(&c->out) >= CLIENT_OUT / 2)
		return CLIENT_BODY;
	if (c->out.len || c->awaited)
		return CLIENT_IO;
	return c->m.active && c->m.has_result ? CLIENT_DONE : CLIENT_IDLE;
}

void client_in_behind(struct client *c, struct str rest)
{
	const struct reply *r = &c->reader.reply;
	struct err e;

	reply_feed(&c->reader, rest);
	if (c->reader.state == REPLY_PARTIAL)
		return;
	if (c->reader.state == REPLY_BAD) {
		client_state_fail_protocol(c, c->reader.why_bad);
		return;
	}
	client_state_hide_secrets(c);
	if (r->code == 421) {
		client_state_fail_reply(c, VERB_NONE, r, "the server closed the session");
	} else {
		reply_err(r, &e, ERR_UNKNOWN, "the server answered the message twice");
		client_state_hint_doubt(&e);
		client_state_answered_twice(c, &e);
	}
	client_state_report_reply(c);
}

static bool is_at_message(struct client *c)
{
	return c->awaited == 1 && client_state_oldest(c)->verb == VERB_MESSAGE;
}

/* Octets have come: set the reader's limits, and note if they come before the command has left. */
static void expect_reply(struct client *c)
{
	const struct awaited *a = c->awaited ? client_state_oldest(c) : NULL;

	if (a && (a->verb == VERB_EHLO || a->verb == VERB_LHLO))
		c->reader.max_lines = REPLY_LINES_EHLO;
	if (a && a->verb == VERB_AUTH)
		c->reader.max_kept = REPLY_LINE_AUTH;
	if (reply_is_empty(&c->reader))
		c->unsolicited = !a || c->flushed < a->end;
}

/* A challenge must be answered first: the server may send nothing after it. */
static bool is_asked(const struct client *c)
{
	return !c->awaited && (c->auth_state == CLIENT_AUTH_CHALLENGE || c->auth_due);
}

void client_in(struct client *c, struct str bytes)
{
	struct err e;

	while (!c->closed && bytes.len) {
		if (c->tls_due) {
			err_set(&e, ERR_PROTOCOL,
				"the server sent more than its reply to STARTTLS");
			err_hint(&e, "%s", HINT_TAMPERING);
			client_state_fail(c, &e);
			return;
		}
		bool at_message = is_at_message(c);
		expect_reply(c);
		bytes = str_from(bytes, reply_feed(&c->reader, bytes));
		if (c->reader.state == REPLY_PARTIAL)
			return;
		if (c->reader.state == REPLY_BAD) {
			const char *why = c->reader.why_bad;
			if (at_message && reply_decide(&c->reader))
				client_replies_take(c); /* of its code there is no doubt */
			client_state_fail_protocol(c, why);
			return;
		}
		client_replies_take(c);
		if (at_message && c->t.over && !c->t.dropped && !c->closed) {
			reply_again(&c->reader);
			c->unsolicited = true;
			client_in_behind(c, bytes);
			return;
		}
		reply_again(&c->reader);
		if (is_asked(c) && bytes.len)
			client_state_fail_protocol(c, "the server's replies are out of step");
	}
}

/*
 * BDAT may be answered in the flight of RCPT. Had one reply too many come before, the one to RCPT
 * would be taken for the message's: it is about an address (RFC 3463 section 3.2).
 */
bool client_is_doubtful(const struct client *c)
{
	return c->m.has_result && c->m.result.outcome == OUTCOME_ACCEPTED && c->t.chunked &&
	       strncmp(c->m.result.err.enhanced, "2.1.", 4) == 0 && !c->options.lmtp && !c->closed;
}

void client_acknowledged(struct client *c, bool all)
{
	c->t.unacknowledged = !all;
}

/* The connection is gone or silent. What the server had decided by then still counts. */
static void settle_lost_session(struct client *c)
{
	if (is_at_message(c) && c->flushed >= client_state_oldest(c)->end &&
		reply_decide(&c->reader))
		client_replies_take(c);
}

void client_lost(struct client *c, const struct err *why)
{
	c->lost = true;
	if (!c->closed)
		settle_lost_session(c);
	client_state_fail(c, why);
}

/* The reply that the server owes us, in words. */
static const char *name_due(const struct client *c, char to[48])
{
	enum verb v = c->awaited ? c->queue[c->head].verb : VERB_NONE;

	if (v == VERB_NONE)
		return "end of what the server said unasked";
	text_fmt(to, 48, "%s%s", v == VERB_GREETING ? "" : "reply to ", verb_row(v)->name);
	return to;
}

/* The server may wait for TLS, where we wait for its greeting and STARTTLS is to come. */
static bool expects_tls_at_once(const struct client *c)
{
	return !c->greeted && !c->tls && c->options.starttls && reply_is_empty(&c->reader);
}

void client_eof(struct client *c)
{
	char due[48];
	struct err e;

	if (c->awaited)
		err_set(&e, ERR_NETWORK, "the server closed the connection without a %s",
			name_due(c, due));
	else
		err_set(&e, ERR_NETWORK, "the server closed the connection");
	if (expects_tls_at_once(c))
		err_hint(&e, "run the same command again later; a server that expects TLS from the "
			     "start needs the line tls_starttls off (port 465)");
	client_lost(c, &e);
}

static bool is_writing(const struct client *c)
{
	return c->out.len || c->flushed != c->sent;
}

void client_timed_out(struct client *c)
{
	struct err e;
	long long seconds = (long long)(client_timeout_ms(c) / 1000);
	char due[48];

	if (is_writing(c))
		err_set(&e, ERR_TIMEOUT, "the server stopped reading for %lld s", seconds);
	else
		err_set(&e, ERR_TIMEOUT, "no %s within %lld s", name_due(c, due), seconds);
	if (expects_tls_at_once(c))
		err_hint(&e, "a server with TLS from the start says nothing before it: then add "
			     "the line tls_starttls off (port 465)");
	else if (c->awaited > 1 && !is_writing(c))
		err_hint(&e, "if the server takes one command at a time, although it offers "
			     "PIPELINING, add the line pipelining off to the account");
	client_lost(c, &e);
}

struct str client_out(const struct client *c)
{
	return is_interrupted(c) ? STR("") : buf_str(&c->out);
}

void client_sent(struct client *c, size_t n)
{
	c->sent += n;
	if (n < c->out.len)
		buf_drop(&c->out, n);
	else if (c->out_secret)
		buf_wipe(&c->out);
	else
		buf_clear(&c->out);
	if (!c->out.len)
		c->out_secret = false;
}

/* It is progress, like a reply, if the server has read CLIENT_STEP octets, or all that was sent. */
void client_held(struct client *c, size_t n)
{
	must(n <= c->sent);
	bool all = !n && !c->out.len && c->flushed != c->sent;

	c->flushed = c->sent - n;
	if (all || c->flushed - c->progress_at >= CLIENT_STEP) {
		c->progress_at = c->flushed;
		c->progress++;
	}
}

/* How many seconds the reply to v may take. */
static unsigned reply_seconds(const struct client *c, enum verb v)
{
	if (v == VERB_RSET && c->m.has_result)
		return 5; /* the reply is not needed */
	if (v == VERB_MESSAGE && c->options.timeout_final)
		return c->options.timeout_final;
	return v != VERB_MESSAGE && c->options.timeout ? c->options.timeout : verb_row(v)->seconds;
}

int64_t client_timeout_ms(const struct client *c)
{
	enum verb v = c->awaited ? c->queue[c->head].verb : VERB_NONE;
	struct str line = buf_str(&c->reader.line);
	int64_t ms;

	if (is_interrupted(c))
		return CLIENT_DECIDED_MS;
	if (is_writing(c))
		return (int64_t)(c->options.timeout ? c->options.timeout : 180) * 1000;
	if (v == VERB_MESSAGE && line.len > 3 && line.p[3] == ' ')
		return CLIENT_DECIDED_MS;
	ms = (int64_t)reply_seconds(c, v) * 1000;
	if (v == VERB_GREETING && c->options.tls_expected && ms > CLIENT_GREETING_MS)
		return CLIENT_GREETING_MS;
	if (v == VERB_MAIL && c->authed && client_state_is_first_contact(c) &&
		ms > CLIENT_SILENCE_MS)
		return CLIENT_SILENCE_MS;
	return ms;
}

uint64_t client_progress(const struct client *c)
{
	return c->progress;
}

/* Forgets all that was learnt before TLS (RFC 3207 section 4.2). */
void client_tls_done(struct client *c)
{
	c->tls_due = false;
	c->tls = true;
	c->introduced = false;
	c->caps = (struct capabilities) { 0 };
	c->progress++;
}

const struct capabilities *client_capabilities(const struct client *c)
{
	return &c->caps;
}

void client_pipeline(struct client *c, enum client_pipelining pipelining)
{
	c->pipelining = pipelining;
}

bool client_is_authed(const struct client *c)
{
	return c->authed;
}

bool client_is_unauthenticated(const struct client *c)
{
	return c->m.unauthenticated;
}

bool client_pipelined_auth(const struct client *c)
{
	return c->authed && c->m.pipelined_auth;
}

bool client_is_at_rest(const struct client *c)
{
	return client_state_is_at_rest(c);
}

bool client_pipelining_failed(const struct client *c)
{
	return c->pipelining_failed;
}

enum client_auth_state client_auth_state(const struct client *c)
{
	return c->auth_state;
}

bool client_chunking_failed(const struct client *c)
{
	return c->chunking_failed;
}

bool client_chunking_unheard(const struct client *c)
{
	return c->chunking_unheard;
}

bool client_chunking_proved(const struct client *c)
{
	return c->chunking_proved;
}

struct str client_challenge(const struct client *c)
{
	return buf_str(&c->auth_asked);
}

void client_auth(
	struct client *c, const char *mech, const struct buf *initial, enum client_auth_end end)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(100);
	struct str ir = initial ? buf_str(initial) : STR("");

	must(is_auth_wanted(c));
	c->auth_end = end;
	c->with_token = strcmp(mech, "XOAUTH2") == 0 || strcmp(mech, "OAUTHBEARER") == 0;
	c->auth_rounds = 0;
	buf_wipe(&c->auth_held);
	buf_fmt(&shown, "AUTH %s", mech);
	if (initial && !ir.len)
		ir = STR("="); /* RFC 4954 section 4: an empty initial response */
	if (shown.len + 1 + ir.len > CLIENT_COMMAND) {
		buf_add(&c->auth_held, ir);
		ir = STR("");
	}
	client_commands_auth(c, buf_str(&shown), ir);
	c->auth_ahead = end == CLIENT_AUTH_ENDS && initial && !c->auth_held.len &&
			c->pipelining >= PIPELINE_TO_RCPT;
}

void client_auth_answer(struct client *c, struct str base64, enum client_auth_end end)
{
	must(is_auth_wanted(c));
	c->auth_end = end;
	client_commands_auth(c, STR(""), base64);
}

void client_auth_give_up(struct client *c, const struct err *why)
{
	if (c->auth_state == CLIENT_AUTH_CHALLENGE)
		client_state_cancel_auth(c, why);
	else
		client_state_fail(c, why);
}

static bool begin_submission(struct client *c, const struct submission *m)
{
	c->m = *m;
	c->m.active = true;
	c->t = (struct transaction) { 0 };
	if (c->closed)
		client_state_result(c, OUTCOME_NOT_SENT, &c->err);
	return !c->closed;
}

void client_send(struct client *c, struct envelope *env, const struct client_message *mail)
{
	struct err e;

	must(env->from && env->count);
	envelope_reset(env);
	if (begin_submission(c, &(struct submission) { .env = env, .mail = *mail }) &&
		!mail_params_check(mail, &c->caps, c->tls, &e))
		client_state_result(c, OUTCOME_NOT_SENT, &e);
}

void client_etrn(struct client *c, const char *node)
{
	struct err e;

	if (!begin_submission(c, &(struct submission) { .etrn = node }) || c->caps.etrn)
		return;
	err_set(&e, ERR_UNAVAILABLE, "the server does not offer ETRN");
	client_state_result(c, OUTCOME_NOT_SENT, &e);
}

uint64_t client_body_at(const struct client *c)
{
	return c->t.given;
}

/* The message's last octet is in `out`: from now on a reply can be the message's. */
static void end_body(struct client *c)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(100);
	uint64_t before = c->t.probe_sent ? c->m.mail.probe.len : 0;

	must(!c->out.over);
	client_state_await_message(c);
	buf_fmt(&line, "(the %smessage, %llu octets)", before ? "rest of the " : "",
		(unsigned long long)(c->m.mail.size - before));
	client_state_report(c, false, buf_str(&line));
}

/* Copies the message unchanged (RFC 3030 section 2). The server knows its size, and may answer as
 * soon as it has the last octet. */
static size_t give_chunk(struct client *c, struct str canonical)
{
	canonical = str_head(canonical, buf_room(&c->out));
	must(canonical.len <= c->m.mail.size - c->t.given);
	buf_add(&c->out, canonical);
	c->t.given += canonical.len;
	if (c->t.given == c->m.mail.size)
		end_body(c);
	return canonical.len;
}

size_t client_body(struct client *c, struct str canonical)
{
	size_t n;

	if (c->t.chunked)
		return give_chunk(c, canonical);
	n = stuff_feed(&c->t.stuff, canonical, &c->out);
	c->t.given += n;
	return n;
}

void client_body_end(struct client *c)
{
	if (c->t.body_ended)
		return;
	must(!c->t.chunked);
	stuff_end(&c->t.stuff, &c->out);
	end_body(c);
	client_state_report(c, false, STR("."));
}

bool client_is_cut_short(const struct client *c)
{
	return c->closed &&
	       (c->chunking_failed ||
		       (c->t.go_ahead && !(c->t.body_ended && c->flushed >= c->t.end)));
}

bool client_awaits_verdict(const struct client *c)
{
	return client_state_is_in_doubt(c);
}

bool client_is_closed(const struct client *c)
{
	return c->closed;
}

const struct client_result *client_result(const struct client *c)
{
	return &c->m.result;
}

void client_quit(struct client *c)
{
	c->quit_wanted = true;
	if (c->closed && !c->lost && !client_is_cut_short(c) && !c->quit_sent && !c->out.len &&
		client_commands_may_follow(c)) {
		c->quit_sent = true;
		client_commands_add(c, VERB_QUIT, STR("QUIT"));
	}
}

const struct err *client_error(const struct client *c)
{
	return &c->err;
}

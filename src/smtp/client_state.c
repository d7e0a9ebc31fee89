/* SPDX-License-Identifier: MIT */
#include "smtp/client_state.h"

#include "base/mem.h"
#include "smtp/hint.h"
#include "smtp/refusal.h"

#include <string.h>

struct awaited *client_state_oldest(struct client *c)
{
	return &c->queue[c->head];
}

const struct awaited *client_state_newest(const struct client *c)
{
	return &c->queue[(c->head + c->awaited - 1) % ARRAY_LEN(c->queue)];
}

/* Says that some recipients have the message already, for the sake of a later attempt. */
static void tell_mixed(struct submission *m)
{
	struct err *e = &m->result.err;
	bool unknown = m->result.outcome == OUTCOME_UNKNOWN;
	bool for_good = m->result.outcome == OUTCOME_REFUSED && !err_is_temporary(e);

	if (!unknown && !for_good)
		e->kind = ERR_TEMPORARY;
	err_in(e, "%zu of %zu recipients have the message, %s", m->accepted, m->env->count,
		unknown ? "and of the others it is not certain" : "the others do not");
	if (unknown)
		err_hint(e, "the others may have it too; sending it again may deliver it twice: "
			    "ask them before you run the command again");
	else if (!for_good)
		err_hint(e, "send it again to those alone who do not have it, naming them on the "
			    "command line without -t");
}

void client_state_result(struct client *c, enum client_outcome outcome, const struct err *why)
{
	struct submission *m = &c->m;

	if (!m->active || m->has_result)
		return;
	m->has_result = true;
	m->result.outcome = outcome;
	if (outcome == OUTCOME_REFUSED && c->auth_refused)
		why = &c->err;
	if (why)
		m->result.err = *why;
	if (outcome != OUTCOME_ACCEPTED && m->accepted)
		tell_mixed(m);
}

void client_state_hint_doubt(struct err *e)
{
	err_hint(e, "it may have been delivered; sending it again may deliver it twice: ask the "
		    "recipient before you run the command again");
}

void client_state_refused(
	const struct client *c, struct err *e, enum verb v, const struct reply *r, const char *what)
{
	const struct hint_facts facts = {
		.verb = v,
		.code = r->code,
		.enhanced = r->enhanced,
		.words = buf_str(&r->text),
		.authed = c->authed,
		.tls = c->tls,
		.offers_starttls = c->caps.starttls,
		.offers_scram = strstr(c->caps.mechs, "SCRAM-") != NULL,
		.with_token = c->with_token,
		.grouped = c->t.with_auth,
	};
	const char *advice = hint_for_refusal(&facts);

	reply_err(r, e, refusal_kind(v, r->code, r->enhanced, c->caps.size), what);
	if (advice)
		err_hint(e, "%s", advice);
}

bool client_state_is_at_rest(const struct client *c)
{
	return !c->awaited || c->queue[c->head].end > c->sent;
}

/* Forgets the commands in `out` if nothing of them has left. */
static void take_back(struct client *c)
{
	if (!client_state_is_at_rest(c) || c->sent != c->settled || client_state_in_body(c))
		return;
	buf_wipe(&c->out);
	c->awaited = 0;
}

bool client_state_is_in_doubt(const struct client *c)
{
	const struct transaction *t = &c->t;

	return c->m.active && !c->m.has_result && t->body_ended && !t->over && !t->dropped &&
	       c->flushed >= t->end;
}

bool client_state_is_first_contact(const struct client *c)
{
	return c->t.with_auth && c->pipelining == PIPELINE_TO_RCPT && !c->t.data_sent;
}

/* Replies out of step, a lost connection, or silence after 235: the server may not support
 * commands that are sent together with AUTH. */
static bool is_pipelining_to_blame(const struct client *c, const struct err *why)
{
	enum verb v = c->awaited ? c->queue[c->head].verb : VERB_NONE;

	if (!client_state_is_first_contact(c) || c->m.has_result || c->chunking_failed)
		return false;
	if (why->kind == ERR_TIMEOUT)
		return c->authed && v == VERB_MAIL;
	return why->kind == ERR_PROTOCOL ||
	       (why->kind == ERR_NETWORK && (v == VERB_AUTH || v == VERB_MAIL));
}

static bool is_chunking_unheard(const struct client *c, const struct err *why)
{
	bool probing = c->awaited && c->queue[c->head].verb == VERB_PROBE;

	return probing && !c->t.dropped && !c->m.accepted &&
	       (why->kind == ERR_TIMEOUT || (why->kind == ERR_NETWORK && !why->reply));
}

/*
 * The server has said nothing about the current message: it is gone, or it said something unasked
 * before an octet about the message had left, or it closes the session in answer to MAIL.
 */
static bool has_no_reply_yet(const struct client *c, const struct err *why)
{
	bool closes = why->reply == 421, gone = why->kind == ERR_NETWORK;
	bool asked = c->awaited && c->queue[c->head].verb == VERB_MAIL;

	if (c->m.first)
		return false;
	if (!c->t.mail_sent || (asked && c->sent == c->settled))
		return gone || closes || (c->unsolicited && !reply_is_empty(&c->reader));
	return (gone && asked) || (closes && !c->t.mail_ok);
}

/* For a session that broke down without words that say more. */
static void hint_breakdown(const struct client *c, struct err *e)
{
	if (e->hint[0])
		return;
	if (e->kind == ERR_PROTOCOL && !c->greeted)
		err_hint(e, "what answers may not be a mail server: correct the lines host NAME "
			    "and port NUMBER");
	else if (e->kind == ERR_PROTOCOL)
		err_hint(e, "the server, or a virus scanner or proxy in front of it, does not "
			    "answer as SMTP requires: the same command with -v shows the "
			    "conversation, and a line port NUMBER chooses another port");
	else if (e->kind == ERR_NETWORK || e->kind == ERR_TIMEOUT)
		err_hint(e, "%s", HINT_BREAKDOWN);
}

void client_state_fail(struct client *c, const struct err *err)
{
	struct err doubt, hinted = *err, *why = &hinted;

	if (c->closed)
		return;
	hint_breakdown(c, &hinted);
	c->closed = true;
	if (c->m.active && !c->m.has_result)
		c->m.result.no_reply_yet = !client_state_is_in_doubt(c) && has_no_reply_yet(c, why);
	c->chunking_unheard = is_chunking_unheard(c, why);
	c->pipelining_failed = c->pipelining_failed || is_pipelining_to_blame(c, why);
	if (client_state_is_in_doubt(c)) {
		doubt = *why;
		doubt.kind = ERR_UNKNOWN;
		err_in(&doubt, "the message was sent but not answered");
		client_state_hint_doubt(&doubt);
		client_state_result(c, OUTCOME_UNKNOWN, &doubt);
	}
	if (!c->auth_given_up && !c->auth_refused)
		c->err = *why;
	client_state_result(c, OUTCOME_NOT_SENT, &c->err);
	take_back(c);
}

void client_state_answered_twice(struct client *c, const struct err *why)
{
	struct submission *m = &c->m;

	for (size_t i = m->first; i < c->t.next; i++) {
		struct rcpt *rcpt = &m->env->rcpts[i];
		m->accepted -= rcpt->status == RCPT_ACCEPTED;
		if (rcpt->status == RCPT_ACCEPTED)
			rcpt->status = RCPT_OK;
	}
	verdict_set(EX_TEMPFAIL);
	m->has_result = m->unauthenticated = false;
	client_state_result(c, OUTCOME_UNKNOWN, why);
	client_state_fail(c, why);
}

void client_state_fail_protocol(struct client *c, const char *what)
{
	struct err e;

	err_set(&e, ERR_PROTOCOL, "%s", what);
	client_state_fail(c, &e);
}

void client_state_fail_reply(struct client *c, enum verb v, const struct reply *r, const char *what)
{
	struct err e;

	if (r->code < 400)
		reply_err(r, &e, ERR_PROTOCOL, what);
	else
		client_state_refused(c, &e, v, r, what);
	client_state_fail(c, &e);
}

void client_state_cancel_auth(struct client *c, const struct err *why)
{
	c->err = *why;
	c->auth_given_up = true;
	c->auth_due = AUTH_DUE_CANCEL;
}

void client_state_drop(struct client *c, const struct err *why)
{
	c->t.dropped = c->t.over = true;
	client_state_result(c, OUTCOME_REFUSED, why);
}

void client_state_report(struct client *c, bool server, struct str line)
{
	if (c->options.spoke)
		c->options.spoke(c->options.spoke_ctx, server, line);
}

void client_state_report_reply(struct client *c)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(REPLY_MAX + 8);
	const struct reply *r = &c->reader.reply;
	struct str text = buf_str(&r->text);

	if (!c->options.spoke)
		return;
	do {
		struct str part = str_cut(&text, '\n');
		buf_clear(&line);
		buf_fmt(&line, "%d%c%.*s", r->code, text.len ? '-' : ' ', STR_ARG(part));
		client_state_report(c, true, buf_str(&line));
	} while (text.len);
}

/* Servers quote what they refuse, even in answers to later commands. */
void client_state_hide_secrets(struct client *c)
{
	if (!c->options.auth)
		return;
	for (struct str said = buf_str(&c->auth_said); said.len;)
		reply_hide(&c->reader.reply, str_cut(&said, '\n'));
	reply_hide_password(&c->reader.reply, c->options.password);
}

void client_state_await(struct client *c, enum verb v, size_t rcpt)
{
	must(c->awaited < ARRAY_LEN(c->queue));
	c->queue[(c->head + c->awaited) % ARRAY_LEN(c->queue)] = (struct awaited) {
		.verb = v,
		.rcpt = (uint32_t)rcpt,
		.end = c->sent + c->out.len,
	};
	c->awaited++;
}

/* LMTP answers for each recipient, in the order of RCPT (RFC 2033 section 4.2). */
static void await_each(struct client *c)
{
	for (size_t i = c->m.first; i < c->t.next; i++)
		if (c->m.env->rcpts[i].status == RCPT_OK)
			client_state_await(c, VERB_MESSAGE, i);
}

void client_state_await_message(struct client *c)
{
	if (c->options.lmtp)
		await_each(c);
	else
		client_state_await(c, VERB_MESSAGE, 0);
	c->t.body_ended = true;
	c->t.end = c->sent + c->out.len;
}

bool client_state_in_body(const struct client *c)
{
	return c->t.go_ahead && !c->t.body_ended;
}

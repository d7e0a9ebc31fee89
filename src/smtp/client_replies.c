/* SPDX-License-Identifier: MIT */
#include "smtp/client_replies.h"

#include "base/mem.h"
#include "smtp/client_commands.h"
#include "smtp/refusal.h"

#include <string.h>

static void on_greeting(struct client *c, const struct reply *r)
{
	if (r->code == 220)
		c->greeted = true;
	else
		client_state_fail_reply(c, VERB_GREETING, r,
			r->code < 400   ? "the server's greeting makes no sense"
			: r->code < 500 ? "the server does not take mail now"
					: "the server accepts no mail from this machine");
}

static void on_ehlo(struct client *c, const struct reply *r)
{
	bool needs_ehlo = c->options.starttls || c->options.auth || c->options.lmtp;
	struct err e;

	if (r->code == 250) {
		c->introduced = true;
		capabilities_parse(&c->caps, buf_str(&r->text));
		if (!capabilities_suffice(
			    &c->caps, c->options.starttls && !c->tls, c->options.auth, c->tls, &e))
			client_state_fail(c, &e);
	} else if (r->code >= 500 && r->code != 521 && r->code != 554 && !needs_ehlo) {
		c->ehlo_refused = true;
	} else {
		client_state_fail_reply(c, c->options.lmtp ? VERB_LHLO : VERB_EHLO, r,
			c->options.lmtp ? "the server refused LHLO" : "the server refused EHLO");
	}
}

static void on_helo(struct client *c, const struct reply *r)
{
	if (r->code == 250)
		c->introduced = true;
	else
		client_state_fail_reply(c, VERB_HELO, r, "the server refused EHLO and HELO");
}

static void on_starttls(struct client *c, const struct reply *r)
{
	if (r->code == 220)
		c->tls_due = true;
	else
		client_state_fail_reply(c, VERB_STARTTLS, r, "the server refused STARTTLS");
}

/* The exchange cannot go on because of a permanent fault of the server. */
static void cancel_auth(struct client *c, const char *why)
{
	struct err e;

	err_set(&e, ERR_NOPERM, "%s", why);
	client_state_cancel_auth(c, &e);
}

static const char no_pipelining[] = "the server offers PIPELINING and may not support it; with the "
				    "line pipelining off nothing is sent ahead";

/* The server does not take AUTH and what follows in one group: the replies are out of step. */
static void fail_pipelining(struct client *c, const struct reply *r, const char *what)
{
	struct err e;

	reply_err(r, &e, ERR_PROTOCOL, what);
	if (c->t.with_auth)
		err_hint(&e, "%s", no_pipelining);
	c->pipelining_failed = client_state_is_first_contact(c);
	client_state_fail(c, &e);
}

static void on_auth_challenge(struct client *c, const struct reply *r)
{
	if (c->t.with_auth)
		fail_pipelining(c, r, "the server asked on after AUTH with all that it needs");
	else if (c->auth_rounds++ >= CLIENT_AUTH_ROUNDS)
		cancel_auth(c, "the server does not end the authentication");
	else if (r->cut || c->auth_asked.over)
		cancel_auth(c, "the server's AUTH challenge is too long");
	else if (c->auth_held.len && c->auth_asked.len)
		cancel_auth(c, "the server's AUTH challenge is not the empty one that was due");
	else if (c->auth_held.len)
		c->auth_due = AUTH_DUE_HELD;
	else
		c->auth_state = CLIENT_AUTH_CHALLENGE;
}

static void on_auth_success(struct client *c)
{
	struct err e;

	if (c->auth_end != CLIENT_AUTH_GOES_ON && !c->auth_held.len) {
		c->authed = true;
		return;
	}
	err_set(&e, ERR_NOPERM, "the server ended the authentication before it was complete");
	err_hint(&e, "nothing was sent; is it the right server (line host NAME)? the same command "
		     "with -v shows the conversation");
	client_state_fail(c, &e);
}

/*
 * If the whole message has left after AUTH, the server may accept it even so, and the message's
 * own reply decides. Otherwise the session ends here.
 */
static void on_auth_refused(struct client *c, const struct reply *r, bool unsupported)
{
	struct err e;

	if (reply_is_misread(r) && !client_state_is_in_doubt(c)) {
		fail_pipelining(c, r, "the server does not take AUTH and MAIL in one group");
		return;
	}
	client_state_refused(c, &e, VERB_AUTH, r, "authentication failed");
	if (reply_is_misread(r)) {
		e.kind = ERR_PROTOCOL;
		err_hint(&e, "%s", no_pipelining);
	}
	c->pipelining_failed = unsupported;
	c->auth_state = unsupported ? CLIENT_AUTH_REFUSED : c->auth_state;
	if (!client_state_is_in_doubt(c)) {
		client_state_fail(c, &e);
		return;
	}
	c->auth_refused = true;
	c->err = e;
}

static void on_auth(struct client *c, const struct reply *r)
{
	c->auth_ahead = false;
	if (c->auth_given_up) {
		client_state_fail(c, &c->err);
	} else if (r->code == 334) {
		on_auth_challenge(c, r);
	} else if (r->code == 235) {
		on_auth_success(c);
	} else if (r->code < 400) {
		fail_pipelining(c, r, "authentication failed");
	} else if (c->t.with_auth) {
		on_auth_refused(c, r, reply_is_unsupported(r));
	} else if (reply_is_unsupported(r)) {
		client_state_refused(
			c, &c->err, VERB_AUTH, r, "the server refused the AUTH mechanism");
		c->err.kind = ERR_NOPERM;
		c->auth_state = CLIENT_AUTH_REFUSED;
	} else {
		client_state_fail_reply(c, VERB_AUTH, r, "authentication failed");
	}
}

static void on_mail(struct client *c, const struct reply *r)
{
	char what[ERR_WHAT_MAX];
	struct err e;

	if (r->code / 100 == 2) {
		c->t.mail_ok = true;
		return;
	}
	if (r->code < 400) {
		client_state_fail_reply(
			c, VERB_MAIL, r, "the server's answer to MAIL FROM makes no sense");
		return;
	}
	if (c->authed && client_state_is_first_contact(c) &&
		(r->code == 530 || reply_is_misread(r))) {
		fail_pipelining(c, r, "the server did not wait for AUTH to end");
		return;
	}
	text_fmt(what, sizeof(what), "sender <%s> was refused", c->m.env->from);
	client_state_refused(c, &e, VERB_MAIL, r, what);
	client_state_drop(c, &e);
}

/* How many recipients are pending that this transaction has not named. */
static size_t count_open(const struct client *c)
{
	return c->m.env->count - c->m.accepted - c->m.refused - c->t.rcpts_ok;
}

static void refuse_rcpt(struct client *c, const struct reply *r, enum verb v, const char *what)
{
	struct rcpt *rcpt = &c->m.env->rcpts[c->about];
	char text[ERR_WHAT_MAX];
	struct err e;

	text_fmt(text, sizeof(text), what, rcpt->addr);
	client_state_refused(c, &e, v, r, text);
	envelope_refuse(c->m.env, c->about, &e);
	c->m.refused++;
	c->m.deferred = c->m.deferred || err_is_temporary(&e);
}

/* The final reply was read: the exit status is known before anything else can go wrong. */
static void settle_verdict(const struct client *c, const struct err *last)
{
	struct err mixed;
	const struct err *why = c->m.refused ? envelope_refusal(c->m.env, &mixed) : NULL;

	verdict_set(err_status(why && (c->m.accepted || c->options.lmtp) ? why : last));
}

/* Called when all of the transaction's recipients are answered: goes on, or drops the message. */
static void weigh_recipients(struct client *c)
{
	struct submission *m = &c->m;
	struct transaction *t = &c->t;
	struct err mixed;

	if (t->over || t->answered < t->sent || !client_commands_have_all_rcpts(c))
		return;
	bool stops = m->refused && (!m->mail.partial || m->deferred);
	if (t->rcpts_ok && !stops)
		return;
	if (stops || (!m->accepted && !count_open(c))) {
		struct err why = *envelope_refusal(m->env, &mixed);
		if (t->rcpts_ok && !m->accepted)
			err_in(&why, "nobody got the message");
		client_state_drop(c, &why);
		return;
	}
	t->dropped = t->over = true;
	if (!count_open(c)) {
		settle_verdict(c, &m->result.err);
		client_state_result(c, OUTCOME_ACCEPTED, &m->result.err);
	}
}

/*
 * The server has as many recipients as it takes in one transaction (RFC 5321 section 4.5.3.1.10).
 * If it has accepted none in this transaction, the reply is an ordinary refusal.
 */
static bool is_too_many(const struct client *c, const struct reply *r)
{
	const char *enhanced = r->enhanced;

	if (!c->t.rcpts_ok)
		return false;
	return (r->code == 452 && (!enhanced[0] || strcmp(enhanced, "4.5.3") == 0)) ||
	       (r->code == 552 && strcmp(enhanced, "5.5.3") == 0);
}

static void on_rcpt(struct client *c, const struct reply *r)
{
	struct transaction *t = &c->t;

	t->answered++;
	if (r->code / 100 != 2 && r->code < 400) {
		client_state_fail_reply(
			c, VERB_RCPT, r, "the server's answer to RCPT TO makes no sense");
		return;
	}
	if (!t->mail_ok)
		return;
	if (c->authed && client_state_is_first_contact(c) && reply_is_misread(r)) {
		fail_pipelining(c, r, "the server did not accept RCPT after AUTH and MAIL");
		return;
	}
	if (r->code < 400) {
		c->m.env->rcpts[c->about].status = RCPT_OK;
		t->rcpts_ok++;
	} else if (is_too_many(c, r)) {
		c->rcpt_limit = t->full ? c->rcpt_limit : t->rcpts_ok;
		t->full = true;
	} else {
		refuse_rcpt(c, r, VERB_RCPT, "recipient <%s> was refused");
	}
	weigh_recipients(c);
}

/* A 354 came although no recipient is left: end the data empty (RFC 2920 section 3.2). */
static void end_empty(struct client *c)
{
	buf_add(&c->out, STR(".\r\n"));
	client_state_await_message(c);
}

static void on_data(struct client *c, const struct reply *r)
{
	struct transaction *t = &c->t;
	struct err e;

	if (r->code == 354 && !t->dropped) {
		t->go_ahead = true;
	} else if (r->code == 354) {
		end_empty(c);
	} else if (r->code < 400) {
		client_state_fail_reply(
			c, VERB_DATA, r, "the server did not wait for the message after DATA");
	} else if (!t->dropped) {
		client_state_refused(c, &e, VERB_DATA, r, "the server refused DATA");
		client_state_drop(c, &e);
	}
}

/*
 * Not the message was refused, only BDAT, by a server that took AUTH, MAIL and a recipient: it does
 * not know the command, although it offers CHUNKING.
 */
static bool is_only_bdat(const struct client *c, const struct reply *r)
{
	bool unknown = reply_is_misread(r) || r->code == 504 || r->code == 555 ||
		       strcmp(r->enhanced, "5.5.1") == 0 || strcmp(r->enhanced, "5.5.2") == 0;

	return unknown && !c->t.dropped && !c->auth_refused && !c->m.accepted;
}

/* Ends the connection: the server may take whatever follows for commands. It has no message. */
static void fail_chunking(struct client *c, const struct reply *r)
{
	c->chunking_failed = true;
	c->t.over = true;
	client_state_fail_reply(
		c, VERB_PROBE, r, "the server offers CHUNKING and does not know BDAT");
}

static void on_probe(struct client *c, const struct reply *r)
{
	struct err e;

	if (r->code / 100 == 2) {
		c->t.probe_ok = true;
	} else if (r->code < 400) {
		client_state_fail_reply(c, VERB_PROBE, r, "the answer to BDAT makes no sense");
	} else if (is_only_bdat(c, r)) {
		fail_chunking(c, r);
	} else {
		client_state_refused(c, &e, VERB_MESSAGE, r, "the message was refused");
		if (!c->t.dropped)
			client_state_drop(c, &e);
		client_state_fail(c, &e); /* no RSET: it might answer the first line */
	}
}

/* The server has the message for the recipients whose RCPT it accepted. */
static void settle_rcpts(struct client *c)
{
	struct envelope *env = c->m.env;

	for (size_t i = c->m.first; i < c->t.next; i++)
		if (env->rcpts[i].status == RCPT_OK)
			env->rcpts[i].status = RCPT_ACCEPTED;
	c->m.accepted += c->t.rcpts_ok;
	c->t.rcpts_ok = 0;
}

/* All replies to this transaction's message have come. */
static void end_transaction(struct client *c, const struct err *last)
{
	struct submission *m = &c->m;
	struct err mixed;

	c->t.over = true;
	if (count_open(c)) {
		m->result.err = *last;
		return;
	}
	settle_verdict(c, last);
	m->unauthenticated = c->auth_refused;
	if (m->accepted)
		client_state_result(c, OUTCOME_ACCEPTED, last);
	else
		client_state_result(c, OUTCOME_REFUSED, envelope_refusal(m->env, &mixed));
}

/* One of several replies to the message (RFC 2033 section 4.2). */
static void on_message_for(struct client *c, const struct reply *r)
{
	struct err e;

	c->t.rcpts_ok--;
	if (r->code / 100 == 2) {
		c->m.env->rcpts[c->about].status = RCPT_ACCEPTED;
		c->m.accepted++;
	} else {
		refuse_rcpt(c, r, VERB_MESSAGE, "the message was refused for <%s>");
	}
	reply_err(r, &e, ERR_NONE, "accepted");
	if (!c->awaited)
		end_transaction(c, &e);
}

static void on_message_accepted(struct client *c, const struct reply *r)
{
	struct err e;

	c->t.over = true;
	if (c->t.dropped)
		return;
	settle_rcpts(c);
	reply_err(r, &e, ERR_NONE, "accepted");
	end_transaction(c, &e);
}

/* After a refused chunk only RSET may follow in the transaction (RFC 3030 section 2). */
static void on_message_refused(struct client *c, const struct reply *r)
{
	struct err e;

	c->rset_due = c->t.chunked;
	c->t.over = true;
	if (c->t.dropped)
		return;
	client_state_refused(c, &e, VERB_MESSAGE, r, "the message was refused");
	verdict_set(err_status(c->auth_refused ? &c->err : &e));
	client_state_result(c, OUTCOME_REFUSED, &e);
}

/* With LMTP it may be about one recipient, and others may have the message. */
static bool is_about_all(const struct client *c)
{
	return !c->options.lmtp || (c->t.rcpts_ok == 1 && !c->m.refused);
}

/* The reply in step to a message that the server can have read. */
static void take_verdict(struct client *c, const struct reply *r)
{
	if (c->options.lmtp)
		on_message_for(c, r);
	else if (r->code / 100 == 2)
		on_message_accepted(c, r);
	else
		on_message_refused(c, r);
}

/* Why the reply cannot be one to the message; NULL if it can. */
static const char *find_oddity(const struct client *c, const struct reply *r)
{
	if (r->code / 100 != 2)
		return r->code < 400 ? "the server's answer to the message makes no sense" : NULL;
	if (c->t.unacknowledged && !c->t.dropped)
		return "the server accepted the message before it had received all of it";
	return NULL;
}

static void on_message(struct client *c, const struct reply *r)
{
	const char *odd = find_oddity(c, r);

	if (r->code / 100 == 2 && c->t.probe_ok && !c->t.dropped && !c->auth_refused)
		c->chunking_proved = true;
	if (c->t.chunked && is_about_all(c) && is_only_bdat(c, r)) {
		fail_chunking(c, r);
		return;
	}
	if (odd)
		client_state_fail_reply(c, VERB_MESSAGE, r, odd);
	else
		take_verdict(c, r);
	/* This message has its result; the error below is for a later message. */
	if (r->code == 421 && (!c->options.lmtp || !c->awaited))
		client_state_fail_reply(c, VERB_MESSAGE, r, "the server closed the session");
}

static void on_etrn(struct client *c, const struct reply *r)
{
	struct err e;

	if (r->code / 100 == 2) {
		reply_err(r, &e, ERR_NONE, "accepted");
		client_state_result(c, OUTCOME_ACCEPTED, &e);
	} else if (r->code < 400) {
		client_state_fail_reply(
			c, VERB_ETRN, r, "the server's answer to ETRN makes no sense");
	} else {
		client_state_refused(c, &e, VERB_ETRN, r, "ETRN was refused");
		client_state_result(c, OUTCOME_REFUSED, &e);
	}
}

/* Only the first line of the message has left, and the server says more than its reply to that. */
static bool is_first_line_obeyed(const struct client *c, const struct reply *r)
{
	return c->t.probe_ok && !c->t.dropped && !c->m.accepted && c->sent == c->settled &&
	       r->code != 421;
}

/* BDAT is answered while its octets are still leaving. */
static bool is_chunk_unknown(struct client *c, const struct reply *r)
{
	return c->t.chunked && is_only_bdat(c, r) &&
	       (!c->awaited || client_state_oldest(c)->verb == VERB_MESSAGE);
}

/* No command awaits this reply: a refusal ends the session, any other reply is out of step. */
static void on_stray(struct client *c, const struct reply *r, enum verb during)
{
	struct err e;

	if (!c->m.has_result && (is_first_line_obeyed(c, r) || is_chunk_unknown(c, r))) {
		fail_chunking(c, r);
		return;
	}
	if (r->code >= 400) {
		client_state_refused(c, &e, during, r, "the server ended the session");
	} else {
		reply_err(r, &e, ERR_PROTOCOL, "the server's replies are out of step");
		err_hint(&e, "the message was not sent; the same command with -v shows the "
			     "conversation");
	}
	client_state_fail(c, &e);
}

/* RSET and QUIT have no handler: their replies are ignored. */
static void (*const handlers[VERB_COUNT])(struct client *c, const struct reply *r) = {
	[VERB_GREETING] = on_greeting,
	[VERB_EHLO] = on_ehlo,
	[VERB_LHLO] = on_ehlo,
	[VERB_HELO] = on_helo,
	[VERB_STARTTLS] = on_starttls,
	[VERB_AUTH] = on_auth,
	[VERB_MAIL] = on_mail,
	[VERB_RCPT] = on_rcpt,
	[VERB_DATA] = on_data,
	[VERB_PROBE] = on_probe,
	[VERB_MESSAGE] = on_message,
	[VERB_ETRN] = on_etrn,
};

/* The challenge is kept before secrets are hidden: it may repeat our words legitimately. */
static void keep_challenge(struct client *c)
{
	buf_wipe(&c->auth_asked);
	if (c->reader.reply.code == 334)
		buf_add(&c->auth_asked, buf_str(&c->reader.reply.text));
}

/* After 421, recipients whose RCPT is not accepted yet will not get the message. */
static void on_closing(struct client *c, const struct awaited *a, const struct reply *r)
{
	c->t.dropped |= a->verb == VERB_MAIL || (a->verb == VERB_RCPT && c->t.sent == 1);
	client_state_fail_reply(c, a->verb, r,
		c->t.rcpts_ok && a->verb == VERB_RCPT && !c->m.accepted
			? "nobody got the message: the server closed the session"
			: "the server closed the session");
}

/* Another server may be asked: this one has nothing of the message. */
static bool is_free(const struct client *c)
{
	return c->m.active && !c->m.first && !c->m.accepted && !c->t.given && !c->t.go_ahead;
}

/*
 * A reply was read. If it is the message's own, and the last one, its code alone decides the exit
 * status, before anything else needs memory that may not be there.
 */
static void settle_by_code(struct client *c, const struct reply *r)
{
	if (!c->awaited || client_state_oldest(c)->verb != VERB_MESSAGE || c->unsolicited)
		return;
	if (c->options.lmtp || c->t.dropped || c->t.unacknowledged || count_open(c))
		return;
	struct err e = { .kind = ERR_NONE };
	if (r->code / 100 == 2) {
		settle_verdict(c, &e);
	} else if (r->code >= 400 && !c->t.chunked && !c->auth_refused) {
		e.kind = refusal_kind(VERB_MESSAGE, r->code, r->enhanced, false);
		verdict_set(err_status(&e));
	}
}

void client_replies_take(struct client *c)
{
	const struct reply *r = &c->reader.reply;
	struct awaited a = *client_state_oldest(c);

	settle_by_code(c, r);
	if (c->awaited && a.verb == VERB_AUTH)
		keep_challenge(c);
	client_state_hide_secrets(c);
	if (!c->awaited || c->unsolicited) {
		client_state_report_reply(c);
		on_stray(c, r, c->t.go_ahead ? VERB_MESSAGE : VERB_NONE);
		return;
	}
	c->head = (c->head + 1) % ARRAY_LEN(c->queue);
	c->awaited--;
	c->progress++;
	c->settled = a.end;
	c->about = a.rcpt;
	if ((a.verb == VERB_AUTH || a.verb == VERB_MAIL) && r->code / 100 == 4)
		c->m.result.try_next_host = is_free(c);
	if (r->code == 421 && a.verb != VERB_MESSAGE)
		on_closing(c, &a, r);
	else if (handlers[a.verb])
		handlers[a.verb](c, r);
	if (c->auth_refused && (c->m.has_result || c->t.over)) /* without AUTH nothing follows */
		client_state_fail(c, &c->err);
	client_state_report_reply(c); /* after the verdict: it needs memory */
}

/* SPDX-License-Identifier: MIT */
#include "mail/heed.h"

#include "base/mem.h"

#include <string.h>

static void on_greeting(struct client *c, const struct reply *r)
{
	if (r->code == 220)
		c->greeted = true;
	else
		dialog_fail_reply(c, VERB_GREETING, r,
			r->code < 500 ? "the server does not take mail now"
				      : "the server takes no mail from here");
}

static void on_ehlo(struct client *c, const struct reply *r)
{
	bool needs_ehlo = c->terms.starttls || c->terms.auth;

	if (r->code == 250) {
		c->introduced = true;
		caps_parse(&c->caps, buf_str(&r->text));
	} else if (r->code >= 500 && r->code != 521 && r->code != 554 && !needs_ehlo) {
		c->ehlo_refused = true;
		return;
	} else {
		dialog_fail_reply(c, VERB_EHLO, r, "the server refused EHLO");
		return;
	}
	struct err e;
	if (c->terms.starttls && !c->tls && !c->caps.starttls) {
		err_set(&e, ERR_UNAVAILABLE, "the server does not offer STARTTLS");
		err_hint(&e,
			"nothing was sent; with tls_starttls off and port 465 TLS starts at once");
		dialog_fail(c, &e);
	} else if (c->terms.auth && (c->tls || !c->terms.starttls) && !c->caps.auth) {
		err_set(&e, ERR_UNAVAILABLE, "the server does not offer AUTH%s",
			c->tls ? "" : " without TLS");
		err_hint(&e, "check host and port (usually 465 or 587); a relay without AUTH needs "
			     "auth off");
		dialog_fail(c, &e);
	}
}

static void on_helo(struct client *c, const struct reply *r)
{
	if (r->code == 250)
		c->introduced = true;
	else
		dialog_fail_reply(c, VERB_HELO, r, "the server refused EHLO and HELO");
}

static void on_starttls(struct client *c, const struct reply *r)
{
	if (r->code == 220)
		c->tls_due = true;
	else
		dialog_fail_reply(c, VERB_STARTTLS, r, "the server refused STARTTLS");
}

/* The exchange cannot go on: a fault of the server's, and not one that passes. */
static void cancel_auth(struct client *c, const char *why)
{
	struct err e;

	err_set(&e, ERR_NOPERM, "%s", why);
	dialog_cancel_auth(c, &e);
}

static void on_auth_challenge(struct client *c, const struct reply *r)
{
	if (c->auth_rounds++ >= CLIENT_AUTH_ROUNDS)
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

	if (c->auth_complete && !c->auth_held.len) {
		c->authed = true;
		return;
	}
	err_set(&e, ERR_NOPERM, "the server ended the authentication before it was complete");
	err_hint(&e, "nothing was sent; is this the right server?");
	dialog_fail(c, &e);
}

static void on_auth(struct client *c, const struct reply *r)
{
	bool unsupported = r->code == 504 || strcmp(r->enhanced, "5.7.4") == 0;

	if (c->auth_given_up) {
		dialog_fail(c, &c->err);
	} else if (r->code == 334) {
		on_auth_challenge(c, r);
	} else if (r->code == 235) {
		on_auth_success(c);
	} else if (unsupported) {
		reply_err(r, &c->err, ERR_NOPERM, "the server refused the AUTH mechanism");
		c->auth_state = CLIENT_AUTH_REFUSED;
	} else {
		dialog_fail_reply(c, VERB_AUTH, r, "authentication failed");
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
		dialog_fail_reply(c, VERB_MAIL, r, "an answer to MAIL FROM that is none");
		return;
	}
	text_fmt(what, sizeof(what), "sender <%s> was refused", c->t.env->from);
	dialog_refused(&e, VERB_MAIL, r, c->caps.size, what);
	dialog_drop(c, &e);
}

/* All replies to RCPT are in and the message was not asked for yet, or was in the same group. */
static void weigh_recipients(struct client *c)
{
	struct transaction *t = &c->t;
	struct err mixed;
	const struct err *why = envelope_refusal(t->env, &mixed);

	if (t->has_result || !why)
		return;
	if (t->accepted && t->mail.partial && !err_is_temporary(why))
		return;
	dialog_drop(c, why);
}

static void on_rcpt(struct client *c, const struct reply *r)
{
	struct transaction *t = &c->t;
	struct rcpt *rcpt = &t->env->rcpts[t->rcpts_answered++];
	char what[ERR_WHAT_MAX];
	struct err e;

	if (r->code / 100 == 2) {
		rcpt->fate = FATE_ACCEPTED;
		t->accepted++;
	} else if (r->code < 400) {
		dialog_fail_reply(c, VERB_RCPT, r, "an answer to RCPT TO that is none");
	} else if (t->mail_ok) {
		text_fmt(what, sizeof(what), "recipient <%s> was refused", rcpt->addr);
		dialog_refused(&e, VERB_RCPT, r, false, what);
		rcpt_refuse(rcpt, &e);
	}
	if (t->rcpts_answered == t->env->count)
		weigh_recipients(c);
}

/* 354 although no one is left to get the message: it must be ended, empty (RFC 2920 3.2). */
static void end_empty(struct client *c)
{
	buf_add(&c->out, STR(".\r\n"));
	dialog_await_message(c);
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
		dialog_fail_reply(
			c, VERB_DATA, r, "the server did not wait for the message after DATA");
	} else if (!t->dropped) {
		dialog_refused(&e, VERB_DATA, r, false, "the server refused DATA");
		dialog_drop(c, &e);
	}
}

/* The exit status that this reply means, known before anything else can go wrong. */
static int status_of(const struct client *c, const struct reply *r)
{
	struct err e = { .kind = ERR_NONE }, mixed;
	const struct err *refused = envelope_refusal(c->t.env, &mixed);

	if (r->code >= 400)
		e.kind = refusal_kind(VERB_MESSAGE, r->code, r->enhanced, false);
	return err_status(refused && r->code < 400 ? refused : &e);
}

static void on_message(struct client *c, const struct reply *r)
{
	struct err e;

	if (!c->t.dropped && (r->code / 100 == 2 || r->code >= 400))
		verdict_set(status_of(c, r));
	if (r->code / 100 == 2) {
		reply_err(r, &e, ERR_NONE, "accepted");
		dialog_result(c, OUTCOME_ACCEPTED, &e);
	} else if (r->code < 400) {
		dialog_fail_reply(c, VERB_MESSAGE, r, "an answer to the message that is none");
	} else {
		dialog_refused(&e, VERB_MESSAGE, r, false, "the message was refused");
		dialog_result(c, OUTCOME_REFUSED, &e);
	}
	if (r->code == 421) /* the result stands: this is for whoever has another message */
		dialog_fail_reply(c, VERB_MESSAGE, r, "the server closed the session");
}

/* Nothing was outstanding: a refusal ends the session, anything else is out of step. */
static void on_stray(struct client *c, const struct reply *r, enum verb during)
{
	struct err e;

	if (r->code >= 400) {
		dialog_refused(&e, during, r, false, "the server ended the session");
	} else {
		reply_err(r, &e, ERR_PROTOCOL, "the server's replies are out of step");
		err_hint(&e, "the message was not sent");
	}
	dialog_fail(c, &e);
}

/* RSET and QUIT: whatever the server says to them. */
static void (*const handlers[VERB_COUNT])(struct client *c, const struct reply *r) = {
	[VERB_GREETING] = on_greeting,
	[VERB_EHLO] = on_ehlo,
	[VERB_HELO] = on_helo,
	[VERB_STARTTLS] = on_starttls,
	[VERB_AUTH] = on_auth,
	[VERB_MAIL] = on_mail,
	[VERB_RCPT] = on_rcpt,
	[VERB_DATA] = on_data,
	[VERB_MESSAGE] = on_message,
};

static void tell_reply(struct client *c, const struct reply *r)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(REPLY_MAX + 8);
	struct str text = buf_str(&r->text);

	if (!c->terms.spoke)
		return;
	do {
		struct str part = str_cut(&text, '\n');
		buf_clear(&line);
		buf_fmt(&line, "%d%c%.*s", r->code, text.len ? '-' : ' ', STR_ARG(part));
		dialog_tell(c, true, buf_str(&line));
	} while (text.len);
}

/* A challenge is kept as it came: it may quote what was said without telling of a secret. */
static void hide_secret(struct client *c)
{
	buf_wipe(&c->auth_asked);
	if (c->reader.reply.code == 334)
		buf_add(&c->auth_asked, buf_str(&c->reader.reply.text));
	for (struct str said = buf_str(&c->auth_said); said.len;)
		reply_hide(&c->reader.reply, str_cut(&said, '\n'));
	reply_hide_password(&c->reader.reply, c->terms.password);
}

void heed_reply(struct client *c)
{
	const struct reply *r = &c->reader.reply;
	struct awaited a = *dialog_oldest(c);

	if (!c->awaited || c->early) {
		tell_reply(c, r);
		on_stray(c, r, c->t.go_ahead ? VERB_MESSAGE : VERB_NONE);
		return;
	}
	if (a.verb == VERB_AUTH)
		hide_secret(c);
	c->head = (c->head + 1) % ARRAY_LEN(c->queue);
	c->awaited--;
	c->progress++;
	if (r->code == 421 && a.verb != VERB_MESSAGE)
		dialog_fail_reply(c, a.verb, r, "the server closed the session");
	else if (handlers[a.verb])
		handlers[a.verb](c, r);
	tell_reply(c, r); /* after the verdict: it needs memory */
}

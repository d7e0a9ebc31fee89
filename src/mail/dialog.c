/* SPDX-License-Identifier: MIT */
#include "mail/dialog.h"

#include "mail/advice.h"

#include "base/mem.h"

struct awaited *dialog_oldest(struct client *c)
{
	return &c->queue[c->head];
}

const struct awaited *dialog_newest(const struct client *c)
{
	return &c->queue[(c->head + c->awaited - 1) % ARRAY_LEN(c->queue)];
}

void dialog_result(struct client *c, enum client_outcome outcome, const struct err *why)
{
	struct transaction *t = &c->t;

	if (!t->active || t->has_result)
		return;
	t->has_result = true;
	t->result.outcome = outcome;
	if (why)
		t->result.err = *why;
}

void dialog_hint_doubt(struct err *e)
{
	err_hint(e, "it may have been delivered; sending it again may deliver it twice");
}

void dialog_refused(
	struct err *e, enum verb v, const struct reply *r, bool after_size, const char *what)
{
	const char *advice = advice_on(v, r->code, r->enhanced);

	reply_err(r, e, refusal_kind(v, r->code, r->enhanced, after_size), what);
	if (advice)
		err_hint(e, "%s", advice);
}

/* The whole message is with the kernel and the server has not said what became of it. */
static bool is_in_doubt(const struct client *c)
{
	const struct transaction *t = &c->t;

	return t->active && !t->has_result && t->body_ended && c->flushed >= t->end;
}

/* Ends the session; the message, if one is under way, was not sent, or no one knows. */
void dialog_fail(struct client *c, const struct err *why)
{
	struct err doubt;

	if (c->closed)
		return;
	if (c->auth_given_up)
		why = &c->err;
	c->closed = true;
	c->err = *why;
	if (is_in_doubt(c)) {
		doubt = *why;
		doubt.kind = ERR_UNKNOWN;
		err_in(&doubt, "the message was sent but not answered");
		dialog_hint_doubt(&doubt);
		dialog_result(c, OUTCOME_UNKNOWN, &doubt);
	}
	dialog_result(c, OUTCOME_NOT_SENT, why);
}

void dialog_fail_protocol(struct client *c, const char *what)
{
	struct err e;

	err_set(&e, ERR_PROTOCOL, "%s", what);
	if (!c->greeted)
		err_hint(&e, "check host and port: what answers there may be no mail server");
	dialog_fail(c, &e);
}

/* The session ends because of this reply, whose meaning the verb's row gives. */
void dialog_fail_reply(struct client *c, enum verb v, const struct reply *r, const char *what)
{
	struct err e;

	if (r->code < 400)
		reply_err(r, &e, ERR_PROTOCOL, what);
	else
		dialog_refused(&e, v, r, false, what);
	dialog_fail(c, &e);
}

void dialog_cancel_auth(struct client *c, const struct err *why)
{
	c->err = *why;
	c->auth_given_up = true;
	c->auth_due = AUTH_DUE_CANCEL;
}

/* Nobody gets this message: RSET if the server knows of it, and the session stays usable. */
void dialog_drop(struct client *c, const struct err *why)
{
	c->t.dropped = true;
	dialog_result(c, OUTCOME_REFUSED, why);
}

void dialog_tell(struct client *c, bool server, struct str line)
{
	if (c->terms.spoke)
		c->terms.spoke(c->terms.spoke_ctx, server, line);
}

void dialog_await(struct client *c, enum verb v)
{
	must(c->awaited < ARRAY_LEN(c->queue));
	c->queue[(c->head + c->awaited) % ARRAY_LEN(c->queue)] = (struct awaited) {
		.verb = v,
		.end = c->sent + c->out.len,
	};
	c->awaited++;
}

void dialog_await_message(struct client *c)
{
	dialog_await(c, VERB_MESSAGE);
	c->t.body_ended = true;
	c->t.end = c->sent + c->out.len;
}

bool dialog_in_body(const struct client *c)
{
	return c->t.go_ahead && !c->t.body_ended;
}

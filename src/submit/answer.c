/* SPDX-License-Identifier: MIT */
#include "submit/answer.h"

static void fill(struct answer *ret, int code, const char *enhanced, const char *text)
{
	ret->code = code;
	text_fmt(ret->enhanced, sizeof(ret->enhanced), "%s", enhanced);
	text_fmt(ret->text, sizeof(ret->text), "%s", text);
}

/* The server's words without code and enhanced status. */
static struct str words_of(const struct err *e)
{
	struct str said = str_of(e->said), enhanced = str_of(e->enhanced);

	if (e->reply)
		(void)str_word(&said);
	said = str_trim(said);
	if (enhanced.len && str_starts(said, enhanced))
		said = str_trim(str_from(said, enhanced.len));
	return said;
}

static void pass_on(const struct err *e, const char *rcpt, struct answer *ret)
{
	struct str words = words_of(e);

	fill(ret, e->reply, err_enhanced(e), "");
	if (rcpt)
		text_fmt(ret->text, sizeof(ret->text), "<%s>: %.*s", rcpt, STR_ARG(words));
	else
		text_fmt(ret->text, sizeof(ret->text), "%.*s", STR_ARG(words));
}

/* AUTH was begun and did not succeed, or the server wants it. */
static bool is_about_auth(const struct record *r, const struct err *e)
{
	return (r->begun[SESSION_STEP_AUTH] && !r->done[SESSION_STEP_AUTH]) || e->reply == 530 ||
	       e->reply == 534 || e->reply == 535 || e->reply == 538;
}

/* Did the server decide about the message? */
static bool is_decided(const struct record *r)
{
	return r->outcome->what == OUTCOME_REFUSED || r->outcome->what == OUTCOME_ACCEPTED;
}

/* Did it refuse the message, its sender or a recipient, and not us? */
static bool is_for_client(const struct record *r, const struct err *e)
{
	return is_decided(r) && e->reply >= 400 && e->reply != 421 && !is_about_auth(r, e);
}

/* The message is not what can be sent. */
static void refuse_message(const struct err *e, struct answer *ret)
{
	struct str enhanced = str_of(err_enhanced(e));
	int code = 554;

	if (str_eq(enhanced, STR("5.3.4")))
		code = 552;
	else if (str_starts(enhanced, STR("5.1.")))
		code = 550;
	fill(ret, code, err_enhanced(e), e->what);
}

/* By this message, or by one before it. */
static bool was_connected(const struct record *r)
{
	return r->done[SESSION_STEP_CONNECT] || r->begun[SESSION_STEP_MESSAGE];
}

/* What is between us and the smarthost. */
static void hide(const struct record *r, const struct err *e, struct answer *ret)
{
	static const char setup[] = "the mail system here is not set up right; its log tells why";

	if (is_about_auth(r, e)) {
		fill(ret, 451, "4.3.5", setup);
		return;
	}
	switch (e->kind) {
	case ERR_CERTIFICATE:
		fill(ret, 451, "4.7.5", "the smarthost is not trusted; the log tells why");
		break;
	case ERR_NETWORK:
	case ERR_TIMEOUT:
		fill(ret, 451, was_connected(r) ? "4.4.2" : "4.4.1",
			"the smarthost cannot be reached, or went away");
		break;
	case ERR_UNKNOWN:
		fill(ret, 451, "4.4.2", "the smarthost did not answer; it may have the message");
		break;
	case ERR_PROTOCOL:
		fill(ret, 451, "4.5.0", "the smarthost's replies are out of step");
		break;
	case ERR_TEMPORARY:
		fill(ret, e->reply ? 451 : 452, e->reply ? "4.3.0" : "4.3.1",
			e->reply ? "the smarthost cannot take mail now" : "there is no room here");
		break;
	case ERR_OS:
	case ERR_IO:
	case ERR_SOFTWARE:
		fill(ret, 451, "4.3.0", "this system is in trouble; the log tells why");
		break;
	default:
		fill(ret, 451, "4.3.5", setup);
	}
	if (e->reply == 421)
		fill(ret, 451, "4.4.2", "the smarthost closed the session");
}

/* The recipient whose refusal is told: one that may be tried again before any other. */
static const struct rcpt *refused_one(const struct record *r)
{
	const struct envelope *env = r->message ? &r->message->env : NULL;
	const struct rcpt *first = NULL;

	for (size_t i = 0; env && i < env->count; i++) {
		const struct rcpt *rcpt = &env->rcpts[i];
		if (!rcpt->refusal)
			continue;
		if (err_is_temporary(rcpt->refusal))
			return rcpt;
		if (!first)
			first = rcpt;
	}
	return first;
}

void answer_make(const struct record *r, struct answer *ret)
{
	const struct outcome *o = r->outcome;
	const struct rcpt *rcpt = is_decided(r) ? refused_one(r) : NULL;
	const struct err *e = rcpt ? rcpt->refusal : &o->err;

	if (o->status == EX_OK)
		pass_on(&o->err, NULL, ret);
	else if (is_for_client(r, e))
		pass_on(e, rcpt ? rcpt->addr : NULL, ret);
	else if (!e->reply &&
		 (e->kind == ERR_DATA || e->kind == ERR_NOUSER || e->kind == ERR_USAGE))
		refuse_message(e, ret);
	else
		hide(r, e, ret);
}

/* SPDX-License-Identifier: MIT */
#include "submit/bs_message_reply.h"

#include "base/mem.h"

#include "smtp/refusal.h"

#include <string.h>

static void fill(struct bs_message_reply *ret, int code, const char *enhanced, const char *text)
{
	ret->code = code;
	text_fmt(ret->enhanced, sizeof(ret->enhanced), "%s", enhanced);
	text_fmt(ret->text, sizeof(ret->text), "%s", text);
}

/* The text of the server's reply without code and enhanced status. */
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

enum { ADDRESS_SHOWN = 100, WORDS_SHOWN = 200, HOLDERS_SHOWN = 60 };

/* Names the recipients who have the message, so that it is not sent to them again. */
static void add_holders(const struct envelope *env, struct buf *text)
{
	size_t all = envelope_tally(env, RCPT_ACCEPTED), shown = 0;

	for (size_t i = 0; i < env->count && shown < all; i++) {
		if (env->rcpts[i].disposition != DISPOSITION_DONE)
			continue;
		if (buf_room(text) < strlen(env->rcpts[i].addr) + HOLDERS_SHOWN)
			break;
		buf_fmt(text, "%s<%s>", shown++ ? ", " : "; accepted for ", env->rcpts[i].addr);
	}
	if (all > shown)
		buf_fmt(text, "%s%zu%s", shown ? " and " : "; accepted for ", all - shown,
			shown ? " more" : " others");
}

/* Passes the smarthost's reply on. rcpt: the recipient refused; NULL: it concerns the message. */
static void pass_on(const struct delivery_log *r, const struct err *e, const struct rcpt *rcpt,
	struct bs_message_reply *ret)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(BS_MESSAGE_REPLY_TEXT);
	struct str words = str_head(words_of(e), rcpt ? WORDS_SHOWN : BS_MESSAGE_REPLY_TEXT);

	if (rcpt)
		buf_fmt(&text, "<%.*s>: ", STR_ARG(str_head(str_of(rcpt->addr), ADDRESS_SHOWN)));
	buf_add(&text, words);
	if (r->outcome->status != EX_OK && r->message)
		add_holders(&r->message->env, &text);
	fill(ret, e->reply, err_enhanced(e), buf_text(&text));
}

/* AUTH was begun and did not succeed, or the server requires it. */
static bool is_about_auth(const struct delivery_log *r, const struct err *e)
{
	const struct session_facts *facts = &r->outcome->facts;

	return (facts->begun[SESSION_STEP_AUTH] && !facts->done[SESSION_STEP_AUTH]) ||
	       refusal_is_about_auth(e->reply);
}

/* Whether the server decided about the message. */
static bool is_decided(const struct delivery_log *r)
{
	return r->outcome->what == OUTCOME_REFUSED || r->outcome->what == OUTCOME_ACCEPTED;
}

/* Whether the reply is about the message, its sender or a recipient, and not about us. */
static bool is_for_client(const struct delivery_log *r, const struct err *e)
{
	return is_decided(r) && e->reply >= 400 && e->reply != 421 && !is_about_auth(r, e);
}

/* what without the name of our account in front, which is not for the client to see. */
static const char *without_account(const struct delivery_log *r, const char *what)
{
	char context[ERR_WHAT_MAX] = "";

	if (r->account && r->account->name && r->account->name[0])
		text_fmt(context, sizeof(context), "account %s: ", r->account->name);
	return str_starts(str_of(what), str_of(context)) ? what + strlen(context) : what;
}

/* Refuses a message that cannot be sent as it is. */
static void refuse_message(
	const struct delivery_log *r, const struct err *e, struct bs_message_reply *ret)
{
	struct str enhanced = str_of(err_enhanced(e));
	int code = 554;

	if (str_eq(enhanced, STR("5.3.4")))
		code = 552;
	else if (str_starts(enhanced, STR("5.1.")))
		code = 550;
	fill(ret, code, err_enhanced(e), without_account(r, e->what));
}

/* The session was connected, for this message or an earlier one. */
static bool was_connected(const struct delivery_log *r)
{
	return r->outcome->facts.done[SESSION_STEP_CONNECT];
}

/* A signal ended the run. The reply says whether the smarthost may have the message. */
static void hide_interruption(const struct outcome *o, struct bs_message_reply *ret)
{
	const char *text = "the service is ending; nothing was sent";

	if (o->disposition == DISPOSITION_UNKNOWN)
		text = "the service is ending; the smarthost may have the message";
	else if (o->mixed)
		text = "the service is ending; only some recipients have the message";
	fill(ret, 451, "4.3.2", text);
}

/* Replies 451 for trouble between us and the smarthost. */
static void hide(const struct delivery_log *r, const struct err *e, struct bs_message_reply *ret)
{
	static const char setup[] =
		"the mail system of this machine is not configured correctly; its log says why";

	if (is_about_auth(r, e)) {
		fill(ret, 451, "4.3.5", setup);
		return;
	}
	switch (e->kind) {
	case ERR_CERTIFICATE:
		fill(ret, 451, "4.7.5", "the smarthost is not trusted; the log says why");
		break;
	case ERR_NETWORK:
	case ERR_TIMEOUT:
		fill(ret, 451, was_connected(r) ? "4.4.2" : "4.4.1",
			"the smarthost cannot be reached, or went away");
		break;
	case ERR_INTERRUPTED:
		hide_interruption(r->outcome, ret);
		break;
	case ERR_UNKNOWN:
		fill(ret, 451, "4.4.2", "the smarthost did not answer; it may have the message");
		break;
	case ERR_PROTOCOL:
		fill(ret, 451, "4.5.0", "the smarthost's replies are out of step");
		break;
	case ERR_TEMPORARY:
		fill(ret, e->reply ? 451 : 452, e->reply ? "4.3.0" : "4.3.1",
			e->reply ? "the smarthost cannot take mail now"
				 : "insufficient system resources");
		break;
	case ERR_OS:
	case ERR_IO:
	case ERR_SOFTWARE:
		fill(ret, 451, "4.3.0", "a system error occurred; the log says why");
		break;
	default:
		fill(ret, 451, "4.3.5", setup);
	}
	if (e->reply == 421)
		fill(ret, 451, "4.4.2", "the smarthost closed the session");
}

/* As hide(), where some recipients have the message already: the answer says who. */
static void hide_mixed(
	const struct delivery_log *r, const struct err *e, struct bs_message_reply *ret)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(BS_MESSAGE_REPLY_TEXT);

	hide(r, e, ret);
	if (e->kind == ERR_INTERRUPTED || !r->outcome->mixed || !r->message)
		return;
	if (!e->reply && e->kind == ERR_TEMPORARY)
		fill(ret, 451, "4.4.2", "the smarthost went away");
	buf_add(&text, str_of(ret->text));
	add_holders(&r->message->env, &text);
	text_fmt(ret->text, sizeof(ret->text), "%s", buf_text(&text));
}

/* The recipient whose refusal becomes the reply: the first temporary one, otherwise the first. */
static const struct rcpt *refused_one(const struct delivery_log *r)
{
	const struct envelope *env = r->message ? &r->message->env : NULL;
	const struct rcpt *first = NULL;

	for (size_t i = 0; env && i < env->count; i++) {
		const struct rcpt *rcpt = &env->rcpts[i];
		if (!rcpt->refusal)
			continue;
		if (rcpt->disposition == DISPOSITION_LATER)
			return rcpt;
		if (!first)
			first = rcpt;
	}
	return first;
}

void bs_message_reply_make(const struct delivery_log *r, struct bs_message_reply *ret)
{
	const struct outcome *o = r->outcome;
	const struct rcpt *rcpt = is_decided(r) ? refused_one(r) : NULL;
	struct err why = o->err;
	const struct err *e = &why;

	if (rcpt)
		must(rcpt_refusal(rcpt, &why));

	if (o->disposition == DISPOSITION_DONE)
		pass_on(r, &o->err, NULL, ret);
	else if (is_for_client(r, e))
		pass_on(r, e, rcpt, ret);
	else if (!e->reply &&
		 (e->kind == ERR_DATA || e->kind == ERR_NOUSER || e->kind == ERR_USAGE))
		refuse_message(r, e, ret);
	else
		hide_mixed(r, e, ret);
}

/* SPDX-License-Identifier: MIT */
#include "mail/client.h"

#include "base/mem.h"
#include "mail/heed.h"
#include "mail/say.h"

struct client *client_new(const struct client_terms *terms)
{
	struct client *c = mem_alloc(sizeof(*c));

	c->terms = *terms;
	c->tls = terms->tls_active;
	c->out = BUF_INIT(CLIENT_OUT);
	buf_reserve(&c->out, CLIENT_OUT);
	c->auth_held = BUF_INIT(CLIENT_AUTH_LINE);
	c->auth_said = BUF_INIT(CLIENT_AUTH_LINE);
	c->auth_asked = BUF_INIT(CLIENT_AUTH_LINE);
	if (terms->auth)
		buf_reserve(&c->auth_said, CLIENT_AUTH_LINE);
	buf_base64(&c->auth_said, terms->password); /* as LOGIN says it; other mechanisms later */
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
	return c->terms.auth && !c->authed && c->introduced && !c->awaited &&
	       (!c->terms.starttls || c->tls);
}

/* Half a reply that nothing asked for: what it says comes before all we might do next. */
static bool is_interrupted(const struct client *c)
{
	return c->early && !reply_is_empty(&c->reader) && !c->closed && !c->t.has_result;
}

enum client_want client_next(struct client *c)
{
	if (is_interrupted(c))
		return CLIENT_IO;
	say_all(c);
	if (c->closed)
		return c->t.active && c->t.has_result ? CLIENT_DONE : CLIENT_CLOSED;
	if (c->tls_due)
		return CLIENT_TLS;
	if (is_auth_wanted(c))
		return CLIENT_AUTH;
	if (dialog_in_body(c) && buf_room(&c->out) >= CLIENT_OUT / 2)
		return CLIENT_BODY;
	if (c->out.len || c->awaited)
		return CLIENT_IO;
	return c->t.active && c->t.has_result ? CLIENT_DONE : CLIENT_IDLE;
}

/* A second complete reply came with the message's own: which of the two counts, no one knows. */
static void check_after_result(struct client *c, struct str rest)
{
	struct err e;

	reply_again(&c->reader);
	c->early = true;
	reply_feed(&c->reader, rest);
	if (c->reader.state == REPLY_PARTIAL)
		return;
	if (c->reader.state == REPLY_BAD) {
		dialog_fail_protocol(c, c->reader.why_bad);
		return;
	}
	if (c->reader.reply.code == 421) {
		dialog_fail_reply(c, VERB_NONE, &c->reader.reply, "the server closed the session");
		return;
	}
	reply_err(&c->reader.reply, &e, ERR_UNKNOWN, "the server answered the message twice");
	dialog_hint_doubt(&e);
	c->t.result = (struct client_result) { .outcome = OUTCOME_UNKNOWN, .err = e };
	dialog_fail(c, &e);
}

static bool is_at_message(struct client *c)
{
	return c->awaited == 1 && dialog_oldest(c)->verb == VERB_MESSAGE;
}

/* More octets are at hand: whose reply they belong to, and whether it may be answered yet. */
static void expect_reply(struct client *c)
{
	const struct awaited *a = c->awaited ? dialog_oldest(c) : NULL;

	if (a && a->verb == VERB_EHLO)
		c->reader.max_lines = REPLY_LINES_EHLO;
	if (a && a->verb == VERB_AUTH)
		c->reader.max_kept = REPLY_LINE_AUTH;
	if (reply_is_empty(&c->reader))
		c->early = !a || c->flushed < a->end;
}

/* A challenge is to be answered: nothing may follow it. */
static bool is_asked(const struct client *c)
{
	return !c->awaited && (c->auth_state == CLIENT_AUTH_CHALLENGE || c->auth_due);
}

void client_in(struct client *c, struct str bytes)
{
	while (!c->closed && bytes.len) {
		if (c->tls_due) {
			dialog_fail_protocol(c, "the server sent more than its reply to STARTTLS");
			return;
		}
		bool at_message = is_at_message(c);
		expect_reply(c);
		bytes = str_from(bytes, reply_feed(&c->reader, bytes));
		if (c->reader.state == REPLY_PARTIAL)
			return;
		if (c->reader.state == REPLY_BAD) {
			dialog_fail_protocol(c, c->reader.why_bad);
			return;
		}
		heed_reply(c);
		if (at_message && c->t.has_result && !c->t.dropped && !c->closed) {
			check_after_result(c, bytes);
			return;
		}
		reply_again(&c->reader);
		if (is_asked(c) && bytes.len)
			dialog_fail_protocol(c, "the server's replies are out of step");
	}
}

/* The connection is gone or silent. What the server had decided by then counts all the same. */
static void settle(struct client *c)
{
	if (is_at_message(c) && c->flushed >= dialog_oldest(c)->end && reply_decide(&c->reader))
		heed_reply(c);
}

void client_lost(struct client *c, const struct err *why)
{
	c->lost = true;
	if (!c->closed)
		settle(c);
	dialog_fail(c, why);
}

/* What the server owes us, in words. */
static void name_due(struct client *c, char to[48])
{
	enum verb v = c->awaited ? dialog_oldest(c)->verb : VERB_NONE;

	text_fmt(to, 48, "%s%s", v == VERB_GREETING ? "" : "reply to ", verb_row(v)->name);
}

void client_eof(struct client *c)
{
	char due[48];
	struct err e;

	name_due(c, due);
	err_set(&e, ERR_NETWORK, "the server closed the connection without a %s", due);
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

	name_due(c, due);
	if (is_writing(c))
		err_set(&e, ERR_TIMEOUT, "the server did not read on within %lld s", seconds);
	else
		err_set(&e, ERR_TIMEOUT, "no %s within %lld s", due, seconds);
	client_lost(c, &e);
}

struct str client_out(const struct client *c)
{
	return buf_str(&c->out);
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

/* The server reads on: a step of octets, or all there was, is as good as a reply. */
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

int64_t client_timeout_ms(const struct client *c)
{
	enum verb v = c->awaited ? c->queue[c->head].verb : VERB_NONE;
	bool writing = is_writing(c);
	unsigned seconds = writing ? 180 : verb_row(v)->seconds;

	if (v == VERB_MESSAGE && !writing) {
		struct str line = buf_str(&c->reader.line);
		if (line.len > 3 && line.p[3] == ' ')
			return CLIENT_DECIDED_MS;
		seconds = c->terms.timeout_final ? c->terms.timeout_final : seconds;
	} else if (c->terms.timeout && v != VERB_RSET) {
		seconds = c->terms.timeout;
	}
	return (int64_t)seconds * 1000;
}

uint64_t client_progress(const struct client *c)
{
	return c->progress;
}

/* All that was learnt in clear is forgotten (RFC 3207 section 4.2). */
void client_tls_done(struct client *c)
{
	c->tls_due = false;
	c->tls = true;
	c->introduced = false;
	c->caps = (struct caps) { 0 };
	c->progress++;
}

const struct caps *client_caps(const struct client *c)
{
	return &c->caps;
}

enum client_auth_state client_auth_state(const struct client *c)
{
	return c->auth_state;
}

struct str client_challenge(const struct client *c)
{
	return buf_str(&c->auth_asked);
}

void client_auth(struct client *c, const char *mech, const struct buf *initial, bool complete)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(100);
	struct str ir = initial ? buf_str(initial) : STR("");

	must(is_auth_wanted(c));
	c->auth_complete = complete;
	c->auth_rounds = 0;
	buf_wipe(&c->auth_held);
	buf_fmt(&shown, "AUTH %s", mech);
	if (initial && !ir.len)
		ir = STR("="); /* RFC 4954 section 4: an empty initial response */
	if (shown.len + 1 + ir.len > CLIENT_COMMAND) {
		buf_add(&c->auth_held, ir);
		ir = STR("");
	}
	say_auth(c, buf_str(&shown), ir);
}

void client_auth_answer(struct client *c, struct str base64, bool complete)
{
	must(is_auth_wanted(c));
	c->auth_complete = complete;
	say_auth(c, STR(""), base64);
}

void client_auth_give_up(struct client *c, const struct err *why)
{
	if (c->auth_state == CLIENT_AUTH_CHALLENGE)
		dialog_cancel_auth(c, why);
	else
		dialog_fail(c, why);
}

/* What can be known before MAIL: nothing is sent that this server is bound to refuse. */
static bool check_terms(struct client *c, struct err *e)
{
	const struct client_mail *mail = &c->t.mail;

	if (c->caps.size_max && mail->size > c->caps.size_max) {
		err_set(e, ERR_DATA,
			"the message has %llu octets and the server takes at most %llu",
			(unsigned long long)mail->size, (unsigned long long)c->caps.size_max);
		return err_hint(e, "nothing was sent; send the large part some other way");
	}
	if (mail->smtputf8 && !c->caps.smtputf8) {
		err_set(e, ERR_DATA,
			"an address has letters outside ASCII before the '@', and the server "
			"offers "
			"no SMTPUTF8");
		return err_hint(e, "nothing was sent; use an address in ASCII for this person");
	}
	if (mail->eightbit && !c->caps.eightbit) {
		err_set(e, ERR_DATA,
			"the message has 8-bit text and the server offers no 8BITMIME");
		return err_hint(e, "encode the message as quoted-printable or base64");
	}
	return true;
}

void client_send(struct client *c, struct envelope *env, const struct client_mail *mail)
{
	struct err e;

	must(env->from && env->count);
	c->t = (struct transaction) { .env = env, .mail = *mail, .active = true };
	envelope_reset(env);
	if (c->closed) {
		dialog_result(c, OUTCOME_NOT_SENT, &c->err);
		return;
	}
	if (!check_terms(c, &e))
		dialog_drop(c, &e);
}

size_t client_body(struct client *c, struct str canonical)
{
	return stuff_feed(&c->t.stuff, canonical, &c->out);
}

void client_body_end(struct client *c)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(100);

	stuff_end(&c->t.stuff, &c->out);
	must(!c->out.over);
	dialog_await_message(c);
	buf_fmt(&line, "(the message, %llu octets)", (unsigned long long)c->t.mail.size);
	dialog_tell(c, false, buf_str(&line));
	dialog_tell(c, false, STR("."));
}

const struct client_result *client_result(const struct client *c)
{
	return &c->t.result;
}

void client_quit(struct client *c)
{
	c->quit_wanted = true;
	if (c->closed && !c->lost && !c->quit_sent && !c->out.len && !dialog_in_body(c)) {
		c->quit_sent = true;
		say_command(c, VERB_QUIT, STR("QUIT"));
	}
}

const struct err *client_error(const struct client *c)
{
	return &c->err;
}

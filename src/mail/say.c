/* SPDX-License-Identifier: MIT */
#include "mail/say.h"

#include "base/mem.h"

/* One command line. No octet of it may end it early (RFC 5321 section 2.3.8). */
void say_command(struct client *c, enum verb v, struct str line)
{
	for (size_t i = 0; i < line.len; i++)
		must(line.p[i] != '\r' && line.p[i] != '\n' && line.p[i] != '\0');
	buf_add(&c->out, line);
	buf_add(&c->out, STR("\r\n"));
	must(!c->out.over);
	dialog_await(c, v);
	if (v != VERB_AUTH)
		dialog_tell(c, false, line);
}

/* What was said, a line each: a server may repeat any of it, also in its answer to a later one. */
static void remember(struct client *c, struct str secret)
{
	if (secret.len + 1 > buf_room(&c->auth_said))
		buf_wipe(&c->auth_said);
	if (c->auth_said.len)
		buf_char(&c->auth_said, '\n');
	buf_add(&c->auth_said, secret);
}

void say_auth(struct client *c, struct str shown, struct str secret)
{
	struct buf line CLEAN_UP(buf_wipe_done) = BUF_INIT(CLIENT_AUTH_LINE);
	struct buf told CLEAN_UP(buf_done) = BUF_INIT(200);

	buf_reserve(&line, shown.len + secret.len + 2);
	buf_add(&line, shown);
	buf_add(&told, str_head(shown, 100));
	if (shown.len && secret.len) {
		buf_char(&line, ' ');
		buf_char(&told, ' ');
	}
	buf_add(&line, secret);
	if (secret.len || !shown.len)
		buf_add(&told, STR("(hidden)"));
	must(!line.over);
	dialog_tell(c, false, buf_str(&told));
	c->out_secret = true;
	say_command(c, VERB_AUTH, buf_str(&line));
	remember(c, secret);
	c->auth_state = CLIENT_AUTH_START;
}

static void command_auth(struct client *c)
{
	if (c->auth_due == AUTH_DUE_HELD) {
		say_auth(c, STR(""), buf_str(&c->auth_held));
		buf_wipe(&c->auth_held);
	} else {
		say_auth(c, STR("*"), STR(""));
	}
	c->auth_due = AUTH_DUE_NOTHING;
}

static void command_mail(struct client *c)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(1000);
	struct transaction *t = &c->t;

	buf_fmt(&line, "MAIL FROM:<%s>", t->env->from);
	if (c->caps.size)
		buf_fmt(&line, " SIZE=%llu", (unsigned long long)t->mail.size);
	if (t->mail.eightbit)
		buf_add(&line, STR(" BODY=8BITMIME"));
	if (t->mail.smtputf8)
		buf_add(&line, STR(" SMTPUTF8"));
	must(!line.over);
	say_command(c, VERB_MAIL, buf_str(&line));
	t->mail_sent = true;
}

static void command_rcpt(struct client *c)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(1000);

	buf_fmt(&line, "RCPT TO:<%s>", c->t.env->rcpts[c->t.rcpts_sent].addr);
	must(!line.over);
	say_command(c, VERB_RCPT, buf_str(&line));
	c->t.rcpts_sent++;
}

static void command_hello(struct client *c, enum verb v)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(1000);

	buf_fmt(&line, "%s %s", verb_row(v)->name, c->terms.helo);
	must(!line.over);
	say_command(c, v, buf_str(&line));
}

static void send_verb(struct client *c, enum verb v)
{
	switch (v) {
	case VERB_EHLO:
	case VERB_HELO:
		command_hello(c, v);
		break;
	case VERB_STARTTLS:
		say_command(c, v, STR("STARTTLS"));
		break;
	case VERB_AUTH:
		command_auth(c);
		break;
	case VERB_MAIL:
		command_mail(c);
		break;
	case VERB_RCPT:
		command_rcpt(c);
		break;
	case VERB_DATA:
		say_command(c, v, STR("DATA"));
		c->t.data_sent = true;
		break;
	case VERB_RSET:
		say_command(c, v, STR("RSET"));
		c->t.rset_sent = true;
		break;
	case VERB_QUIT:
		say_command(c, v, STR("QUIT"));
		c->quit_sent = true;
		break;
	default:
		mem_bug("a verb without a command", __FILE__, __LINE__);
	}
}

/*
 * The message may be asked for. With one recipient DATA joins the group of MAIL and RCPT; with
 * more, or where a refusal would stop it, it waits for the replies to all of them.
 */
static bool is_data_due(const struct client *c)
{
	const struct transaction *t = &c->t;

	if (t->data_sent || t->rcpts_sent < t->env->count)
		return false;
	return t->env->count == 1 || t->rcpts_answered == t->env->count;
}

static enum verb next_in_transaction(const struct client *c)
{
	const struct transaction *t = &c->t;

	if (t->dropped)
		return t->mail_ok && !t->rset_sent && !t->body_ended ? VERB_RSET : VERB_NONE;
	if (!t->mail_sent)
		return VERB_MAIL;
	if (t->rcpts_sent < t->env->count)
		return VERB_RCPT;
	return is_data_due(c) ? VERB_DATA : VERB_NONE;
}

/* Nothing may be said now: before the greeting, during TLS, inside the message, after QUIT. */
static bool is_mute(const struct client *c)
{
	return !c->greeted || c->tls_due || dialog_in_body(c) || c->quit_sent;
}

/* The one place where the next command is derived from the facts. */
static enum verb next_verb(const struct client *c)
{
	enum verb v = VERB_NONE;

	if (is_mute(c))
		return VERB_NONE;
	if (!c->introduced)
		return c->ehlo_refused ? VERB_HELO : VERB_EHLO;
	if (c->terms.starttls && !c->tls)
		return VERB_STARTTLS;
	if (c->terms.auth && !c->authed)
		return c->auth_due ? VERB_AUTH : VERB_NONE; /* the caller does the rest */
	if (c->t.active && (c->t.dropped || !c->t.has_result))
		v = next_in_transaction(c);
	return v == VERB_NONE && c->quit_wanted ? VERB_QUIT : v;
}

/* May one more command stand behind those that are not answered (RFC 2920 section 3.1)? */
static bool may_send(const struct client *c)
{
	if (buf_room(&c->out) < 1024)
		return false;
	if (!c->awaited)
		return true;
	return c->caps.pipelining && verb_row(dialog_newest(c)->verb)->may_be_followed &&
	       c->awaited < CLIENT_AWAITED_MAX;
}

void say_all(struct client *c)
{
	enum verb v;

	while (!c->closed && may_send(c) && (v = next_verb(c)) != VERB_NONE)
		send_verb(c, v);
}

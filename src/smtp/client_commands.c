/* SPDX-License-Identifier: MIT */
#include "smtp/client_commands.h"

#include "base/mem.h"
#include "smtp/mail_params.h"

/*
 * Octets of a line without its end: the longest address, and as much again as the parameters that
 * are never left out add to the limit of a line (RFC 5321 section 4.5.3.1). ENVID and ORCPT are
 * left out if they do not fit (mail/dsn).
 */
enum { COMMAND_MAX = 1098 };

/* No octet of a line may end it early (RFC 5321 section 2.3.8). */
static void put_line(struct client *c, struct str line)
{
	for (size_t i = 0; i < line.len; i++)
		must(line.p[i] != '\r' && line.p[i] != '\n' && line.p[i] != '\0');
	buf_add(&c->out, line);
	buf_add(&c->out, STR("\r\n"));
	must(!c->out.over);
}

static void say_about(struct client *c, enum verb v, size_t rcpt, struct str line)
{
	put_line(c, line);
	client_state_await(c, v, rcpt);
	if (v != VERB_AUTH)
		client_state_report(c, false, line);
}

void client_commands_add(struct client *c, enum verb v, struct str line)
{
	say_about(c, v, 0, line);
}

/* One secret a line: a server may repeat any of them, even in its answer to a later command. */
void client_commands_remember(struct client *c, struct str secret)
{
	if (!secret.len)
		return;
	if (secret.len + 1 > buf_room(&c->auth_said))
		buf_wipe(&c->auth_said);
	if (c->auth_said.len)
		buf_char(&c->auth_said, '\n');
	buf_add(&c->auth_said, secret);
}

void client_commands_auth(struct client *c, struct str shown, struct str secret)
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
	client_state_report(c, false, buf_str(&told));
	c->out_secret = true;
	client_commands_add(c, VERB_AUTH, buf_str(&line));
	client_commands_remember(c, secret);
	c->auth_state = CLIENT_AUTH_START;
}

static void command_auth(struct client *c)
{
	if (c->auth_due == AUTH_DUE_HELD) {
		client_commands_auth(c, STR(""), buf_str(&c->auth_held));
		buf_wipe(&c->auth_held);
	} else {
		client_commands_auth(c, STR("*"), STR(""));
	}
	c->auth_due = AUTH_DUE_NOTHING;
}

static void add_mail(struct client *c)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(COMMAND_MAX);
	const struct client_message *mail = &c->m.mail;

	buf_fmt(&line, "MAIL FROM:<%s>", c->m.env->from);
	mail_params_write(mail, &c->caps, &line);
	must(!line.over);
	client_commands_add(c, VERB_MAIL, buf_str(&line));
	c->t.mail_sent = true;
	c->t.with_auth = c->options.auth && !c->authed;
	c->m.pipelined_auth = c->m.pipelined_auth || c->t.with_auth;
}

/* The next recipient that is pending, from position i on; the count if there is none. */
static size_t next_open(const struct envelope *env, size_t i)
{
	while (i < env->count && env->rcpts[i].status != RCPT_PENDING)
		i++;
	return i;
}

static void add_rcpt(struct client *c)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(COMMAND_MAX);
	struct transaction *t = &c->t;
	const struct rcpt *rcpt = &c->m.env->rcpts[t->next];

	buf_fmt(&line, "RCPT TO:<%s>", rcpt->addr);
	if (c->caps.dsn)
		dsn_rcpt_params(&c->m.mail.dsn, &rcpt->dsn, rcpt->addr, &line);
	must(!line.over);
	say_about(c, VERB_RCPT, t->next, buf_str(&line));
	t->next = next_open(c->m.env, t->next + 1);
	t->sent++;
}

/* The message goes by BDAT. The reply to its last chunk is the message's (RFC 3030 section 2). */
static bool is_chunked(const struct client *c)
{
	return c->m.mail.chunked && c->caps.chunking && c->m.mail.size &&
	       c->m.mail.size <= CLIENT_CHUNK;
}

/* Without LAST the server can take nothing for the whole message. */
static void command_probe(struct client *c)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(COMMAND_MAX);
	struct str probe = c->m.mail.probe;

	must(probe.len < c->m.mail.size && probe.len <= CLIENT_PROBE);
	buf_fmt(&line, "BDAT %zu", probe.len);
	put_line(c, buf_str(&line));
	buf_add(&c->out, probe);
	must(!c->out.over);
	client_state_await(c, VERB_PROBE, 0);
	client_state_report(c, false, buf_str(&line));
	buf_clear(&line);
	buf_fmt(&line, "(the first line of the message, %zu octets)", probe.len);
	client_state_report(c, false, buf_str(&line));
	c->t.probe_sent = true;
}

static void command_message(struct client *c)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(COMMAND_MAX);

	c->t.data_sent = true;
	c->t.chunked = is_chunked(c);
	if (!c->t.chunked) {
		client_commands_add(c, VERB_DATA, STR("DATA"));
		return;
	}
	c->t.given = c->t.probe_sent ? c->m.mail.probe.len : 0;
	buf_fmt(&line, "BDAT %llu LAST", (unsigned long long)(c->m.mail.size - c->t.given));
	put_line(c, buf_str(&line));
	client_state_report(c, false, buf_str(&line));
	c->t.go_ahead = true;
}

static void command_etrn(struct client *c)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(COMMAND_MAX);

	buf_fmt(&line, "ETRN %s", c->m.etrn);
	must(!line.over);
	client_commands_add(c, VERB_ETRN, buf_str(&line));
	c->m.etrn_sent = true;
}

static void command_hello(struct client *c, enum verb v)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(COMMAND_MAX);

	buf_fmt(&line, "%s %s", verb_row(v)->name, c->options.helo);
	must(!line.over);
	client_commands_add(c, v, buf_str(&line));
}

static void send_verb(struct client *c, enum verb v)
{
	switch (v) {
	case VERB_EHLO:
	case VERB_LHLO:
	case VERB_HELO:
		command_hello(c, v);
		break;
	case VERB_STARTTLS:
		client_commands_add(c, v, STR("STARTTLS"));
		break;
	case VERB_AUTH:
		command_auth(c);
		break;
	case VERB_MAIL:
		add_mail(c);
		break;
	case VERB_RCPT:
		add_rcpt(c);
		break;
	case VERB_PROBE:
		command_probe(c);
		break;
	case VERB_DATA:
		command_message(c);
		break;
	case VERB_ETRN:
		command_etrn(c);
		break;
	case VERB_RSET:
		client_commands_add(c, v, STR("RSET"));
		c->t.rset_sent = c->t.dropped;
		c->rset_due = false;
		break;
	case VERB_QUIT:
		client_commands_add(c, v, STR("QUIT"));
		c->quit_sent = true;
		break;
	default:
		mem_bug("a verb without a command", __FILE__, __LINE__);
	}
}

/* How many recipients one transaction may have. LMTP sends one reply to the message for each. */
static size_t rcpt_limit(const struct client *c)
{
	const uint64_t limits[] = { c->caps.rcpt_max, c->m.mail.rcpt_max, c->rcpt_limit,
		c->options.lmtp ? CLIENT_AWAITED_MAX : 0 };
	uint64_t least = ENVELOPE_MAX;

	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (limits[i] && limits[i] < least)
			least = limits[i];
	return (size_t)least;
}

bool client_commands_have_all_rcpts(const struct client *c)
{
	const struct transaction *t = &c->t;

	return t->full || t->next == c->m.env->count || t->sent == rcpt_limit(c);
}

/*
 * The first line may follow: it waits for no reply. What the server has refused by now is not
 * begun.
 */
static bool is_probe_due(const struct client *c)
{
	const struct transaction *t = &c->t;

	return is_chunked(c) && c->m.mail.probe.len && !t->probe_sent &&
	       (t->answered < t->sent || t->rcpts_ok);
}

/*
 * The message may follow. With one recipient it joins the group of MAIL and RCPT, unless AUTH is in
 * that group and the server is not known to accept that. With more recipients, or if the caller
 * wishes it (`waits`), the message waits for the replies to all commands of the group; behind a
 * first line it waits as well, because nothing may follow that before its reply (smtp/commands).
 */
static bool is_message_due(const struct client *c)
{
	const struct transaction *t = &c->t;

	if (t->data_sent)
		return false;
	if (t->answered == t->sent)
		return t->rcpts_ok > 0;
	return t->sent == 1 && !c->options.lmtp && !c->m.mail.waits &&
	       (!t->with_auth || c->pipelining == PIPELINE_ALL);
}

static enum verb next_in_transaction(const struct client *c)
{
	const struct transaction *t = &c->t;

	if (t->dropped)
		return t->mail_ok && !t->rset_sent && !t->body_ended ? VERB_RSET : VERB_NONE;
	if (t->over)
		return VERB_NONE;
	if (!t->mail_sent)
		return c->rset_due ? VERB_RSET : VERB_MAIL;
	if (!client_commands_have_all_rcpts(c))
		return VERB_RCPT;
	if (is_probe_due(c))
		return VERB_PROBE;
	return is_message_due(c) ? VERB_DATA : VERB_NONE;
}

static enum verb next_in_submission(const struct client *c)
{
	if (!c->m.active || (c->m.has_result && !c->t.mail_sent))
		return VERB_NONE;
	if (c->m.etrn)
		return c->m.etrn_sent || c->m.has_result ? VERB_NONE : VERB_ETRN;
	return next_in_transaction(c);
}

/* Recipients that the last transaction left out get another transaction. */
static void renew_transaction(struct client *c)
{
	if (c->m.active && !c->m.has_result && c->t.over && !c->awaited &&
		next_in_transaction(c) == VERB_NONE) {
		c->m.first = next_open(c->m.env, c->m.first);
		c->t = (struct transaction) { .next = c->m.first };
	}
}

/* No command may be sent: before the greeting, during TLS, inside the message, after QUIT. */
static bool is_mute(const struct client *c)
{
	return !c->greeted || c->tls_due || client_state_in_body(c) || c->quit_sent;
}

/* The one place where the next command is derived from the facts. */
static enum verb next_verb(const struct client *c)
{
	enum verb v = VERB_NONE;

	if (is_mute(c))
		return VERB_NONE;
	if (!c->introduced && c->options.lmtp)
		return VERB_LHLO;
	if (!c->introduced)
		return c->ehlo_refused ? VERB_HELO : VERB_EHLO;
	if (c->options.starttls && !c->tls)
		return VERB_STARTTLS;
	if (c->options.auth && !c->authed && !c->auth_ahead)
		return c->auth_due ? VERB_AUTH : VERB_NONE; /* the caller does the rest */
	v = next_in_submission(c);
	return v == VERB_NONE && c->quit_wanted && !c->auth_ahead ? VERB_QUIT : v;
}

static bool may_be_followed(const struct client *c, enum verb v)
{
	return v == VERB_AUTH ? c->auth_ahead : verb_row(v)->may_be_followed;
}

bool client_commands_may_follow(const struct client *c)
{
	if (buf_room(&c->out) < COMMAND_MAX + 2) /* a probe and its BDAT fit as well */
		return false;
	if (!c->awaited)
		return true;
	return c->caps.pipelining && c->pipelining != PIPELINE_OFF &&
	       may_be_followed(c, client_state_newest(c)->verb) && c->awaited < CLIENT_AWAITED_MAX;
}

void client_commands_send(struct client *c)
{
	enum verb v;

	renew_transaction(c);
	while (!c->closed && client_commands_may_follow(c) && (v = next_verb(c)) != VERB_NONE)
		send_verb(c, v);
}

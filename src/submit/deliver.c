/* SPDX-License-Identifier: MIT */
#include "submit/deliver.h"

#include "base/log.h"
#include "base/mem.h"
#include "cred/cred.h"
#include "submit/recode.h"
#include "sys/dial.h"
#include "sys/host.h"
#include "sys/proc.h"

#include <string.h>

enum { SLOWEST_OCTETS_PER_MS = 4 }; /* 4 KiB/s: what the run's time allows for */

static bool is_given(const char *text)
{
	return text && text[0];
}

static enum session_tls tls_mode(const struct settings *s)
{
	if (!s->tls)
		return SESSION_CLEAR;
	return s->tls_starttls ? SESSION_STARTTLS : SESSION_IMPLICIT;
}

static bool find_secret(const struct settings *s, struct secret *ret, struct err *e)
{
	struct cred_terms terms = {
		.password = &s->password,
		.password_file = s->password_file,
		.passwordeval = s->passwordeval,
		.user = s->user,
		.host = is_given(s->host) ? s->host : s->socket,
	};

	proc_guard_memory();
	return cred_find(&terms, ret, e);
}

/* Our name for EHLO; NULL: our address as a literal. */
static const char *hello_name(const struct settings *s, char host[HOST_NAME_OCTETS])
{
	if (s->domain && s->domain[0])
		return s->domain;
	if (is_given(s->socket) || dial_is_loopback(s->host))
		return "localhost";
	return host_public_name(host) ? host : NULL;
}

/* The message was taken, and not for everyone. */
static void take_refusal(const struct err *refusal, size_t accepted, struct err *e)
{
	*e = *refusal;
	(void)err_hint(e, "the message was accepted for the other %zu recipient%s%s", accepted,
		accepted == 1 ? "" : "s",
		err_is_temporary(refusal) ? "; send it again to those alone who do not have it"
					  : "");
}

static void take_result(
	const struct client_result *result, const struct envelope *env, struct outcome *ret)
{
	size_t accepted = envelope_tally(env, FATE_ACCEPTED);
	struct err mixed;
	const struct err *refusal = envelope_refusal(env, &mixed);

	ret->what = result->outcome;
	ret->err = result->err;
	if (result->outcome == OUTCOME_ACCEPTED && refusal)
		take_refusal(refusal, accepted, &ret->err);
	ret->status = err_status(&ret->err);
	must(ret->status != EX_OK || ret->what == OUTCOME_ACCEPTED);
	/* A part that was taken is not undone by what became of the others. */
	ret->mixed =
		accepted && (result->outcome != OUTCOME_ACCEPTED || err_is_temporary(&ret->err));
	if (accepted && result->outcome != OUTCOME_UNKNOWN)
		ret->what = OUTCOME_ACCEPTED;
}

/* What this server cannot take is re-encoded (RFC 6152 section 3). */
static bool suit_server(const struct session *s, struct message *m, struct err *e)
{
	const struct caps *caps = session_caps(s);
	struct mime_outcome did;

	if (!m->eightbit || caps->eightbit)
		return true;
	if (m->smtputf8 && !caps->smtputf8) /* it will be refused, and for that reason */
		return true;
	if (!recode(&m->content, MIME_SEVENBIT, &did, e))
		return e->kind == ERR_DATA ? err_in(e, "the server offers no 8BITMIME") : false;
	m->eightbit = did.has_8bit;
	log_note("the server offers no 8BITMIME; parts that became quoted-printable: %zu",
		did.recoded);
	return true;
}

static bool check_requiretls(
	const struct settings *s, const struct deliver_wishes *wishes, struct err *e)
{
	if (!wishes->requiretls || (s->tls && s->tls_certcheck))
		return true;
	err_set(e, ERR_UNAVAILABLE, "REQUIRETLS needs TLS and a certificate that is verified");
	return err_hint(e, "nothing was sent; set %s", s->tls ? "tls_certcheck on" : "tls on");
}

/* What may be dropped is, and is told. */
static struct dsn ask_dsn(
	const struct settings *s, const struct deliver_wishes *wishes, const struct caps *caps)
{
	struct dsn dsn = { .envid = wishes->envid };
	struct err e;

	must(dsn_notify(str_of(s->dsn_notify), &dsn.notify, &e));
	must(dsn_returns(str_of(s->dsn_return), &dsn.returns, &e));
	if (!caps->dsn && (dsn.notify || dsn.returns || dsn.envid))
		log_note("the server offers no DSN; no delivery reports are asked for");
	return dsn;
}

/* One message and where it goes. */
struct parcel {
	const struct settings *settings;
	const struct deliver_wishes *wishes;
	struct message *message;
};

/* *ret: NULL, at most once, where it is to be done again. */
static bool try_to_send(
	struct session *s, const struct parcel *p, const struct client_result **ret, struct err *e)
{
	const struct caps *caps = session_caps(s);
	struct message *m = p->message;

	if (!suit_server(s, m, e))
		return false;
	struct client_mail mail = {
		.size = m->content.size,
		.eightbit = m->eightbit || (p->wishes->eightbit && caps->eightbit),
		.smtputf8 = m->smtputf8,
		.smtputf8_wish = p->wishes->smtputf8,
		.requiretls = p->wishes->requiretls,
		.partial = p->settings->partial,
		.rcpt_max = p->settings->max_recipients,
		.dsn = ask_dsn(p->settings, p->wishes, caps),
	};
	*ret = session_send(s, &m->env, &mail, &m->content);
	return true;
}

static bool send_message(
	struct session *s, const struct parcel *p, struct outcome *ret, struct err *e)
{
	const struct client_result *result = NULL;

	while (!result)
		if (!try_to_send(s, p, &result, e))
			return false;
	take_result(result, &p->message->env, ret);
	if (session_is_unauthenticated(s))
		log_warning("the server refused the authentication and took the message");
	return true;
}

/* All that a session needs, found and checked before anything is connected. */
struct plan {
	struct secret password;
	char host[HOST_NAME_OCTETS];
	struct session_terms terms;
};

static void plan_done(struct plan *p)
{
	secret_done(&p->password);
}

static enum flights_set pipelining(const struct settings *s)
{
	static const char *const words[] = {
		[FLIGHTS_AUTO] = "auto",
		[FLIGHTS_ALL] = "full",
		[FLIGHTS_APART] = "basic",
		[FLIGHTS_OFF] = "off",
	};
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(words) && strcmp(words[i], s->pipelining) != 0)
		i++;
	return (enum flights_set)i;
}

static bool make_plan(const struct account *account, struct plan *ret, struct err *e)
{
	const struct settings *s = &account->s;
	bool auth = strcmp(s->auth, "off") != 0;
	const char *name = s->tls_host_override;

	if (auth && !find_secret(s, &ret->password, e))
		return false;
	if (s->tls && !s->tls_certcheck)
		log_warning("the server's certificate is not verified (tls_certcheck off)");
	ret->terms = (struct session_terms) {
		.account = account->name,
		.host = s->host,
		.socket = is_given(s->socket) ? s->socket : NULL,
		.port = s->port,
		.pipelining = pipelining(s),
		.chunking = strcmp(s->chunking, "off") != 0,
		.lmtp = strcmp(s->protocol, "lmtp") == 0,
		.helo = hello_name(s, ret->host),
		.tls = tls_mode(s),
		.trust = {
			.host = name && name[0] ? name : s->host,
			.trust_file = s->tls_trust_file,
			.check = s->tls_certcheck,
		},
		.user = auth ? s->user : NULL,
		.password = &ret->password,
		.mech = strcmp(s->auth, "on") == 0 ? NULL : s->auth,
		.timeout = s->timeout,
		.timeout_final = s->timeout_final,
	};
	return true;
}

/* size: octets of the message, for which the run's time allows. */
static struct session *open_account(const struct account *account, uint64_t size,
	const struct session_watch *watch, struct plan *ret_plan, struct err *e)
{
	int64_t run = (int64_t)account->s.run_timeout * 1000;
	int64_t send = (int64_t)(size / SLOWEST_OCTETS_PER_MS);

	if (!make_plan(account, ret_plan, e))
		return NULL;
	ret_plan->terms.run_until = run ? deadline_in(run + send) : DEADLINE_NEVER;
	ret_plan->terms.watch = *watch;
	return session_open(&ret_plan->terms, e);
}

bool deliver_check(
	const struct account *account, const struct deliver_wishes *wishes, struct err *e)
{
	struct plan plan CLEAN_UP(plan_done) = { 0 };

	if (check_requiretls(&account->s, wishes, e) && make_plan(account, &plan, e) &&
		session_check(&plan.terms, e))
		return true;
	return account->name[0] ? err_in(e, "account %s", account->name) : false;
}

static void finish(const struct account *account, struct outcome *ret)
{
	if (account->name[0] && ret->status != EX_OK)
		(void)err_in(&ret->err, "account %s", account->name);
}

void deliver(const struct account *account, struct message *m, const struct deliver_wishes *wishes,
	const struct session_watch *watch, struct outcome *ret)
{
	struct plan plan CLEAN_UP(plan_done) = { 0 };
	struct parcel parcel = { &account->s, wishes, m };
	struct session *s = NULL;

	*ret = (struct outcome) { .what = OUTCOME_NOT_SENT };
	if (check_requiretls(&account->s, wishes, &ret->err))
		s = open_account(account, m->content.size, watch, &plan, &ret->err);
	if (!s || !send_message(s, &parcel, ret, &ret->err))
		ret->status = err_status(&ret->err);
	session_close(s);
	finish(account, ret);
}

void deliver_etrn(const struct account *account, const char *node,
	const struct session_watch *watch, struct outcome *ret)
{
	struct plan plan CLEAN_UP(plan_done) = { 0 };
	struct session *s;

	*ret = (struct outcome) { .what = OUTCOME_NOT_SENT };
	s = open_account(account, 0, watch, &plan, &ret->err);
	if (s) {
		const struct client_result *result = session_etrn(s, node);
		ret->what = result->outcome;
		ret->err = result->err;
	}
	ret->status = err_status(&ret->err);
	session_close(s);
	finish(account, ret);
}

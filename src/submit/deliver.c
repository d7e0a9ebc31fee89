/* SPDX-License-Identifier: MIT */
#include "submit/deliver.h"

#include "base/log.h"
#include "base/mem.h"
#include "conf/config_files.h"
#include "conf/route.h"
#include "cred/cred.h"
#include "submit/reencode_message.h"
#include "session/sandbox_policy.h"
#include "session/servers.h"
#include "os/process.h"

#include <string.h>

enum { SLOWEST_OCTETS_PER_MS = 4 }; /* 4 KiB/s: what the run's time allows for */

/* Which mechanism, or NULL for our ranking, and the secret for it. */
static bool find_secret(
	const struct account *account, struct secret *ret, const char **ret_only, struct err *e)
{
	const struct settings *s = &account->s;
	struct route_host host = route_first(s);
	bool any = strcmp(s->auth, "on") == 0;
	char *home CLEAN_UP(mem_free_at) = setting_home_path(STR("~"));
	struct cred_options options = {
		.password = &s->password,
		.password_file = s->password_file,
		.passwordeval = s->passwordeval,
		.account = account->name,
		.user = str_given(s->user) ? s->user : "",
		.host = host.name[0] || !s->socket ? host.name : s->socket,
		.home = home[0] == '/' ? home : NULL,
		.token = !any && sasl_wants(s->auth) == SASL_TOKEN,
		.optional = any && str_given(s->tls_cert_file),
	};

	*ret_only = any ? NULL : s->auth;
	if (!any && sasl_wants(s->auth) > SASL_TOKEN)
		return true;
	if (!cred_find(&options, ret, e))
		return false;
	if (options.optional && !secret_is_set(ret)) /* our certificate is the proof */
		*ret_only = "external";
	return true;
}

/* The message was taken, and not for everyone. */
static void take_refusal(const struct err *refusal, size_t accepted, struct err *e)
{
	char others[40] = "recipient";

	*e = *refusal;
	if (accepted > 1)
		text_fmt(others, sizeof(others), "%zu recipients", accepted);
	(void)err_hint(e,
		"the message was accepted for the other %s; send it again%s, naming "
		"them on the command line without -t",
		others,
		err_is_temporary(refusal) ? " later to those alone who do not have it"
					  : " to corrected addresses alone");
}

static void take_result(
	const struct client_result *result, const struct envelope *env, struct outcome *ret)
{
	size_t accepted = envelope_tally(env, RCPT_ACCEPTED);
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
	const struct capabilities *caps = session_capabilities(s);
	struct reencode_outcome did;

	if (!m->eightbit || caps->eightbit)
		return true;
	if (m->smtputf8 && !caps->smtputf8) /* it will be refused, and for that reason */
		return true;
	if (!reencode_message(&m->content, REENCODE_SEVENBIT, &did, e))
		return e->kind == ERR_DATA ? err_in(e, "the server offers no 8BITMIME") : false;
	m->eightbit = did.has_8bit;
	log_note("the server offers no 8BITMIME; parts that became quoted-printable: %zu",
		did.recoded);
	return true;
}

static bool check_requiretls(
	const struct settings *s, const struct deliver_wishes *wishes, struct err *e)
{
	if (!wishes->requiretls || route_is_verified(s))
		return true;
	err_set(e, ERR_UNAVAILABLE, "REQUIRETLS needs TLS and a certificate that is verified");
	return err_hint(
		e, "nothing was sent; write the line %s", s->tls ? "tls_certcheck on" : "tls on");
}

/* For a recipient of its own? */
static bool is_dsn_asked(const struct envelope *env)
{
	for (size_t i = 0; i < env->count; i++)
		if (env->rcpts[i].dsn.notify || env->rcpts[i].dsn.orcpt)
			return true;
	return false;
}

/* What may be dropped is, and is told. */
static struct dsn ask_dsn(const struct settings *s, const struct deliver_wishes *wishes,
	const struct envelope *env, const struct capabilities *caps)
{
	struct dsn dsn = { .envid = wishes->envid };
	struct err e;

	must(dsn_notify(str_of(s->dsn_notify), &dsn.notify, &e));
	must(dsn_returns(str_of(s->dsn_return), &dsn.returns, &e));
	if (wishes->returns != DSN_RETURN_DEFAULT)
		dsn.returns = wishes->returns;
	if (!caps->dsn && (dsn.notify || dsn.returns || dsn.envid || is_dsn_asked(env)))
		log_note("the server offers no DSN; no delivery reports are asked for");
	return dsn;
}

/* One message and where it goes. */
struct job {
	const struct settings *settings;
	const struct deliver_wishes *wishes;
	struct message *message;
};

/* *ret: NULL, at most once, where it is to be done again. */
static bool try_to_send(
	struct session *s, const struct job *p, const struct client_result **ret, struct err *e)
{
	const struct capabilities *caps = session_capabilities(s);
	struct message *m = p->message;

	if (!suit_server(s, m, e))
		return false;
	struct client_message mail = {
		.size = m->content.size,
		.eightbit = m->eightbit || (p->wishes->eightbit && caps->eightbit),
		.smtputf8 = m->smtputf8,
		.smtputf8_wish = p->wishes->smtputf8,
		.requiretls = p->wishes->requiretls,
		.partial = p->settings->partial && !p->wishes->all_or_none,
		.rcpt_max = p->settings->max_recipients,
		.dsn = ask_dsn(p->settings, p->wishes, &m->env, caps),
	};
	*ret = session_send(s, &m->env, &mail, &m->content);
	return true;
}

static bool send_message(
	struct session *s, const struct job *p, const struct client_result **ret, struct err *e)
{
	*ret = NULL;
	while (!*ret)
		if (!try_to_send(s, p, ret, e))
			return false;
	return true;
}

/* All that a session needs, found and checked before anything is connected. */
struct upstream_plan {
	struct secret secret;
	char *sessions;
	struct servers targets;
	struct session_options options;
};

static void plan_done(struct upstream_plan *p)
{
	secret_done(&p->secret);
	mem_free(p->sessions);
	servers_done(&p->targets);
}

/* How the server proves who it is. */
static struct trust_options trust_terms_of(const struct settings *s, struct upstream_plan *p)
{
	p->sessions = s->tls_session_cache ? config_files_cache_folder() : NULL;
	return (struct trust_options) {
		.trust_file = s->tls_trust_file,
		.crl_file = s->tls_crl_file,
		.fingerprints = s->tls_fingerprint,
		.pins = s->tls_pin,
		.cert_file = s->tls_cert_file,
		.key_file = s->tls_key_file,
		.priorities = s->tls_priorities,
		.tls13 = strcmp(s->tls_min_version, "1.3") == 0,
		.check = s->tls_certcheck,
		.sessions = p->sessions,
	};
}

static enum pipelining_setting pipelining(const struct settings *s)
{
	static const char *const words[] = {
		[PIPELINING_AUTO] = "auto",
		[PIPELINING_FULL] = "full",
		[PIPELINING_BASIC] = "basic",
		[PIPELINING_OFF] = "off",
	};
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(words) && strcmp(words[i], s->pipelining) != 0)
		i++;
	return (enum pipelining_setting)i;
}

/* size: octets of the message, for which the run's time allows. */
static deadline run_deadline(const struct account *account, uint64_t size)
{
	int64_t run = (int64_t)account->s.run_timeout * 1000;
	int64_t send = (int64_t)(size / SLOWEST_OCTETS_PER_MS);

	return run ? deadline_in(run + send) : DEADLINE_NEVER;
}

static bool make_plan(
	const struct account *account, deadline until, struct upstream_plan *ret, struct err *e)
{
	const struct settings *s = &account->s;
	bool auth = strcmp(s->auth, "off") != 0;
	const char *only = NULL;

	process_guard_memory();
	if (auth && !find_secret(account, &ret->secret, &only, e))
		return false;
	if (s->tls && !route_is_verified(s))
		log_warning("the server's certificate is not verified (tls_certcheck off)");
	if (!servers_find(s, until, &ret->targets, e))
		return false;
	ret->options = (struct session_options) {
		.account = account->name,
		.way = route_options(s),
		.targets = ret->targets.list,
		.count = ret->targets.count,
		.missed = buf_text(&ret->targets.missed),
		.pipelining = pipelining(s),
		.chunking = strcmp(s->chunking, "off") != 0,
		.lmtp = strcmp(s->protocol, "lmtp") == 0,
		.trust = trust_terms_of(s, ret),
		.auth = auth,
		.secrets = {
			.user = str_given(s->user) ? s->user : "",
			.secret = &ret->secret,
			.only = only,
			.realm = s->ntlmdomain,
		},
		.timeout = s->timeout,
		.timeout_final = s->timeout_final,
	};
	return true;
}

static bool open_upstream(struct upstream *u, deadline until, struct err *e)
{
	u->plan = mem_alloc(sizeof(*u->plan));
	if (!make_plan(u->account, until, u->plan, e))
		return false;
	u->plan->options.run_until = until;
	u->plan->options.watch = u->watch;
	u->plan->options.ready = u->confined ? sandbox_policy_talk : NULL;
	u->session = session_open(&u->plan->options, e);
	return u->session != NULL;
}

void upstream_close(struct upstream *u)
{
	session_close(u->session);
	if (u->plan)
		plan_done(u->plan);
	mem_free(u->plan);
	u->session = NULL;
	u->plan = NULL;
}

bool deliver_check(
	const struct account *account, const struct deliver_wishes *wishes, struct err *e)
{
	struct upstream_plan plan CLEAN_UP(plan_done) = { 0 };

	if (check_requiretls(&account->s, wishes, e) &&
		make_plan(account, run_deadline(account, 0), &plan, e) &&
		session_check(&plan.options, e))
		return true;
	account_complete_hint(account, e);
	return account->name[0] ? err_in(e, "account %s", account->name) : false;
}

static void name_account(const struct account *account, struct outcome *ret)
{
	account_complete_hint(account, &ret->err);
	if (account->name[0] && ret->status != EX_OK)
		(void)err_in(&ret->err, "account %s", account->name);
}

/* *ret: NULL where there was no session to ask. */
static bool send_through(
	struct upstream *u, const struct job *p, const struct client_result **ret, struct err *e)
{
	deadline until = run_deadline(u->account, p->message->content.size);

	*ret = NULL;
	if (u->session)
		u->plan->options.run_until = until;
	else if (!open_upstream(u, until, e))
		return false;
	return send_message(u->session, p, ret, e);
}

/* Which server it was, as far as there was one. */
static void note_target(const struct upstream *u, struct outcome *ret)
{
	if (!u->session)
		return;
	const struct session_server *target = session_server(u->session);
	text_fmt(ret->host, sizeof(ret->host), "%s", target->host);
	ret->port = target->port;
}

static void take_end(const struct upstream *u, const struct envelope *env,
	const struct client_result *result, struct outcome *ret)
{
	take_result(result, env, ret);
	if (session_is_unauthenticated(u->session))
		log_warning("the server refused the authentication and took the message");
}

void upstream_deliver(struct upstream *u, struct message *m, const struct deliver_wishes *wishes,
	struct outcome *ret)
{
	struct job job = { &u->account->s, wishes, m };
	const struct client_result *result = NULL;
	bool was_open = u->session != NULL;

	*ret = (struct outcome) { .what = OUTCOME_NOT_SENT };
	bool good = check_requiretls(&u->account->s, wishes, &ret->err) &&
		    send_through(u, &job, &result, &ret->err);
	if (good && was_open && result->no_reply_yet) {
		log_note("the session had ended while it was idle; connecting again");
		upstream_close(u);
		good = send_through(u, &job, &result, &ret->err);
	}
	if (good)
		take_end(u, &m->env, result, ret);
	else
		ret->status = err_status(&ret->err);
	note_target(u, ret);
	if (!u->session || !session_is_open(u->session))
		upstream_close(u);
	name_account(u->account, ret);
}

void deliver(const struct account *account, struct message *m, const struct deliver_wishes *wishes,
	const struct session_watch *watch, struct outcome *ret)
{
	struct upstream u = { .account = account, .watch = *watch, .confined = true };

	if (m->eightbit && m->content.size > SPOOL_MEMORY / 4) /* it may be re-encoded, and grow */
		spool_reserve(&m->content);
	upstream_deliver(&u, m, wishes, ret);
	upstream_close(&u);
	sandbox_policy_record();
}

void deliver_etrn(const struct account *account, const char *node,
	const struct session_watch *watch, struct outcome *ret)
{
	struct upstream u = { .account = account, .watch = *watch, .confined = true };

	*ret = (struct outcome) { .what = OUTCOME_NOT_SENT };
	if (open_upstream(&u, run_deadline(account, 0), &ret->err)) {
		const struct client_result *result = session_etrn(u.session, node);
		ret->what = result->outcome;
		ret->err = result->err;
	}
	ret->status = err_status(&ret->err);
	note_target(&u, ret);
	upstream_close(&u);
	name_account(account, ret);
}

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
		.host = s->host,
	};

	proc_guard_memory();
	return cred_find(&terms, ret, e);
}

/* Our name for EHLO; NULL: our address as a literal. */
static const char *hello_name(const struct settings *s, char host[HOST_NAME_OCTETS])
{
	if (s->domain && s->domain[0])
		return s->domain;
	if (dial_is_loopback(s->host))
		return "localhost";
	return host_public_name(host) ? host : NULL;
}

static void take_result(
	const struct client_result *result, const struct envelope *env, struct outcome *ret)
{
	struct err mixed;
	const struct err *refusal = envelope_refusal(env, &mixed);

	ret->what = result->outcome;
	ret->err = result->err;
	if (result->outcome == OUTCOME_ACCEPTED && refusal) {
		ret->err = *refusal;
		(void)err_hint(&ret->err, "the message was accepted for the other %zu recipients",
			envelope_tally(env, FATE_ACCEPTED));
	}
	ret->status = err_status(&ret->err);
	must(ret->status != EX_OK || ret->what == OUTCOME_ACCEPTED);
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

static bool send_message(
	const struct session_terms *terms, struct message *m, struct outcome *ret, struct err *e)
{
	struct session *s = session_open(terms, e);

	if (!s)
		return false;
	bool ready = session_auth(s, e) && suit_server(s, m, e);
	struct client_mail mail = {
		.size = m->content.size,
		.eightbit = m->eightbit,
		.smtputf8 = m->smtputf8,
		.partial = true,
	};
	if (ready)
		take_result(session_send(s, &m->env, &mail, &m->content), &m->env, ret);
	session_close(s);
	return ready;
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

static bool make_plan(const struct settings *s, struct plan *ret, struct err *e)
{
	bool auth = strcmp(s->auth, "off") != 0;
	const char *name = s->tls_host_override;

	if (auth && !find_secret(s, &ret->password, e))
		return false;
	if (s->tls && !s->tls_certcheck)
		log_warning("the server's certificate is not verified (tls_certcheck off)");
	ret->terms = (struct session_terms) {
		.host = s->host,
		.port = s->port,
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

static bool try_to(const struct account *account, struct message *m,
	const struct session_watch *watch, struct outcome *ret)
{
	struct plan plan CLEAN_UP(plan_done) = { 0 };
	int64_t run = (int64_t)account->s.run_timeout * 1000;
	int64_t send = (int64_t)(m->content.size / SLOWEST_OCTETS_PER_MS);

	if (!make_plan(&account->s, &plan, &ret->err))
		return false;
	plan.terms.run_until = run ? deadline_in(run + send) : DEADLINE_NEVER;
	plan.terms.watch = *watch;
	return send_message(&plan.terms, m, ret, &ret->err);
}

bool deliver_check(const struct account *account, struct err *e)
{
	struct plan plan CLEAN_UP(plan_done) = { 0 };

	if (make_plan(&account->s, &plan, e) && session_check(&plan.terms, e))
		return true;
	return account->name[0] ? err_in(e, "account %s", account->name) : false;
}

void deliver(const struct account *account, struct message *m, const struct session_watch *watch,
	struct outcome *ret)
{
	*ret = (struct outcome) { .what = OUTCOME_NOT_SENT };
	if (!try_to(account, m, watch, ret))
		ret->status = err_status(&ret->err);
	if (account->name[0] && ret->status != EX_OK)
		(void)err_in(&ret->err, "account %s", account->name);
}

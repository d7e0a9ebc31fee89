/* SPDX-License-Identifier: MIT */
#include "submit/deliver.h"

#include "base/log.h"
#include "base/mem.h"
#include "conf/hosts.h"
#include "session/route.h"
#include "smtp/hint.h"
#include "submit/build_envelope.h"
#include "submit/reencode_message.h"

#include <string.h>

enum { SLOWEST_OCTETS_PER_MS = 4 }; /* 4 KiB/s: what the run's time allows for */

/* What this server cannot take is re-encoded (RFC 6152 section 3). */
static bool suit_server(const struct capabilities *caps, struct message *m, struct err *e)
{
	struct reencode_outcome did;

	if (!m->eightbit || caps->eightbit)
		return true;
	if (m->smtputf8 && !caps->smtputf8) /* it will be refused, and for that reason */
		return true;
	if (!reencode_message(m, REENCODE_SEVENBIT, &did, e))
		return e->kind == ERR_DATA ? err_in(e, "the server offers no 8BITMIME") : false;
	m->eightbit = did.has_8bit;
	log_note("the server offers no 8BITMIME; parts that became quoted-printable: %zu",
		did.recoded);
	return true;
}

static bool check_requiretls(
	const struct settings *s, const struct deliver_wishes *wishes, struct err *e)
{
	if (!wishes->requiretls || hosts_is_verified(s))
		return true;
	err_set(e, ERR_UNAVAILABLE, "REQUIRETLS needs TLS and a certificate that is verified");
	return err_hint(e, "nothing was sent; add the line %s to the account",
		s->tls ? "tls_certcheck on" : "tls on");
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

/* How the message is sent to a server that offers caps. */
static bool suit(
	void *ctx, const struct capabilities *caps, struct client_message *ret, struct err *e)
{
	const struct job *job = ctx;
	struct message *m = job->message;

	if (!suit_server(caps, m, e))
		return false;
	*ret = (struct client_message) {
		.size = message_size(m),
		.eightbit = m->eightbit || (job->wishes->eightbit && caps->eightbit),
		.smtputf8 = m->smtputf8,
		.smtputf8_wish = job->wishes->smtputf8,
		.requiretls = job->wishes->requiretls,
		.partial = job->settings->partial && !job->wishes->all_or_none,
		.rcpt_max = job->settings->max_recipients,
		.dsn = ask_dsn(job->settings, job->wishes, &m->env, caps),
	};
	return true;
}

static bool read_octets(void *ctx, uint64_t at, struct str *ret, struct err *e)
{
	const struct job *job = ctx;

	return message_at(job->message, at, ret, e);
}

/* size: octets of the message, for which the run's time allows. */
static deadline run_deadline(const struct account *account, uint64_t size)
{
	int64_t run = (int64_t)account->s.run_timeout * 1000;
	int64_t send = (int64_t)(size / SLOWEST_OCTETS_PER_MS);

	return run ? deadline_in(run + send) : DEADLINE_NEVER;
}

static bool open_upstream(struct upstream *u, deadline until, struct err *e)
{
	u->facts = (struct session_facts) { .begun = { 0 } };
	u->route = mem_alloc(sizeof(*u->route));
	if (!route_find(u->account, until, u->route, e))
		return false;
	struct session_options *options = &u->route->options;
	options->run_until = until;
	options->watch = u->watch;
	options->facts = &u->facts;
	options->ready = u->give_up_rights;
	options->keep = u->keep;
	u->session = session_open(options, e);
	return u->session != NULL;
}

void upstream_close(struct upstream *u)
{
	session_close(u->session);
	if (u->route)
		route_done(u->route);
	mem_free(u->route);
	u->session = NULL;
	u->route = NULL;
}

void upstream_settle(struct upstream *u)
{
	if (u->session && session_is_open(u->session))
		session_remember(u->session);
	else
		upstream_close(u);
}

bool deliver_check(
	const struct account *account, const struct deliver_wishes *wishes, struct err *e)
{
	struct route route CLEAN_UP(route_done) = { .sessions = NULL };

	if (check_requiretls(&account->s, wishes, e) &&
		route_find(account, run_deadline(account, 0), &route, e) &&
		session_check(&route.options, e))
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

/* False: there is no session. Else *ret is its result. */
static bool send_through(
	struct upstream *u, struct job *job, const struct client_result **ret, struct err *e)
{
	deadline until = run_deadline(u->account, message_size(job->message));
	const struct session_message message = {
		.env = &job->message->env, .suit = suit, .read = read_octets, .ctx = job
	};

	if (u->session)
		u->route->options.run_until = until;
	else if (!open_upstream(u, until, e))
		return false;
	*ret = session_send(u->session, &message);
	return true;
}

/* Which server it was, as far as there was one, and what is known of the connection. */
static void note_server(const struct upstream *u, struct outcome *ret)
{
	ret->facts = u->facts;
	if (!u->session)
		return;
	const struct session_server *server = session_server(u->session);
	text_fmt(ret->host, sizeof(ret->host), "%s", server->host);
	ret->port = server->port;
}

/* A fault of the header may be why the message was refused; what else is advised stays. */
static void name_faults(const struct message *m, struct outcome *ret)
{
	struct err *e = &ret->err;
	bool of_message = envelope_tally(&m->env, RCPT_OK) > 0 && e->reply >= 500;
	bool is_auth = e->reply == 530 || (e->reply > 533 && e->reply < 539);
	bool is_other = e->reply == 552 || strcmp(e->enhanced, "5.3.4") == 0 ||
			strcmp(e->enhanced, "5.4.5") == 0;
	char other[sizeof(e->hint)];

	if (!m->faults || ret->what != OUTCOME_REFUSED || !of_message || is_auth || is_other)
		return;
	memcpy(other, e->hint, sizeof(other));
	if (strcmp(other, HINT_FORM) == 0) /* that is said already */
		other[0] = '\0';
	(void)err_hint(e,
		"the header may be the reason: %s; correct it (--dry-run shows the message)%s%s",
		m->faults, other[0] ? "; or else: " : "", other);
}

/* The address of the first author, as the header that is sent has it; false if there is none. */
static bool find_author(const struct message *m, struct addr *ret)
{
	struct header h CLEAN_UP(header_done);

	header_init(&h);
	(void)header_feed(&h, buf_str(&m->header));
	return header_from_address(&h, ret);
}

/* Nothing but the account's own address is sent already. */
static bool has_one_sender(const struct settings *s)
{
	return !s->allow_from_override && s->set_from_header == FROM_HEADER_ON;
}

/* Providers want From and the envelope to name the same account: both are told. */
static void name_senders(const struct settings *s, const struct message *m, struct outcome *ret)
{
	struct addr author;

	if (strcmp(ret->err.hint, HINT_SENDER) != 0 || !m->env.from || !m->env.from[0])
		return;
	if (has_one_sender(s)) {
		(void)err_hint(&ret->err,
			"this account may not send as %s, its line from (" ERR_SHOW
			" shows it): correct that line, or choose another account with -a",
			m->env.from);
		return;
	}
	if (!find_author(m, &author) || addr_same(author.text, m->env.from))
		return;
	(void)err_hint(&ret->err,
		"From says %s, the envelope says %s, and this account may not send "
		"for one of them: the lines allow_from_override off and "
		"set_from_header on make both the address of the line from",
		author.text, m->env.from);
}

static void finish_delivery(const struct upstream *u, struct outcome *ret)
{
	note_server(u, ret);
	name_account(u->account, ret);
}

void deliver(struct upstream *u, struct message *m, const struct deliver_wishes *wishes,
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
	if (good) {
		outcome_take(result, &m->env, ret);
		name_senders(&u->account->s, m, ret);
		name_faults(m, ret);
	} else {
		outcome_not_sent(&m->env, ret);
	}
	if (good && session_is_unauthenticated(u->session))
		log_warning("the server refused the authentication and took the message");
	finish_delivery(u, ret);
}

void deliver_etrn(struct upstream *u, const char *node, struct outcome *ret)
{
	struct envelope nobody = { .from = NULL };

	*ret = (struct outcome) { .what = OUTCOME_NOT_SENT };
	if (open_upstream(u, run_deadline(u->account, 0), &ret->err))
		outcome_take(session_etrn(u->session, node), &nobody, ret);
	else
		outcome_not_sent(&nobody, ret);
	finish_delivery(u, ret);
}

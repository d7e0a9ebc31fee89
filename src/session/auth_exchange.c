/* SPDX-License-Identifier: MIT */
#include "session/auth_exchange.h"

#include "smtp/hint.h"

#include <string.h>

bool auth_exchange_prepare(struct auth_exchange *l, const char *host, deadline until, struct err *e)
{
	if (mech_wants(l->options->only) != MECH_WANTS_TICKET)
		return true;
	struct sasl *ticket = sasl_prepare(l->options, host, until, e);
	if (!ticket)
		return false;
	l->tickets = mem_grow(l->tickets, (l->ticket_count + 1) * sizeof(*l->tickets));
	l->tickets[l->ticket_count++] = (struct auth_exchange_ticket) { host, ticket };
	return true;
}

bool auth_exchange_has_tickets(const struct auth_exchange *l)
{
	return l->ticket_count > 0;
}

static struct auth_exchange_ticket *find_ticket(const struct auth_exchange *l, const char *host)
{
	for (size_t i = 0; i < l->ticket_count; i++)
		if (l->tickets[i].sasl && strcmp(l->tickets[i].host, host) == 0)
			return &l->tickets[i];
	return NULL;
}

bool auth_exchange_check(const struct auth_exchange *l, const char *host, struct err *e)
{
	if (mech_wants(l->options->only) != MECH_WANTS_TICKET || find_ticket(l, host))
		return true;
	err_set(e, ERR_TEMPORARY, "there is no ticket for smtp/%s", host);
	return err_hint(e, "klist shows the tickets, kinit gets a new one");
}

static struct sasl *take_ticket(struct auth_exchange *l)
{
	struct auth_exchange_ticket *t = find_ticket(l, l->peer.host);

	if (!t || !l->peer.offers(l->peer.ctx, str_of(sasl_mech(t->sasl))))
		return NULL;
	struct sasl *s = t->sasl;
	t->sasl = NULL;
	return s;
}

static enum client_auth_end end_of(const struct sasl *s)
{
	static const enum client_auth_end ends[] = {
		[SASL_GOES_ON] = CLIENT_AUTH_GOES_ON,
		[SASL_MAY_END] = CLIENT_AUTH_MAY_END,
		[SASL_ENDS] = CLIENT_AUTH_ENDS,
	};

	return ends[sasl_end(s)];
}

/* Begins the exchange with the best mechanism that was not tried yet. */
static bool begin_exchange(struct auth_exchange *l, struct client *client, struct err *e)
{
	struct buf initial CLEAN_UP(buf_wipe_done) = BUF_INIT(SASL_ANSWER_MAX);

	auth_exchange_end(l);
	l->sasl = take_ticket(l);
	if (!l->sasl)
		l->sasl = sasl_start(l->options, &l->peer, l->tried, e);
	if (!l->sasl)
		return false;
	size_t used = strlen(l->tried);
	text_fmt(l->tried + used, sizeof(l->tried) - used, " %s", sasl_mech(l->sasl));
	bool first = sasl_sends_first(l->sasl);
	if (first && !sasl_step(l->sasl, STR(""), &initial, e))
		return false;
	client_auth(client, sasl_mech(l->sasl), first ? &initial : NULL, end_of(l->sasl));
	return true;
}

static bool answer(struct auth_exchange *l, struct client *client, struct err *e)
{
	struct buf text CLEAN_UP(buf_wipe_done) = BUF_INIT(SASL_ANSWER_MAX);

	if (!sasl_step(l->sasl, client_challenge(client), &text, e))
		return false;
	client_auth_answer(client, buf_str(&text), end_of(l->sasl));
	return true;
}

void auth_exchange_step(struct auth_exchange *l, struct client *client)
{
	struct err e;
	bool good = false;

	switch (client_auth_state(client)) {
	case CLIENT_AUTH_START:
		good = begin_exchange(l, client, &e);
		break;
	case CLIENT_AUTH_CHALLENGE:
		good = answer(l, client, &e);
		break;
	case CLIENT_AUTH_REFUSED:
		good = begin_exchange(l, client, &e);
		if (!good && e.kind == ERR_NOPERM) /* there is no other: what the server said */
			e = *client_error(client);
		break;
	}
	if (!good)
		client_auth_give_up(client, &e);
}

bool auth_exchange_has_another(const struct auth_exchange *l)
{
	struct err ignored;

	return mech_choose(l->options, &l->peer, l->tried, &ignored) != NULL;
}

const char *auth_exchange_mech(const struct auth_exchange *l)
{
	return l->sasl ? sasl_mech(l->sasl) : NULL;
}

static void explain_token(const char *why, struct err *e)
{
	err_hint(e,
		"%s%s%sthe token may have expired, or be for something else: get a new "
		"one; " ERR_SHOW " shows where it is from",
		why[0] ? "of the token the server says \"" : "", why, why[0] ? "\"; " : "");
}

void auth_exchange_explain(const struct auth_exchange *l, struct err *e)
{
	if (e->kind != ERR_NOPERM || !e->reply)
		return;
	switch (mech_wants(l->options->only)) {
	case MECH_WANTS_PASSWORD:
		if (l->options->source && strcmp(e->hint, ERR_HINT_PASSWORD) == 0)
			err_hint(e,
				"check user and password: " ERR_SHOW
				" shows the line user; the password is from %s",
				l->options->source);
		break;
	case MECH_WANTS_TOKEN:
		if (!e->hint[0] || strcmp(e->hint, HINT_TOKEN) == 0)
			explain_token(l->sasl ? sasl_complaint(l->sasl) : "", e);
		break;
	case MECH_WANTS_CERTIFICATE:
		err_hint(e, "the server does not accept our certificate for this user: correct the "
			    "line tls_cert_file FILE, or user NAME");
		break;
	case MECH_WANTS_TICKET:
		err_hint(e, "klist shows whose tickets these are; with a line user NAME that is "
			    "whom to act as");
		break;
	}
}

void auth_exchange_end(struct auth_exchange *l)
{
	sasl_free(l->sasl);
	l->sasl = NULL;
}

void auth_exchange_forget(struct auth_exchange *l)
{
	l->tried[0] = '\0';
}

void auth_exchange_done(struct auth_exchange *l)
{
	auth_exchange_end(l);
	for (size_t i = 0; i < l->ticket_count; i++)
		sasl_free(l->tickets[i].sasl);
	mem_free(l->tickets);
}

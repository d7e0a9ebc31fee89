/* SPDX-License-Identifier: MIT */
#include "submit/login.h"

#include <string.h>

static bool has_mech(const void *ctx, struct str mech)
{
	return caps_have_mech(client_caps(ctx), mech);
}

/* Begins the exchange with the best mechanism that was not tried yet. */
static bool begin(struct login *l, struct client *client, struct err *e)
{
	struct buf initial CLEAN_UP(buf_wipe_done) = BUF_INIT(SASL_ANSWER_MAX);

	login_end(l);
	l->sasl = sasl_start(l->terms, has_mech, client, l->tried, e);
	if (!l->sasl)
		return false;
	size_t used = strlen(l->tried);
	text_fmt(l->tried + used, sizeof(l->tried) - used, " %s", sasl_mech(l->sasl));
	bool first = sasl_sends_first(l->sasl);
	if (first && !sasl_step(l->sasl, STR(""), &initial, e))
		return false;
	client_auth(client, sasl_mech(l->sasl), first ? &initial : NULL, sasl_is_complete(l->sasl));
	return true;
}

static bool answer(struct login *l, struct client *client, struct err *e)
{
	struct buf text CLEAN_UP(buf_wipe_done) = BUF_INIT(SASL_ANSWER_MAX);

	if (!sasl_step(l->sasl, client_challenge(client), &text, e))
		return false;
	client_auth_answer(client, buf_str(&text), sasl_is_complete(l->sasl));
	return true;
}

void login_step(struct login *l, struct client *client)
{
	struct err e;
	bool good = false;

	switch (client_auth_state(client)) {
	case CLIENT_AUTH_START:
		good = begin(l, client, &e);
		break;
	case CLIENT_AUTH_CHALLENGE:
		good = answer(l, client, &e);
		break;
	case CLIENT_AUTH_REFUSED:
		good = begin(l, client, &e);
		if (!good && e.kind == ERR_NOPERM) /* there is no other: what the server said */
			e = *client_error(client);
		break;
	}
	if (!good)
		client_auth_give_up(client, &e);
}

const char *login_mech(const struct login *l)
{
	return l->sasl ? sasl_mech(l->sasl) : NULL;
}

void login_end(struct login *l)
{
	sasl_free(l->sasl);
	l->sasl = NULL;
}

void login_forget(struct login *l)
{
	l->tried[0] = '\0';
}

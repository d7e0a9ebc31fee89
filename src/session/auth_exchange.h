/* SPDX-License-Identifier: MIT */
/*
 * auth_exchange - AUTH in one session: the best mechanism of both sides, and the next one if the
 * server does not know what it announced.
 *
 * After a refused password no other mechanism is tried.
 */
#ifndef SESSION_AUTH_EXCHANGE_H
#define SESSION_AUTH_EXCHANGE_H

#include "sasl/sasl.h"
#include "smtp/client.h"

struct auth_exchange_ticket {
	const char *host; /* borrowed */
	struct sasl *sasl;
};

struct auth_exchange {
	const struct sasl_options *options;   /* borrowed for its life */
	struct sasl_peer peer;                /* of the current connection; set by the caller */
	struct auth_exchange_ticket *tickets; /* what was begun before there was a connection */
	size_t ticket_count;
	struct sasl *sasl; /* of the current exchange, or NULL */
	char tried[160];   /* mechanisms, in words */
};

/* What has to be done while files can be read: GSSAPI with this host. Once for each. */
bool auth_exchange_prepare(
	struct auth_exchange *l, const char *host, deadline until, struct err *e);
/* Can AUTH come to anything with this host? */
bool auth_exchange_check(const struct auth_exchange *l, const char *host, struct err *e);
/* Does what the engine wants (CLIENT_AUTH), and hands it the error if that fails. */
void auth_exchange_step(struct auth_exchange *l, struct client *client);
/* It was accepted: how; NULL when no exchange is under way. */
const char *auth_exchange_mech(const struct auth_exchange *l);
/* Adds to a refusal what may be wrong, if that is no password. */
void auth_exchange_explain(const struct auth_exchange *l, struct err *e);
/* The exchange is over; what was tried stays known. */
void auth_exchange_end(struct auth_exchange *l);
/* On a new connection mechanisms may be tried again. */
void auth_exchange_forget(struct auth_exchange *l);
void auth_exchange_done(struct auth_exchange *l);

#endif

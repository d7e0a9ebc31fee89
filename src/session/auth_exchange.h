/* SPDX-License-Identifier: MIT */
/*
 * auth_exchange - AUTH in one session.
 *
 * It uses the best mechanism that both sides have, and the next one if the server does not support
 * what it announced. After a refused password no other mechanism is tried.
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
	struct auth_exchange_ticket *tickets; /* exchanges prepared before there was a connection */
	size_t ticket_count;
	struct sasl *sasl; /* of the current exchange, or NULL */
	char tried[160];   /* names of the mechanisms tried, separated by spaces */
};

/* Prepares GSSAPI with this host, while files can still be read. Call it once for each host. */
bool auth_exchange_prepare(
	struct auth_exchange *l, const char *host, deadline until, struct err *e);
/* Whether AUTH with this host can succeed: with GSSAPI there must be a ticket. */
bool auth_exchange_check(const struct auth_exchange *l, const char *host, struct err *e);
/* Does what the engine asks for (CLIENT_AUTH), and gives it the error if that fails. */
void auth_exchange_step(struct auth_exchange *l, struct client *client);
/* Whether a mechanism is left that was not tried. */
bool auth_exchange_has_another(const struct auth_exchange *l);
/* The mechanism of the current exchange; NULL if there is none. */
const char *auth_exchange_mech(const struct auth_exchange *l);
/* The mechanism needs a ticket for each connection, and was given one for the first. */
bool auth_exchange_has_tickets(const struct auth_exchange *l);
/* Adds to a refusal what may be wrong, if the cause is not a password. */
void auth_exchange_explain(const struct auth_exchange *l, struct err *e);
/* Ends the exchange; the mechanisms tried stay known. */
void auth_exchange_end(struct auth_exchange *l);
/* Forgets the mechanisms tried, for a new connection. */
void auth_exchange_forget(struct auth_exchange *l);
void auth_exchange_done(struct auth_exchange *l);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * auth_exchange - AUTH in one session: the best mechanism of both sides, and the next one if the
 * server does not know what it announced.
 *
 * What a refused password is told is never tried again with another mechanism.
 */
#ifndef SESSION_AUTH_EXCHANGE_H
#define SESSION_AUTH_EXCHANGE_H

#include "smtp/client.h"
#include "sasl/sasl.h"

struct login_ticket {
	const char *host; /* borrowed */
	struct sasl *sasl;
};

struct login {
	const struct sasl_terms *terms; /* borrowed for its life */
	struct sasl_peer peer;          /* of the connection at hand; the caller's to set */
	struct login_ticket *tickets;   /* what was begun before there was a connection */
	size_t ticket_count;
	struct sasl *sasl; /* of the exchange at hand, or NULL */
	char tried[160];   /* mechanisms, in words */
};

/* What has to be done while files can be read: GSSAPI with this host. Once for each. */
bool login_prepare(struct login *l, const char *host, deadline until, struct err *e);
/* Can AUTH come to anything with this host? */
bool login_check(const struct login *l, const char *host, struct err *e);
/* Answers what the engine wants (CLIENT_AUTH); what fails is told to it. */
void login_step(struct login *l, struct client *client);
/* It was accepted: how; NULL when no exchange is under way. */
const char *login_mech(const struct login *l);
/* Adds to a refusal what may be wrong, if that is no password. */
void login_explain(const struct login *l, struct err *e);
/* The exchange is over; what was tried stays known. */
void login_end(struct login *l);
/* On a new connection mechanisms may be tried again. */
void login_forget(struct login *l);
void login_done(struct login *l);

#endif

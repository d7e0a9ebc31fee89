/* SPDX-License-Identifier: MIT */
/*
 * route - makes the options of a session from the settings of an account.
 *
 * Everything that a session needs is found and checked here, before any connection: the password or
 * token (cred), the servers (session/server_list), and how each side proves its identity. Reading
 * the secret may run a command or ask at the terminal; our memory is protected before that.
 */
#ifndef SESSION_ROUTE_H
#define SESSION_ROUTE_H

#include "conf/account.h"
#include "conf/hosts.h"
#include "cred/cred.h"
#include "session/server_list.h"

struct route {
	struct session_options options; /* borrows from the account and the members below */
	struct cred cred;               /* the password or token */
	char *sessions;                 /* the folder of TLS sessions; NULL: none */
	struct server_list servers;
};

/* Where an account's secret is looked for; host: its first one; home: the folder of .netrc. */
struct cred_options route_cred_options(
	const struct account *account, const struct hosts_item *host, const char *home);

/* How the server is verified, and how we identify ourselves to it. sessions: the folder of TLS
 * sessions, or NULL. */
struct trust_options route_trust_options(const struct settings *s, const char *sessions);

/* Whether logging in takes a secret: not with a certificate or a ticket alone. */
bool route_needs_secret(const struct settings *s);
/*
 * The caller adds to the options what does not come from the account: run_until, watch, facts,
 * ready. *ret must be all zero; release it with route_done(), also after a failure.
 */
bool route_find(const struct account *account, deadline until, struct route *ret, struct err *e);
void route_done(struct route *r);

#endif

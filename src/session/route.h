/* SPDX-License-Identifier: MIT */
/*
 * route - from the settings of an account to the options of a session.
 *
 * Everything that a session needs is found and checked here, before anything is connected: the
 * password or token (cred), the servers (session/servers), and how each side proves who it is.
 * Reading the secret may run a command or ask at the terminal, and guards our memory first.
 */
#ifndef SESSION_ROUTE_H
#define SESSION_ROUTE_H

#include "conf/account.h"
#include "cred/cred.h"
#include "session/servers.h"

struct route {
	struct session_options options; /* they borrow from the account and from what follows */
	struct cred cred;               /* the password or token */
	char *sessions;                 /* the folder of TLS sessions; NULL: none */
	struct servers servers;
};

/*
 * The caller adds to the options what is not the account's: run_until, watch, facts, ready.
 * *ret is to be zero; in every case it is released with route_done().
 */
bool route_find(const struct account *account, deadline until, struct route *ret, struct err *e);
void route_done(struct route *r);

#endif

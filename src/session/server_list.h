/* SPDX-License-Identifier: MIT */
/*
 * server_list - lists the servers of an account in the order in which they are tried.
 *
 * Named hosts are taken as they are. "srv:DOMAIN" is looked up in DNS before any connection (RFC
 * 6186, RFC 8314 section 5.1): _submissions._tcp, with implicit TLS, then _submission._tcp, with
 * STARTTLS; each in the order of RFC 2782, with the published ports.
 *
 * An attacker who controls DNS could lead us to any server. Therefore the certificate of such a
 * server must be for DOMAIN, unless tls_host_override names another or the answer is proved
 * (net/srv). If it is refused, the hint has the host line to use instead.
 *
 * The deadlines of connecting and of the run apply to all look-ups together.
 *
 * Errors: ERR_NETWORK and ERR_TIMEOUT if no server could be found, ERR_UNAVAILABLE if a domain says
 * that it offers none. If there are other hosts, such an error is only kept. Once a server is
 * known, each further look-up may take SERVER_LIST_SECONDS at most.
 */
#ifndef SESSION_SERVER_LIST_H
#define SESSION_SERVER_LIST_H

#include "conf/setting.h"
#include "os/host.h"
#include "session/session.h"

enum { SERVER_LIST_MOST = 30, SERVER_LIST_SECONDS = 3 };

struct server_list {
	struct session_server list[SERVER_LIST_MOST];
	size_t count;
	char **texts; /* texts that the servers borrow; owned */
	size_t text_count;
	char helo[HOST_NAME_OCTETS];
	struct buf missed; /* for an error: domains that could not be looked up, and why */
};

/* *ret borrows s. Release it with server_list_done(), also after a failure. */
bool server_list_find(
	const struct settings *s, deadline run_until, struct server_list *ret, struct err *e);
void server_list_done(struct server_list *t);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * servers - the servers of an account, in the order in which they may be tried.
 *
 * Hosts that are named are taken as they are. For "srv:DOMAIN" the name service is asked, before
 * anything is connected to (RFC 6186, RFC 8314 section 5.1): _submissions._tcp, with implicit TLS,
 * then _submission._tcp, with STARTTLS; each in the order of RFC 2782. Ports are those published.
 *
 * Who controls the name service could lead us anywhere. So the certificate of such a server must be
 * for DOMAIN, unless tls_host_override names another or the answer is proved (net/srv); the hint
 * of its refusal has the host line to write instead.
 *
 * One deadline, that of connecting, holds for all these look-ups, and that of the run.
 *
 * Errors: ERR_NETWORK and ERR_TIMEOUT where no server could be found, ERR_UNAVAILABLE where a
 * domain says that it offers none. Where other hosts are left, such an error is kept, and behind
 * another host a look-up has SERVERS_SECONDS at most.
 */
#ifndef SESSION_SERVERS_H
#define SESSION_SERVERS_H

#include "conf/setting.h"
#include "os/host.h"
#include "session/session.h"

enum { SERVERS_MOST = 30, SERVERS_SECONDS = 3 };

struct servers {
	struct session_server list[SERVERS_MOST];
	size_t count;
	char **texts; /* what they borrow */
	size_t text_count;
	char helo[HOST_NAME_OCTETS];
	struct buf missed; /* domains that could not be looked up, and why; for an error */
};

/* s is borrowed too. In every case *ret is to be released with servers_done(). */
bool servers_find(const struct settings *s, deadline run_until, struct servers *ret, struct err *e);
void servers_done(struct servers *t);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * route - how the settings of an account lead to its servers.
 *
 * `host` is a list, in the order in which servers are tried: names, addresses, and "srv:DOMAIN" for
 * the servers that DOMAIN publishes (RFC 6186). With a Unix socket or a tunnel, which lead to one
 * place, there is one host at most: the name that the certificate must have.
 */
#ifndef CONF_ROUTE_H
#define CONF_ROUTE_H

#include "conf/setting.h"
#include "conf/value.h"
#include "net/dial.h"

struct route_host {
	char name[VALUE_NAME_OCTETS + 1]; /* what stands behind "srv:", too */
	bool srv;
};

/* Takes the next one off *list; false at its end. */
bool route_next(struct str *list, struct route_host *ret);
/* The first one; its name is "" where there is none. */
struct route_host route_first(const struct settings *s);

/* All but host and port; borrowed from s. */
struct dial_options route_options(const struct settings *s);
/* Does what is sent to any of the hosts stay on this machine? */
bool route_is_local(const struct settings *s);

/* Will the server be verified: by authorities, or by a pin? */
bool route_is_verified(const struct settings *s);

/* Names outside ASCII become A-labels (RFC 5891). */
bool route_to_ascii(struct settings *s, struct err *e);
/* What contradicts itself, and what cannot be used: ERR_CONFIG. */
bool route_check(const struct settings *s, struct err *e);

#endif

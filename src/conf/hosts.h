/* SPDX-License-Identifier: MIT */
/*
 * hosts - the servers that the settings of an account name, and how they are reached.
 *
 * `host` is a list, in the order in which servers are tried: names, addresses, and "srv:DOMAIN" for
 * the servers that DOMAIN publishes (RFC 6186). With a Unix socket or a tunnel, which lead to one
 * place, there is one host at most: the name that the certificate must have.
 */
#ifndef CONF_HOSTS_H
#define CONF_HOSTS_H

#include "conf/setting.h"
#include "conf/value.h"
#include "net/dial.h"

struct hosts_item {
	char name[VALUE_NAME_OCTETS + 1]; /* what stands behind "srv:", too */
	bool srv;
};

/* Takes the next one off *list; false at its end. */
bool hosts_next(struct str *list, struct hosts_item *ret);
/* The first one; its name is "" where there is none. */
struct hosts_item hosts_first(const struct settings *s);

/* All but host and port; borrowed from s. */
struct dial_options hosts_dial_options(const struct settings *s);
/* Does what is sent to any of the hosts stay on this machine? */
bool hosts_is_local(const struct settings *s);

/* Will the server be verified: by authorities, or by a pin? */
bool hosts_is_verified(const struct settings *s);

/* Names outside ASCII become A-labels (RFC 5891). */
bool hosts_to_ascii(struct settings *s, struct err *e);
/* What contradicts itself, and what cannot be used: ERR_CONFIG. */
bool hosts_check(const struct settings *s, struct err *e);

#endif

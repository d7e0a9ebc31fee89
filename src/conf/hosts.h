/* SPDX-License-Identifier: MIT */
/*
 * hosts - the servers that an account's settings name, and how to reach them.
 *
 * `host` lists servers in the order in which they are tried: names, addresses, and "srv:DOMAIN" for
 * the servers that DOMAIN publishes (RFC 6186). A Unix socket or a tunnel leads to one server, so
 * with them there is at most one host: the name that the certificate must have.
 */
#ifndef CONF_HOSTS_H
#define CONF_HOSTS_H

#include "conf/setting.h"
#include "conf/value.h"
#include "net/dial.h"

struct hosts_item {
	char name[VALUE_NAME_OCTETS + 1]; /* name or address; if srv, the domain after "srv:" */
	bool srv;
};

/* Takes the next item off *list; false at the end. */
bool hosts_next(struct str *list, struct hosts_item *ret);
/* The first item; its name is "" if there is none. */
struct hosts_item hosts_first(const struct settings *s);

/* The options for connecting, without host and port; borrowed from s. */
struct dial_options hosts_dial_options(const struct settings *s);
/* Whether every host is this machine, so that nothing sent to it crosses a network. */
bool hosts_is_local(const struct settings *s);

/* Whether the server will be verified, by authorities or by a pin. */
bool hosts_is_verified(const struct settings *s);

/* Whether TLS begins at once on that port: a server says nothing before it (RFC 8314 section 3.3).
 */
bool hosts_is_tls_port(unsigned port);

/* Turns names outside ASCII into A-labels (RFC 5891). */
bool hosts_to_ascii(struct settings *s, struct err *e);
/* Refuses hosts that contradict other settings or cannot be used: ERR_CONFIG. */
bool hosts_check(const struct settings *s, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * dial - a name and a port, or the path of a Unix socket, to a connected stream.
 *
 * All addresses of the name are tried in the resolver's order within one deadline, which is shared
 * out so that none uses up the time of the others. Temporary whatever went wrong (ERR_NETWORK,
 * ERR_TIMEOUT): networks and servers come back.
 */
#ifndef SYS_DIAL_H
#define SYS_DIAL_H

#include "sys/stream.h"

enum { DIAL_ADDRESS_MAX = 80, DIAL_SECONDS = 30 };

struct dial_result {
	struct stream *stream;        /* the caller's */
	char peer[DIAL_ADDRESS_MAX];  /* "192.0.2.7", "2001:db8::7", or the path, cut to fit */
	char local[DIAL_ADDRESS_MAX]; /* our end as EHLO may name it: "[192.0.2.9]", "localhost" */
};

bool dial(const char *host, unsigned port, deadline until, struct dial_result *ret, struct err *e);
/* Errors name the path; one that no socket can have is ERR_CONFIG. */
bool dial_socket(const char *path, deadline until, struct dial_result *ret, struct err *e);

/* The canonical name that the resolver has for a host. */
bool dial_canonical(const char *host, deadline until, char *ret, size_t size, struct err *e);

/* Is this written as a loopback name or address? Never what a name resolves to. */
bool dial_is_loopback(const char *host);

#endif

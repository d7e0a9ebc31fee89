/* SPDX-License-Identifier: MIT */
/*
 * value - checks of a setting's text beyond its type.
 *
 * They run when the value is read from a file or an option, so that the error can name that place.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/buf.h"
#include "base/err.h"

enum { VALUE_NAME_OCTETS = 255 };

/* name: the setting, for the error (ERR_CONFIG). */
typedef bool value_check(const char *name, struct str value, struct err *e);

value_check value_server;      /* a name without spaces, or an address; no URL, and no port */
value_check value_domain;      /* the same, or an address in brackets (RFC 5321 section 4.1.3) */
value_check value_ip;          /* an IP address, perhaps with a scope */
value_check value_auth;        /* on, off, or a known mechanism */
value_check value_dsn_notify;  /* see dsn_notify() in mail/dsn */
value_check value_dsn_return;  /* see dsn_returns() in mail/dsn */
value_check value_fingerprint; /* the SHA-256 of a certificate (tls/pins) */
value_check value_pin;         /* the pin of a public key (tls/pins) */
value_check value_syslog;      /* on, off, failures, or a facility */

/* Begins the part of value_server()'s error that says which lines to write instead. */
#define VALUE_ADVICE ": write "
/*
 * Appends what to write in place of the setting's value, if that tells it: "host NAME", or "two
 * lines, proxy_host NAME and proxy_port NUMBER"; as options "--host=NAME --port=NUMBER".
 */
void value_advise(const char *name, struct str value, bool as_options, struct buf *out);

#endif

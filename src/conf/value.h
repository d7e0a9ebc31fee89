/* SPDX-License-Identifier: MIT */
/*
 * value - what a setting's text may be, where its type alone does not say it.
 *
 * Checked where the value is given, in a file or as an option, so that the error has its place.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/err.h"

enum { VALUE_NAME_OCTETS = 255 };

/* ERR_CONFIG names the setting. */
typedef bool value_check(const char *name, struct str value, struct err *e);

value_check value_host_name;   /* no blanks, of a length that a name may have */
value_check value_ip;          /* an IP address, maybe with a scope */
value_check value_auth;        /* on, off, a mechanism that is known */
value_check value_dsn_notify;  /* as mail/dsn has it */
value_check value_dsn_return;  /* the same */
value_check value_fingerprint; /* the SHA-256 of a certificate (tls/pins) */
value_check value_pin;         /* of a public key (the same) */
value_check value_syslog;      /* on, off, failures, a facility */

#endif

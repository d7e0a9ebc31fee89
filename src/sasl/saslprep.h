/* SPDX-License-Identifier: MIT */
/*
 * saslprep - user names and passwords made fit for the mechanisms that ask for it: SASLprep (RFC
 * 4013).
 *
 * What a library will do by itself is tried before, so that its failure has a name and a place.
 * Whatever cannot be carried is ERR_CONFIG.
 */
#ifndef SASL_SASLPREP_H
#define SASL_SASLPREP_H

#include "base/err.h"
#include "base/mem.h"

/* UTF-8 without NUL, 0x01, CR and LF: what every mechanism can carry. what: "user name"... */
bool saslprep_check(const char *what, struct str text, struct err *e);
/* As the library will prepare it. */
bool saslprep_text(const char *what, const char *text, struct secret *ret, struct err *e);
/*
 * The password of SCRAM, a query (RFC 5802 section 2.2): code points that Unicode 3.2 did not know
 * are allowed.
 */
bool saslprep_query(const char *text, struct secret *ret, struct err *e);

#endif

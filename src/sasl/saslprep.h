/* SPDX-License-Identifier: MIT */
/*
 * saslprep - prepares user names and passwords by SASLprep (RFC 4013) for mechanisms that need it.
 *
 * The library would prepare them too; doing it earlier gives a failure a clear error. Text that
 * cannot be sent is ERR_CONFIG.
 */
#ifndef SASL_SASLPREP_H
#define SASL_SASLPREP_H

#include "base/err.h"
#include "base/mem.h"

/*
 * Checks that text is UTF-8 without NUL, 0x01, CR and LF, which every mechanism can carry. what:
 * its name for errors, such as "user name".
 */
bool saslprep_check(const char *what, struct str text, struct err *e);
/* Prepares text as the library will. */
bool saslprep_text(const char *what, const char *text, struct secret *ret, struct err *e);
/*
 * Prepares the password of SCRAM as a query (RFC 5802 section 2.2), in which code points unassigned
 * in Unicode 3.2 are allowed.
 */
bool saslprep_query(const char *text, struct secret *ret, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * sendmail_options - what the values of sendmail's own options mean here.
 *
 * Callers of sendmail set dozens of things that have no meaning for a program without a queue, a
 * daemon or local mail: what is not known is SENDMAIL_NOTHING, never an error. What a caller could
 * rely on and is not there (a mode, a queue that is run at intervals) is ERR_USAGE, and says what
 * to do in its place.
 */
#ifndef CONF_SENDMAIL_OPTIONS_H
#define CONF_SENDMAIL_OPTIONS_H

#include "base/err.h"

enum sendmail_effect {
	SENDMAIL_NOTHING,
	SENDMAIL_IGNORE_DOTS, /* a lone dot is text */
	SENDMAIL_QUIET,       /* errors are not printed */
	SENDMAIL_REQUIRETLS,  /* RFC 8689 */
	SENDMAIL_SMTPUTF8,    /* RFC 6531 */
	SENDMAIL_EFFECTS,     /* how many there are */
};

struct sendmail_meaning {
	enum sendmail_effect effect;
	bool on;
};

/* -o: a letter and its value, "i", "em", "A/etc/aliases". */
struct sendmail_meaning sendmail_letter(const char *text);
/* -e: the error mode by itself, "q". */
struct sendmail_meaning sendmail_error_mode(const char *mode);
/* -O: "Name=value". What one may not be without must say yes or no. */
bool sendmail_option(const char *text, struct sendmail_meaning *ret, struct err *e);
/* -q: one run over all or some of the queue; which is NULL for all. */
bool sendmail_queue_run(const char *which, struct err *e);
/* -A: "c" or "m", which change nothing. */
bool sendmail_submission_mode(const char *mode, struct err *e);
/* -b with a mode that is not there: always false. */
bool sendmail_no_mode(const char *mode, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * intake - a message read whole: input to spool, envelope, the header that is sent.
 *
 * Reading has no deadline: a job may write for days. What comes out is the canonical message
 * (mail/body) with the header completed and Bcc gone (mail/rewrite), and the envelope. Nothing is
 * connected before, so nothing half read is ever sent: an input error is ERR_IO. A lone dot ends
 * the input only from a terminal. No recipient at all is ERR_USAGE; an address in the header
 * that does not parse is ERR_DATA and names its field. Where the terms say so, text with a line
 * over 998 octets is re-encoded (submit/recode); other long lines are told to the log.
 */
#ifndef SUBMIT_INTAKE_H
#define SUBMIT_INTAKE_H

#include "mail/body.h"
#include "mail/envelope.h"
#include "sys/spool.h"

struct intake_terms {
	int fd;
	bool dots_are_text;   /* -i */
	bool read_recipients; /* -t */
	bool encode_long_lines;
	const char *sender; /* as given (-f); NULL: the account's */
	const char *from;   /* the account's address, or NULL: also takes the mail for bare names */
	const char *full_name;         /* or NULL */
	const char *const *recipients; /* as given */
	size_t count;
};

struct message {
	struct spool content; /* canonical, whole */
	struct envelope env;
	bool eightbit;
};

bool intake(const struct intake_terms *terms, struct message *ret, struct err *e);
void message_done(struct message *m);

/* The host's own name if it will do for mail; false, with ret empty, if not. */
bool intake_host_name(char *ret, size_t size);

#endif

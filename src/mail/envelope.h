/* SPDX-License-Identifier: MIT */
/*
 * envelope - sender, recipients and the status of each (RFC 5321 section 2.3.1).
 *
 * Owns its text. Recipients are wire forms (mail/addr), kept in the order they were added, each
 * once: a second one that differs only in the case of its domain is dropped. At most
 * ENVELOPE_MAX recipients. Only the client engine writes a status.
 */
#ifndef MAIL_ENVELOPE_H
#define MAIL_ENVELOPE_H

#include "base/err.h"
#include "mail/dsn.h"

enum { ENVELOPE_MAX = 100000 };

enum rcpt_status {
	RCPT_PENDING,  /* nothing was settled */
	RCPT_OK,       /* 2yz to RCPT; the message is still to come */
	RCPT_ACCEPTED, /* the server took the message for this one */
	RCPT_REFUSED,  /* see refusal */
};

/* What is left to do about a recipient, or a message, once a try to send it is over. */
enum disposition {
	DISPOSITION_LATER,   /* it was not delivered, and a later try may succeed */
	DISPOSITION_DONE,    /* the server has the message */
	DISPOSITION_NEVER,   /* it was refused for good */
	DISPOSITION_UNKNOWN, /* the message left, and its final reply was not heard */
};

struct rcpt {
	char *addr;
	enum rcpt_status status;
	enum disposition disposition; /* written once the outcome is known (submit/outcome) */
	struct err *refusal;          /* NULL unless refused */
	struct dsn_rcpt dsn;          /* owned too */
};

struct envelope {
	char *from; /* "" is the null sender; NULL: not set */
	struct rcpt *rcpts;
	size_t count, cap;
	uint32_t *slots; /* hash table of positions + 1; private */
	size_t slot_count;
};

void envelope_done(struct envelope *env);
void envelope_from(struct envelope *env, const char *wire);
/* False only when there are too many. */
bool envelope_add(struct envelope *env, const char *wire, struct err *e);
/* Every recipient is pending again, before another try. */
void envelope_reset(struct envelope *env);
void rcpt_refuse(struct rcpt *r, const struct err *why);
/* Copies what is asked for this one. */
void rcpt_ask(struct rcpt *r, const struct dsn_rcpt *asked);

/* How many have that status. */
size_t envelope_tally(const struct envelope *env, enum rcpt_status status);
/*
 * What the refusals mean together: 75 if any is temporary, else the status they share, else
 * 69; NULL if no one was refused. The err returned is one recipient's, borrowed, or *mixed.
 */
const struct err *envelope_refusal(const struct envelope *env, struct err *mixed);

#endif

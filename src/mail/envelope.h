/* SPDX-License-Identifier: MIT */
/*
 * envelope - the sender, the recipients and the status of each (RFC 5321 section 2.3.1).
 *
 * It owns its text. Recipients are wire forms (mail/addr) in the order in which they were added,
 * each once: one that differs from another only in the case of its domain is not added. There are
 * at most ENVELOPE_MAX recipients. Only the client engine sets a status.
 */
#ifndef MAIL_ENVELOPE_H
#define MAIL_ENVELOPE_H

#include "base/err.h"
#include "base/lookup.h"
#include "mail/dsn.h"

enum { ENVELOPE_MAX = 100000 };

enum rcpt_status {
	RCPT_PENDING,  /* nothing is settled yet */
	RCPT_OK,       /* 2yz to RCPT; the message is still to come */
	RCPT_ACCEPTED, /* the server took the message for this one */
	RCPT_REFUSED,  /* see rcpt_refusal() */
};

/* What is left to do about a recipient, or a message, after an attempt to send it. */
enum disposition {
	DISPOSITION_LATER,   /* it was not delivered, and a later attempt may succeed */
	DISPOSITION_DONE,    /* the server has the message */
	DISPOSITION_NEVER,   /* it was refused for good */
	DISPOSITION_UNKNOWN, /* the message left, and its final reply did not come */
};

struct rcpt {
	char *addr;
	enum rcpt_status status;
	enum disposition disposition; /* set when the outcome is known (submit/outcome) */
	struct refusal *refusal;      /* NULL unless refused: rcpt_refusal() */
	struct dsn_rcpt dsn;          /* owned too */
};

struct envelope {
	char *from; /* "" is the null sender; NULL: not set */
	struct rcpt *rcpts;
	size_t count, cap;
	struct lookup addresses; /* private */
	char **hints;            /* of all refusals, each once; private */
	size_t hint_count;
};

void envelope_done(struct envelope *env);
void envelope_from(struct envelope *env, const char *wire);
/* Adds a copy of wire, unless it is a recipient already. False only if there are too many. */
bool envelope_add(struct envelope *env, const char *wire, struct err *e);
/* Makes every recipient pending again, before another attempt. */
void envelope_reset(struct envelope *env);
/* Refuses the recipient at that position. A copy of *why is kept, in as few octets as it needs. */
void envelope_refuse(struct envelope *env, size_t position, const struct err *why);
/* Whether the recipient was refused; *ret says why. */
bool rcpt_refusal(const struct rcpt *r, struct err *ret);
/* Sets the DSN wishes for this recipient; copies them. */
void rcpt_ask(struct rcpt *r, const struct dsn_rcpt *asked);

/* How many recipients have that status. */
size_t envelope_tally(const struct envelope *env, enum rcpt_status status);
/*
 * One error for all refusals: temporary (exit status 75) if any of them is, otherwise with the
 * status that they share, otherwise 69. Returns ret, or NULL if there is no refusal.
 */
const struct err *envelope_refusal(const struct envelope *env, struct err *ret);

#endif

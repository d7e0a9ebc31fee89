/* SPDX-License-Identifier: MIT */
/*
 * outcome - what became of one message: the only source for messages to people, logs, JSON and
 * replies.
 *
 * outcome_take() derives the outcome from the session's result, once, and writes every recipient's
 * disposition into the envelope. Nothing else decides whether a message was delivered, may be tried
 * again, or never will be delivered.
 */
#ifndef SUBMIT_OUTCOME_H
#define SUBMIT_OUTCOME_H

#include "conf/value.h"
#include "mail/envelope.h"
#include "session/session.h"

struct outcome {
	enum client_outcome what;
	enum disposition disposition; /* of the message as a whole */
	struct err err; /* why not everything went well; err.said: the server's last words */
	int status;     /* sysexits.h */
	bool mixed; /* some recipients have the message, and sending it again may reach others */
	/* The server of the session; host is "" if there was none. */
	char host[VALUE_NAME_OCTETS + 1];
	unsigned port;
	struct session_facts facts; /* of the connection */
};

/* Derives *ret from the result of a session. */
void outcome_take(const struct client_result *result, struct envelope *env, struct outcome *ret);
/* Completes *ret for a message that was not sent, for the reason in ret->err. env may be NULL. */
void outcome_not_sent(struct envelope *env, struct outcome *ret);
/*
 * Whether a signal ended the run before there was a verdict. If so, the error says that, and what
 * became of the message. From this call on, signals change nothing (os/interrupt).
 */
bool outcome_is_interrupted(struct outcome *o);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * outcome - what became of one message: the only source for messages to people, logs, JSON, replies
 * and the queue.
 *
 * outcome_take() derives it from the session's result, once, and writes every recipient's
 * disposition into the envelope. Nothing else decides whether a message was delivered, may be tried
 * again, or never will be.
 */
#ifndef SUBMIT_OUTCOME_H
#define SUBMIT_OUTCOME_H

#include "conf/value.h"
#include "mail/envelope.h"
#include "session/session.h"

struct outcome {
	enum client_outcome what;
	enum disposition disposition; /* of the message as a whole */
	struct err err; /* why not everything went well; with err.said the server's last words */
	int status;     /* sysexits.h */
	bool mixed;     /* some have the message, and others may get it when it is sent again */
	/* The server that the session was with; host is "" if there was none. */
	char host[VALUE_NAME_OCTETS + 1];
	unsigned port;
	struct session_facts facts; /* of the connection */
};

/* The session ended with result. */
void outcome_take(const struct client_result *result, struct envelope *env, struct outcome *ret);
/* The message came no further than to us, for the reason in ret->err. */
void outcome_not_sent(struct envelope *env, struct outcome *ret);
/*
 * Did a signal end the run before there was a verdict? Then the error says so and what became of
 * the message. From here on no signal changes anything (os/interrupt).
 */
bool outcome_is_interrupted(struct outcome *o);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * bs_session - an SMTP session with our caller over two descriptors (-bs).
 *
 * Each message is read whole (submit/read_message) and goes through one account, chosen by its
 * sender, to all or none of its recipients. It is answered when the smarthost has answered
 * (submit/bs_message_reply). One smarthost session for each account is kept for later messages, for
 * BS_SESSION_IDLE_MS at most.
 *
 * The session as a whole has no time limit, nor has the reading of a message. It ends after
 * SERVER_SECONDS (smtp/server) without a command.
 */
#ifndef SUBMIT_BS_SESSION_H
#define SUBMIT_BS_SESSION_H

#include "submit/delivery_log.h"

enum {
	BS_SESSION_IDLE_MS = 5000, /* a smarthost session without a message is closed then */
	BS_SESSION_SESSIONS = 4,   /* smarthost sessions kept at the same time */
};

struct bs_session_options {
	int in, out;
	const char *config;           /* the file of -C, or NULL; read before the first message */
	struct account_wish wish;     /* the sender in it is replaced by each message's own */
	struct deliver_wishes wishes; /* for each message, whose own ENVID and RET have priority */
	const struct session_watch *watch; /* watches the sessions with smarthosts */
	bool failures_only;                /* see struct delivery_log */
	/* Called when a message begins. Earlier warnings are not about it. */
	void (*begins)(void *ctx);
	/* Called when a message has ended. The log entry r is complete except for the warnings. */
	void (*told)(void *ctx, struct delivery_log *r);
	void *ctx;
};

/*
 * Returns at QUIT or at the end of the input. False with ERR_IO if a descriptor failed or the input
 * ended inside a message, of which nothing was sent; with ERR_INTERRUPTED after a signal.
 */
bool bs_session_run(const struct bs_session_options *options, struct err *e);

#endif

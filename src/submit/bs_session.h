/* SPDX-License-Identifier: MIT */
/*
 * bs_session - an SMTP session with our caller over two descriptors (-bs).
 *
 * Each message is read whole (submit/read_message), goes through one account, chosen by its sender,
 * all or none of its recipients, and is answered when the smarthost has answered (submit/bs_reply).
 * One session an account is kept for the messages that follow, BS_SESSION_IDLE_MS at most.
 *
 * There is no time limit on the whole, nor while a message is read; without a command for
 * SERVER_SECONDS (smtp/server) it is over.
 */
#ifndef SUBMIT_BS_SESSION_H
#define SUBMIT_BS_SESSION_H

#include "submit/delivery_log.h"

enum {
	BS_SESSION_IDLE_MS = 5000, /* a session without a message is closed then */
	BS_SESSION_SESSIONS = 4,   /* that are kept at once */
};

struct bs_session_options {
	int in, out;
	const char *config;           /* the file of -C, or NULL; read before the first message */
	struct account_wish wish;     /* its sender is each message's own */
	struct deliver_wishes wishes; /* for each message; its own ENVID and RET go before */
	const struct session_watch *watch; /* of the sessions with smarthosts */
	bool failures_only;                /* see struct delivery_log */
	/* A message begins. Warnings so far were not about it. */
	void (*begins)(void *ctx);
	/* A message has ended. The entry for the log is complete except for the warnings. */
	void (*told)(void *ctx, struct delivery_log *r);
	void *ctx;
};

/*
 * Returns at QUIT or at the end of the input. False with ERR_IO: the input ended inside a message,
 * of which nothing was sent, or a descriptor failed. False with ERR_INTERRUPTED: so did a signal.
 */
bool bs_session_run(const struct bs_session_options *options, struct err *e);

#endif

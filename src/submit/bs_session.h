/* SPDX-License-Identifier: MIT */
/*
 * bs_session - SMTP with whoever called us, over two descriptors (-bs): drives the server engine.
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
	/* A message begins; what was warned of before is not about it. */
	void (*begins)(void *ctx);
	/* Each message's end; the record is complete but for the warnings. */
	void (*told)(void *ctx, struct delivery_log *r);
	void *ctx;
};

/*
 * Until QUIT or the end of the input. False (ERR_IO): the input ended inside a message, of which
 * nothing was sent, or one of the descriptors failed.
 */
bool bs_session_run(const struct bs_session_options *options, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * pump - moves octets between the client engine and a stream.
 *
 * It waits only if nothing else can be done; the server may speak at any time, even while the
 * message is being sent. A wait ends at the deadline of the run or of the current step. The latter
 * starts again only if the server completes a reply or reads on (client_progress()), so a trickle
 * of octets does not put it off. Every error goes to the engine,
 * and a reply that comes before the other side's kernel has acknowledged the message is announced
 * to it. A signal that ends the run ends a wait too, except the wait for the final reply to the
 * message, which may last PUMP_GRACE_MS more.
 */
#ifndef SESSION_PUMP_H
#define SESSION_PUMP_H

#include "net/stream.h"
#include "smtp/client.h"

enum {
	PUMP_PIECE = 65536,
	PUMP_GRACE_MS = 5000, /* for the reply to the message after a signal */
	PUMP_DOUBT_MS = 500,  /* for another one behind it, if it looks like the reply to RCPT */
};

struct pump {
	char *piece;        /* PUMP_PIECE octets for reading */
	size_t piece_used;  /* how many of them ever held something */
	deadline run_until; /* set by the caller, like `tick` */
	int64_t tick;       /* milliseconds after which a call returns in any case; 0: none */
	const struct stream *socket; /* the lowest layer; set by the caller, too */
	deadline until;              /* of the current wait; private, like the members below */
	deadline grace;              /* for the final reply after a signal; 0: no signal came */
	uint64_t progress;
	bool message_sent; /* all of the message is with the kernel: */
	uint64_t sent;     /* octets on the wire by then */
};

void pump_init(struct pump *p);
void pump_done(struct pump *p);
/* Another engine and another stream come next. */
void pump_restart(struct pump *p);
/* Writes what the engine has and reads what came; waits if neither is possible. */
void pump(struct pump *p, struct client *client, struct stream *stream);
/* Only writes. *ret_blocked: some of it is not with the kernel yet. */
bool pump_write(struct client *client, struct stream *stream, bool *ret_blocked, struct err *e);

#endif

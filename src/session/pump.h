/* SPDX-License-Identifier: MIT */
/*
 * pump - moves octets between the client engine and a stream.
 *
 * It waits only when nothing else can be done meanwhile; the server may speak at any time, also
 * while the message is on its way. A wait has the deadline of the current step, begun anew only
 * when the server completed a reply or took a whole buffer, and that of the run: octets that lead
 * nowhere do not put it off. The engine gets every error. A signal that ends the run
 * ends a wait too, unless only the final reply to the message is waited for: that has
 * PUMP_GRACE_MS.
 */
#ifndef SESSION_PUMP_H
#define SESSION_PUMP_H

#include "net/stream.h"
#include "smtp/client.h"

enum { PUMP_PIECE = 65536, PUMP_GRACE_MS = 5000 };

struct pump {
	char *piece;        /* PUMP_PIECE octets for reading */
	deadline run_until; /* the caller's to set, as the next one */
	int64_t tick;       /* milliseconds after which a call returns in any case; 0: none */
	deadline until;     /* of the current wait; private, as what follows */
	deadline grace;     /* for the final reply, once a signal came; 0: none came */
	uint64_t progress;
};

void pump_init(struct pump *p);
void pump_done(struct pump *p);
/* Writes what there is and reads what came. */
void pump(struct pump *p, struct client *client, struct stream *stream);
/* Only writes; *ret_blocked: not all of it is with the kernel yet. */
bool pump_write(struct client *client, struct stream *stream, bool *ret_blocked, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * next_server - goes through the servers of a session in their order.
 *
 * The next server is tried when one cannot be reached, does not greet, or ends the session before
 * it is open, all for now. It is tried neither after an error that would be the same everywhere nor
 * once the deadline of the run has passed.
 */
#ifndef SESSION_NEXT_SERVER_H
#define SESSION_NEXT_SERVER_H

#include "session/session_state.h"

/* Up to the reply to EHLO, with the server in use or the first one behind it that will have us. */
bool next_server_greet(struct session *s, struct err *e);
/* Is there another server, and time to try it? */
bool next_server_is_there(const struct session *s);
/* Leaves the server in use; why is told, and kept for the error if all fail. */
void next_server_move(struct session *s, const struct err *why);
/* Adds to an error the servers that were tried before, and why they would not do. */
void next_server_tell_tried(const struct session *s, struct err *e);
/* Keeps what was learnt of the server in use and hangs up. */
void next_server_leave(struct session *s);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * learning - what a session finds out about its server, and how it uses what is already known.
 *
 * How many commands a server bears at once, and whether it takes BDAT, shows while a message is
 * sent. learning_note() draws the conclusion from each result; learning_keep() writes it where
 * later sessions find it (session/pipelining_memory, session/chunking). A session that a signal
 * ended teaches nothing.
 */
#ifndef SESSION_LEARNING_H
#define SESSION_LEARNING_H

#include "session/session_state.h"

/* The server in use, as session/server_memory names it. */
struct server_memory learning_server(const struct session *s);
/* How the next message is sent, by the setting and by what is known of the server. */
enum client_pipelining learning_pipelining(const struct session *s);
void learning_note(struct session *s, const struct client_result *result);
void learning_keep(struct session *s);

#endif

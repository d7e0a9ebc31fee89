/* SPDX-License-Identifier: MIT */
/*
 * session_state - the connection of a session at the moment: its layers, its steps, its octets.
 *
 * The record is private to this room. session decides which server is tried, what is sent, and what
 * a result means; this module connects to the server in use, does what the engine wants, reports
 * each step to the observer and writes it into the facts, and hangs up.
 */
#ifndef SESSION_SESSION_STATE_H
#define SESSION_SESSION_STATE_H

#include "session/auth_exchange.h"
#include "session/chunking.h"
#include "session/pipelining_memory.h"
#include "session/pump.h"
#include "session/session_options.h"

/* How long the server let us wait, but for its reply to the message. */
struct session_silence {
	uint64_t progress;      /* of the engine, at `since` */
	int64_t since, longest; /* milliseconds, by clock_now() */
};

struct session {
	const struct session_options *options;
	struct trust *trust; /* NULL without TLS */
	char *peer;          /* for it */
	struct stream *stream;
	struct client *client;
	struct auth_exchange auth;
	struct dial_result dialed; /* its stream is the socket, below all layers */
	enum session_step step;
	struct capabilities caps; /* of the current connection */
	enum client_pipelining pipelining;
	bool has_learnt; /* session_remember() has something to keep: */
	enum pipelining_known learnt;
	/* Connected once more because pipelining failed: what that shows, if it goes well now. */
	enum pipelining_known fell_back;
	int fell_back_from;             /* the reply that was the reason, or 0 */
	bool fell_back_lost;            /* the connection was lost: that may have had any reason */
	struct session_silence silence; /* on this connection */
	int64_t silence_before; /* that on the connection before, if it is why we fell back */
	struct chunking chunking;
	bool by_data;     /* connected once more, for DATA */
	size_t at;        /* the server in use */
	struct buf tried; /* those before it, and why they are not: for an error */
	const struct session_message *message; /* that is being sent; or NULL */
	uint64_t size;                         /* its octets */
	struct pump pump;
	struct client_result failed; /* when there is no engine to ask */
};

/* The server in use. */
const struct session_server *session_current_server(const struct session *s);

void session_begin_step(struct session *s, enum session_step step);
/* It ended well; text: what the observer and the facts say of it. */
void session_end_step(const struct session *s, enum session_step step, const char *text);
/* Of a step outside the engine, connecting or the handshake, that may take so many seconds. */
deadline session_step_deadline(const struct session *s, unsigned seconds);
/* A stream to the server in use, with TLS where that comes first. */
bool session_connect(struct session *s, struct err *e);
/*
 * Does what the engine wants until it wants one of the things that end a call: AUTH (unless auth
 * says that it is to be done), IDLE, DONE, CLOSED.
 */
enum client_want session_drive(struct session *s, bool auth);
/* Ends the connection; at once if a message was cut off. */
void session_hang_up(struct session *s);

#endif

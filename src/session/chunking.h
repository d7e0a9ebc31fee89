/* SPDX-License-Identifier: MIT */
/*
 * chunking - decides whether a message goes by BDAT (RFC 3030), and remembers which servers know
 * it.
 *
 * A front end may announce CHUNKING for a server that does not know BDAT and would read the message
 * as commands. So BDAT is earned: until a server is known to take it, the message's first line goes
 * ahead as a chunk that is not the last, and the rest only after the replies to it and to all that
 * was sent with it. So does the first line of every message that holds lines like commands
 * (session/command_lines). A message whose first line is such a line, or its only one, goes by
 * DATA.
 *
 * Both verdicts hold for host and port, or for the socket, whatever the account. They are
 * remembered (session/server_memory), and as long as the session lasts also without a folder to
 * write to.
 */
#ifndef SESSION_CHUNKING_H
#define SESSION_CHUNKING_H

#include "session/command_lines.h"
#include "session/server_memory.h"
#include "session/session_options.h"

enum chunking_known {
	CHUNKING_UNKNOWN,
	CHUNKING_EARNED,  /* a first line and the rest behind it were taken */
	CHUNKING_REFUSED, /* BDAT was not understood, or not answered */
};

/* What a session knows of the server at hand. All zero at first, and for another server. */
struct chunking {
	enum chunking_known known;
	bool looked_up;
	bool learnt;                /* since chunking_remember() */
	struct command_lines lines; /* of the message at hand */
};

void chunking_done(struct chunking *c);
/*
 * Says how the message goes to a server that offers CHUNKING. how->size is its size. about: the
 * server, without kind and account. False: the message cannot be read, for the reason in *e.
 */
bool chunking_plan(struct chunking *c, struct server_memory about,
	const struct session_message *message, struct client_message *how, struct err *e);
/* Notes what a message has shown of the server. in_step: it ended with a reply in step. */
void chunking_learn(struct chunking *c, const struct client *client, bool in_step);
/* Writes what was learnt for later sessions. */
void chunking_remember(struct chunking *c, struct server_memory about);

#endif

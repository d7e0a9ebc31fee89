/* SPDX-License-Identifier: MIT */
/*
 * session - one SMTP session with the smarthost: drives the client engine over a stream.
 *
 *   session_open()   connect, TLS, greeting, EHLO; but first: can user and password be carried?
 *   session_auth()   AUTH alone, where that was not done
 *   session_send()   one message, with AUTH where that was not done; may be called again
 *   session_etrn()   ETRN in place of a message
 *   session_close()  QUIT, whose reply is not waited for
 *
 * How many commands are sent at once is what the options say, or what is known of the server
 * (session/learning). What session_send() learns of it is written by session_remember() or
 * session_close(), once the caller has told what became of the message. A server that cannot bear
 * AUTH, MAIL and RCPT together is connected to once more, and nothing of the message has left by
 * then.
 *
 * The servers are tried in their order: the next one when a server cannot be reached, does not
 * greet, or ends the session before it is open, all for now; and, with session_send(), when it
 * answers 4yz to AUTH or MAIL and nothing of the message has left: while there is a next one the
 * message waits for these replies. A certificate that will not do, a 5yz and what is no SMTP end
 * it. Each server is verified by its own name. An error tells of each that was tried.
 *
 * Every wait has a deadline: that of the current step, begun anew only when the server completed a
 * reply or took a whole buffer, and that of the run. Every step is reported to one observer, and
 * what is known of the connection is written to struct session_facts, where it stays for all
 * messages.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "session/session_options.h"

struct session;

/* options is borrowed for the session's life. NULL with *e on failure. */
struct session *session_open(const struct session_options *options, struct err *e);
/* The server in use. */
const struct session_server *session_server(const struct session *s);
/* What it offers. */
const struct capabilities *session_capabilities(const struct session *s);
/* AUTH, if the options ask for it and it was not done. False: *e says why, and nothing is sent. */
bool session_auth(struct session *s, struct err *e);
/* The result is the session's, until the next call. */
const struct client_result *session_send(struct session *s, const struct session_message *message);
const struct client_result *session_etrn(struct session *s, const char *node);
/* Keeps what was learnt of the server for later sessions. */
void session_remember(struct session *s);
/* Can another message be given? */
bool session_is_open(const struct session *s);
/* The server took the message although it refused AUTH. */
bool session_is_unauthenticated(const struct session *s);
void session_close(struct session *s);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * client - the SMTP and LMTP client engine, which has buffers but no sockets (RFC 5321, 2033, 2920,
 * 3030, 3207, 3461, 4954, 1870, 6152, 8689, 9422).
 *
 * Call client_next(), do what it asks for, and call it again:
 *
 *   CLIENT_IO      Write client_out() and report it by client_sent() and client_held(). Pass what
 *                  was read to client_in(). After client_timeout_ms() without progress call
 *                  client_timed_out(); when the connection ends, client_eof() or client_lost().
 *   CLIENT_TLS     Make the handshake on the same stream, then call client_tls_done().
 *   CLIENT_AUTH    Start, answer or give up an exchange, as client_auth_state() says. A message
 *                  given before AUTH leaves together with it, as far as client_pipeline() allows.
 *   CLIENT_BODY    Pass some of the canonical message, from octet client_body_at() on, to
 *                  client_body(). Call client_body_end() at its end (BDAT does not need that call,
 *                  because it announces the size).
 *   CLIENT_IDLE    The session is open: call client_send(), client_etrn() or client_quit().
 *   CLIENT_DONE    A message or an ETRN has its result: client_result().
 *   CLIENT_CLOSED  Nothing more can be done on this connection: client_error().
 *
 * Handlers only record what the server said; one function derives the next command from these
 * facts. Each command sent stays in a queue until its reply has come. A reply that no sent command
 * waits for is an error, so a stray line never counts as success. The message is accepted only by a
 * 2yz that came after its last octet was given to the kernel. A message with more recipients than
 * the server takes in one transaction needs several transactions, and its body is given again for
 * each. Secrets in `out` are wiped once sent, and the listener never sees them. The size of
 * everything that the server sends is bounded (smtp/reply).
 */
#ifndef SMTP_CLIENT_H
#define SMTP_CLIENT_H

#include "smtp/client_state.h"

enum client_want {
	CLIENT_IO,
	CLIENT_TLS,
	CLIENT_AUTH,
	CLIENT_BODY,
	CLIENT_IDLE,
	CLIENT_DONE,
	CLIENT_CLOSED
};

/* *options is copied, the texts in it are borrowed. Free with client_free(). */
struct client *client_new(const struct client_options *options);
void client_free(struct client *c);
enum client_want client_next(struct client *c);

/* The octets to write now; borrowed, valid until c changes. */
struct str client_out(const struct client *c);
/*
 * No command that has left awaits a reply. Whatever can be read now answers no command, and must be
 * given to client_in() before anything is written.
 */
bool client_is_at_rest(const struct client *c);
/* The first n octets of client_out() were written (to the stream, which may still hold them). */
void client_sent(struct client *c, size_t n);
/* Of all octets sent, only the last n are not yet with the kernel. */
void client_held(struct client *c, size_t n);
/*
 * Whether the server's host has acknowledged all of the message, which has left; asked before what
 * was read then is given to client_in(). Without this call it counts as acknowledged.
 */
void client_acknowledged(struct client *c, bool all);
void client_in(struct client *c, struct str bytes);
/*
 * The message was accepted with a reply that may have been one to RCPT, if the server said
 * something too often. What comes shortly behind it is given to client_in_behind().
 */
bool client_is_doubtful(const struct client *c);
/* Octets behind the message's own reply: they change nothing, unless they are another reply. */
void client_in_behind(struct client *c, struct str rest);
void client_eof(struct client *c);
void client_lost(struct client *c, const struct err *why);
void client_timed_out(struct client *c);
/* How long the current wait may last; it starts again whenever client_progress() changes. */
int64_t client_timeout_ms(const struct client *c);
uint64_t client_progress(const struct client *c);

void client_tls_done(struct client *c);
const struct capabilities *client_capabilities(const struct client *c);
/* Sets how many commands are sent together from now on; PIPELINE_BASIC until this is called. */
void client_pipeline(struct client *c, enum client_pipelining pipelining);
/*
 * AUTH and the commands sent with it failed in a way that another mechanism, or PIPELINE_BASIC, may
 * avoid. Unless the outcome is unknown or accepted, the server does not have the message, and
 * another connection may be tried.
 */
bool client_pipelining_failed(const struct client *c);
/*
 * The server offers CHUNKING, and BDAT failed in a way that shows that it, or what stands before
 * it, does not know BDAT. The server does not have the message, which may go by DATA on another
 * connection; on this one not one more octet may be sent.
 */
bool client_chunking_failed(const struct client *c);
/*
 * The server took the recipients and then left, or fell silent, instead of answering the first line
 * of the message as a chunk of its own. Perhaps it does not know BDAT; perhaps the network is to
 * blame. It has accepted nothing.
 */
bool client_chunking_unheard(const struct client *c);
/* The server took a first line as a chunk of its own, and the rest behind it. */
bool client_chunking_proved(const struct client *c);
/* MAIL left before AUTH was answered, and AUTH succeeded. */
bool client_pipelined_auth(const struct client *c);

enum client_auth_state client_auth_state(const struct client *c);
struct str client_challenge(const struct client *c); /* base64, as sent */
/*
 * Starts an exchange. initial: the initial response in base64, or NULL for none. A response too
 * long for the command line is held until the server asks for it (RFC 4954 section 4).
 */
void client_auth(
	struct client *c, const char *mech, const struct buf *initial, enum client_auth_end end);
void client_auth_answer(struct client *c, struct str base64, enum client_auth_end end);
/* Cancels the exchange if one is under way; the session ends with the error *why. */
void client_auth_give_up(struct client *c, const struct err *why);

bool client_is_authed(const struct client *c);

/* Gives a message. env is borrowed until CLIENT_DONE, and its recipients get their status. */
void client_send(struct client *c, struct envelope *env, const struct client_message *mail);
/* Asks the server to send the mail it holds for node (RFC 1985); ends as a message does. */
void client_etrn(struct client *c, const char *node);
uint64_t client_body_at(const struct client *c);
size_t client_body(struct client *c, struct str canonical); /* returns how many octets it took */
void client_body_end(struct client *c);

/* The whole message has left, and its final reply has not come. */
bool client_awaits_verdict(const struct client *c);
/* No further message can be given. */
bool client_is_closed(const struct client *c);
const struct client_result *client_result(const struct client *c);
/* The message was accepted although AUTH was refused. */
bool client_is_unauthenticated(const struct client *c);
void client_quit(struct client *c);
/*
 * A message was cut off, or BDAT failed. Not one more octet may be sent, or the server might take
 * the message for whole, or its lines for commands.
 */
bool client_is_cut_short(const struct client *c);
const struct err *client_error(const struct client *c);

#endif

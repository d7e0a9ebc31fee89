/* SPDX-License-Identifier: MIT */
/*
 * client - the SMTP and LMTP client engine: buffers, no sockets (RFC 5321, 2033, 2920, 3030, 3207,
 * 3461, 4954, 1870, 6152, 8689, 9422).
 *
 * Ask client_next() what is wanted, do it, ask again:
 *
 *   CLIENT_IO      write client_out() and tell client_sent(), client_held(); read what came into
 *                  client_in(); nothing for client_timeout_ms(): client_timed_out(); the end:
 *                  client_eof() or client_lost().
 *   CLIENT_TLS     make the handshake on the same stream, then client_tls_done().
 *   CLIENT_AUTH    see client_auth_state(): start, answer or give up an exchange. A message may be
 *                  given before: then it leaves with AUTH, as far as client_pipeline() allows.
 *   CLIENT_BODY    give some of the canonical message, from octet client_body_at() on:
 *                  client_body(), at its end client_body_end() (which a chunk does not need:
 *                  its size is known).
 *   CLIENT_IDLE    the session is open: client_send(), client_etrn() or client_quit().
 *   CLIENT_DONE    one message has its result: client_result().
 *   CLIENT_CLOSED  nothing more can be done on this connection: client_error().
 *
 * Handlers only record what the server said; one function derives from these facts what is sent
 * next. Each command sent stands in a queue until its reply is taken by it; a reply that no
 * sent command waits for is an error, so success is never counted from a stray line. The message
 * is accepted only by a 2yz that came after its last octet was given to the kernel. A message that
 * goes to more recipients than the server takes at once needs several transactions, and is given
 * anew for each. Secrets leave `out` wiped and never reach the listener. Everything foreign is
 * bounded (smtp/reply).
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

struct client *client_new(const struct client_options *options);
void client_free(struct client *c);
enum client_want client_next(struct client *c);

struct str client_out(const struct client *c);
/*
 * Nothing that left awaits a reply: what can be read now answers no command, and is to be given to
 * client_in() before anything is written.
 */
bool client_is_at_rest(const struct client *c);
void client_sent(struct client *c, size_t n);
/* All that was sent but the last n octets is with the kernel. */
void client_held(struct client *c, size_t n);
void client_in(struct client *c, struct str bytes);
void client_eof(struct client *c);
void client_lost(struct client *c, const struct err *why);
void client_timed_out(struct client *c);
/* How long this may take without progress; a change of client_progress() starts it anew. */
int64_t client_timeout_ms(const struct client *c);
uint64_t client_progress(const struct client *c);

void client_tls_done(struct client *c);
const struct capabilities *client_capabilities(const struct client *c);
/* How many commands are sent at once from now on; PIPELINE_BASIC until this is called. */
void client_pipeline(struct client *c, enum client_pipelining pipelining);
/*
 * AUTH and what followed it went wrong in a way that another mechanism, or PIPELINE_BASIC, may not.
 * Unless the outcome is unknown or accepted the server does not have the message, and another
 * connection may be tried.
 */
bool client_pipelining_failed(const struct client *c);
/* MAIL left before AUTH was answered, and AUTH succeeded. */
bool client_pipelined_auth(const struct client *c);

enum client_auth_state client_auth_state(const struct client *c);
struct str client_challenge(const struct client *c); /* base64, as sent */
/*
 * initial: base64, or NULL for none; one that a command line has no room for waits until the
 * server asks for it (RFC 4954 section 4).
 */
void client_auth(
	struct client *c, const char *mech, const struct buf *initial, enum client_auth_end end);
void client_auth_answer(struct client *c, struct str base64, enum client_auth_end end);
/* Cancels the exchange where one is under way; the session ends with *why. */
void client_auth_give_up(struct client *c, const struct err *why);

bool client_is_authed(const struct client *c);

/* env is borrowed until the result is there, and its recipients get their status. */
void client_send(struct client *c, struct envelope *env, const struct client_message *mail);
/* Asks the server to send what it holds for node (RFC 1985); a result comes as for a message. */
void client_etrn(struct client *c, const char *node);
uint64_t client_body_at(const struct client *c);
size_t client_body(struct client *c, struct str canonical); /* octets taken */
void client_body_end(struct client *c);

/* The message has left, and its final reply is what is waited for. */
bool client_awaits_verdict(const struct client *c);
/* No further message can be given. */
bool client_is_closed(const struct client *c);
const struct client_result *client_result(const struct client *c);
/* The message was accepted although AUTH was refused. */
bool client_is_unauthenticated(const struct client *c);
void client_quit(struct client *c);
/* A message was cut off: not one octet more may reach the server, or it might be taken for whole.
 */
bool client_is_cut_short(const struct client *c);
const struct err *client_error(const struct client *c);

#endif

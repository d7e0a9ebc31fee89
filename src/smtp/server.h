/* SPDX-License-Identifier: MIT */
/*
 * server - the SMTP server engine of -bs, which has buffers but no sockets (RFC 5321, 2034, 2920,
 * 3030, 3461, 6152, 6531).
 *
 * Call server_next(), do what it asks for, and call it again:
 *
 *   SERVER_READ     Pass what was read to server_in(), at most server_room() octets. At the end of
 *                   the input call server_eof(); after SERVER_SECONDS without input
 *                   server_timed_out() (inside a message there is no limit: server_is_inside()).
 *   SERVER_WRITE    Write server_out(), then call server_written().
 *   SERVER_BEGIN    A message begins and its envelope, server_mail(), is complete. Forget what came
 *                   of an earlier message. Returned once for each message.
 *   SERVER_BODY     Take server_body(), octets of the message without the stuffed dots, then call
 *                   server_body_taken().
 *   SERVER_MESSAGE  The message is whole: call server_answer() with its outcome.
 *   SERVER_CLOSED   The conversation is over.
 *
 * The engine itself answers MAIL and RCPT, from syntax and limits. Commands may come in groups;
 * replies keep their order. All lines end as the first one does, in CRLF or in LF, including the
 * line with the lone dot. A line longer than SERVER_LINE is refused. A BDAT command with a bad size
 * ends the conversation, because text and commands can no longer be told apart. Only recipients, of
 * which there are at most ENVELOPE_MAX, make the engine need more memory.
 */
#ifndef SMTP_SERVER_H
#define SMTP_SERVER_H

#include "mail/envelope.h"
#include "smtp/server_commands.h"

enum {
	SERVER_LINE = 4096, /* octets of a command */
	SERVER_REPLY = 512, /* octets of a reply line with its end (RFC 5321 section 4.5.3.1.5) */
	SERVER_IN = 65536,
	SERVER_OUT = 16384,
	SERVER_SECONDS = 300, /* RFC 5321 section 4.5.3.2.7 */
};

enum server_want {
	SERVER_READ,
	SERVER_WRITE,
	SERVER_BEGIN,
	SERVER_BODY,
	SERVER_MESSAGE,
	SERVER_CLOSED
};

/* What MAIL and RCPT said. Addresses may be bare. */
struct server_mail {
	struct envelope env;
	bool eightbit, smtputf8;
	enum dsn_return returns;
	char envid[DSN_ENVID_MAX + 1]; /* xtext; "": none */
};

struct server;

/* name: what the server calls itself; copied. Free with server_free(). */
struct server *server_new(const char *name);
void server_free(struct server *s);
enum server_want server_next(struct server *s);

size_t server_room(const struct server *s);
void server_in(struct server *s, struct str bytes);
/* Whether a message is being read, which the end of the input or a long silence would cut off. */
bool server_is_inside(const struct server *s);
void server_eof(struct server *s);
void server_timed_out(struct server *s);
/* Closes with 421, because the process must end. */
void server_shut_down(struct server *s);

struct str server_out(const struct server *s);
void server_written(struct server *s, size_t n);

const struct server_mail *server_mail(const struct server *s);
struct str server_body(const struct server *s);
void server_body_taken(struct server *s);
/* enhanced: RFC 3463. text may hold anything: what does not fit a reply line is replaced or cut. */
void server_answer(struct server *s, int code, const char *enhanced, const char *text);
/*
 * Refuses the current message: the rest of it is read and dropped, and then this answer is sent.
 * Allowed only between SERVER_BEGIN and SERVER_MESSAGE; the first call counts.
 */
void server_refuse(struct server *s, int code, const char *enhanced, const char *text);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * server - the SMTP server engine behind -bs: buffers, no sockets (RFC 5321, 2034, 2920, 3030,
 * 3461, 6152, 6531).
 *
 * Ask server_next() what is wanted, do it, ask again:
 *
 *   SERVER_READ     give what was read to server_in(), at most server_room() octets; at the end of
 *                   the input server_eof(); nothing for SERVER_SECONDS: server_timed_out() (while a
 *                   message is read there is no limit, see server_is_inside()).
 *   SERVER_WRITE    write server_out(), then server_written().
 *   SERVER_BEGIN    a message begins, its envelope is complete: server_mail(). Whatever there was
 *                   of another one is to be forgotten. Told once.
 *   SERVER_BODY     octets of it, as they came but for the dots: server_body(), then
 *                   server_body_taken().
 *   SERVER_MESSAGE  it is whole: server_answer() with what became of it.
 *   SERVER_CLOSED   the conversation is over.
 *
 * MAIL and RCPT are answered by the engine: syntax and limits. Commands may come in groups; replies
 * are in their order. Lines end as the first one does, in CRLF or in LF, and so does the one with
 * the lone dot. A line longer than SERVER_LINE is refused. A BDAT command that cannot be read ends
 * the conversation: what follows may be text or commands. Nothing that comes in can make the engine
 * grow but recipients, of which there are at most ENVELOPE_MAX.
 */
#ifndef SMTP_SERVER_H
#define SMTP_SERVER_H

#include "mail/envelope.h"
#include "smtp/server_commands.h"

enum {
	SERVER_LINE = 4096, /* octets of a command */
	SERVER_REPLY = 512, /* of a line of a reply, with its end (RFC 5321 section 4.5.3.1.5) */
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

/* name: what the server calls itself. */
struct server *server_new(const char *name);
void server_free(struct server *s);
enum server_want server_next(struct server *s);

size_t server_room(const struct server *s);
void server_in(struct server *s, struct str bytes);
/* Is a message being read? Then the end of the input, or silence, leaves it cut off. */
bool server_is_inside(const struct server *s);
void server_eof(struct server *s);
void server_timed_out(struct server *s);
/* The process has to end: 421. */
void server_shut_down(struct server *s);

struct str server_out(const struct server *s);
void server_written(struct server *s, size_t n);

const struct server_mail *server_mail(const struct server *s);
struct str server_body(const struct server *s);
void server_body_taken(struct server *s);
/* enhanced: RFC 3463. text: anything; what cannot stand in a line of a reply is replaced or cut. */
void server_answer(struct server *s, int code, const char *enhanced, const char *text);
/*
 * The current message is refused: what else comes of it is read and dropped, and this is the
 * answer when it is over. Only between SERVER_BEGIN and SERVER_MESSAGE; the first word counts.
 */
void server_refuse(struct server *s, int code, const char *enhanced, const char *text);

#endif

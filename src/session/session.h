/* SPDX-License-Identifier: MIT */
/*
 * session - one SMTP session with the smarthost: drives the client engine over a stream.
 *
 *   session_open()   connect, TLS, greeting, EHLO; but first: can user and password be carried?
 *   session_send()   one message, with AUTH where that was not done; may be called again
 *   session_etrn()   ETRN in place of a message
 *   session_close()  QUIT, whose reply is not waited for
 *
 * How much goes in one flight is what the options say, or what is known of the server
 * (session/pipelining_memory) and learnt again by session_send(). A server that cannot bear AUTH,
 * MAIL and RCPT together is connected to once more, and nothing of the message has left by then.
 *
 * The servers are tried in their order: the next one when a server cannot be reached, does not
 * greet, or ends the session before it is open, all for now; and, with session_send(), when it
 * answers 4yz to AUTH or MAIL and nothing of the message has left: while there is a next one the
 * message waits for these replies. A certificate that will not do, a 5yz and what is no SMTP end
 * it. Each server is verified by its own name. An error tells of each that was tried.
 *
 * Every wait has a deadline: that of the step at hand, begun anew only when the server completed a
 * reply or took a whole buffer, and that of the run. Every step is reported to one observer.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "smtp/client.h"
#include "session/pipelining_memory.h"
#include "net/dial.h"
#include "sasl/sasl.h"
#include "os/spool.h"
#include "tls/tls.h"

enum session_step {
	SESSION_STEP_CONNECT, /* facts: the address */
	SESSION_STEP_TLS,     /* facts: version and cipher */
	SESSION_STEP_HELLO,   /* greeting and EHLO */
	SESSION_STEP_AUTH,    /* facts: the mechanism */
	SESSION_STEP_MESSAGE, /* facts: the final reply */
	SESSION_STEPS,
};

enum { SESSION_TICK = 200 };

/* What is told to the observer; any function may be NULL. */
struct session_watch {
	/* facts is NULL when the step begins, text (maybe "") when it has ended well. */
	void (*step)(void *ctx, enum session_step step, const char *facts);
	void (*spoke)(void *ctx, bool server, struct str line);
	/*
	 * While octets move or the server is waited for, every SESSION_TICK milliseconds at least:
	 * so many octets of the message have left, of so many; 0 of 0 before there is one.
	 */
	void (*moved)(void *ctx, uint64_t sent, uint64_t size);
	void *ctx;
};

enum session_tls { SESSION_CLEAR, SESSION_STARTTLS, SESSION_IMPLICIT };

/* A server that may take the message. Text is borrowed. */
struct session_server {
	const char *host; /* a name or an address; with a socket or tunnel it may be "" */
	unsigned port;
	enum session_tls tls;
	const char *name;      /* that its certificate must have */
	const char *service;   /* or this one (RFC 4985); NULL: none */
	const char *name_hint; /* what to do if it has not; NULL: the usual */
	const char *helo;      /* NULL: our address as a literal */
};

struct session_options {
	const char *account;     /* its name */
	struct dial_options way; /* to the servers, but for host and port */
	const struct session_server *targets;
	size_t count;       /* at least 1 */
	const char *missed; /* what could not even become a target, and why; "": nothing */
	enum pipelining_setting pipelining;
	bool chunking, lmtp;
	struct trust_options trust; /* but for the name */
	bool auth;
	struct sasl_options secrets;     /* for auth */
	unsigned timeout, timeout_final; /* seconds; 0: the RFC's */
	deadline run_until;
	struct session_watch watch;
	/* Or NULL: all that files are needed for is done, and nothing is connected. */
	void (*ready)(const struct session_options *options);
};

struct session;

/* Would it come to connecting? Secrets that cannot be carried, authorities that cannot be read. */
bool session_check(const struct session_options *options, struct err *e);
/* options is borrowed for the session's life. NULL with *e on failure. */
struct session *session_open(const struct session_options *options, struct err *e);
/* The server in use. */
const struct session_server *session_server(const struct session *s);
/* What it offers. */
const struct capabilities *session_capabilities(const struct session *s);
/*
 * The result is the session's, until the next call. content: the canonical message. NULL, at most
 * twice for each server: there is a new connection, and the message is to be given once more, as
 * suits what session_capabilities() says now.
 */
const struct client_result *session_send(struct session *s, struct envelope *env,
	const struct client_message *mail, struct spool *content);
const struct client_result *session_etrn(struct session *s, const char *node);
/* Can another message be given? */
bool session_is_open(const struct session *s);
/* The server took the message although it refused AUTH. */
bool session_is_unauthenticated(const struct session *s);
void session_close(struct session *s);

#endif

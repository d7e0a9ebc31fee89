/* SPDX-License-Identifier: MIT */
/*
 * session - one SMTP session with the smarthost: drives the client engine over a stream.
 *
 *   session_open()   connect, TLS, greeting, EHLO; but first: can user and password be carried?
 *   session_send()   one message, with AUTH where that was not done; may be called again
 *   session_etrn()   ETRN in place of a message
 *   session_close()  QUIT, whose reply is not waited for
 *
 * How much goes in one flight is what the terms say, or what is known of the server
 * (submit/flights) and learnt again by session_send(). A server that cannot bear AUTH, MAIL and
 * RCPT together is connected to once more, and nothing of the message has left by then.
 *
 * Every wait has a deadline: that of the step at hand, begun anew only when the server completed a
 * reply or took a whole buffer, and that of the run. Every step is reported to one observer.
 */
#ifndef SUBMIT_SESSION_H
#define SUBMIT_SESSION_H

#include "mail/client.h"
#include "submit/flights.h"
#include "sys/sasl.h"
#include "sys/spool.h"
#include "sys/tls.h"

enum session_step {
	SESSION_STEP_CONNECT, /* facts: the address */
	SESSION_STEP_TLS,     /* facts: version and cipher */
	SESSION_STEP_HELLO,   /* greeting and EHLO */
	SESSION_STEP_AUTH,    /* facts: the mechanism */
	SESSION_STEP_MESSAGE, /* facts: the final reply */
	SESSION_STEPS,
};

/* What is told to the observer; either function may be NULL. */
struct session_watch {
	/* facts is NULL when the step begins, text (maybe "") when it has ended well. */
	void (*step)(void *ctx, enum session_step step, const char *facts);
	void (*spoke)(void *ctx, bool server, struct str line);
	void *ctx;
};

enum session_tls { SESSION_CLEAR, SESSION_STARTTLS, SESSION_IMPLICIT };
struct session_terms {
	const char *account; /* its name */
	const char *host;    /* a name or an address */
	const char *socket;  /* a path, in place of host and port; or NULL */
	unsigned port;
	enum flights_set pipelining;
	bool chunking, lmtp;
	const char *helo; /* NULL: our address as a literal */
	enum session_tls tls;
	struct trust_terms trust;
	bool auth;
	struct sasl_terms secrets;       /* for auth */
	unsigned timeout, timeout_final; /* seconds; 0: the RFC's */
	deadline run_until;
	struct session_watch watch;
	/* Or NULL: all that files are needed for is done, and nothing is connected. */
	void (*ready)(const struct session_terms *terms);
};

struct session;

/* Would it come to connecting? Secrets that cannot be carried, authorities that cannot be read. */
bool session_check(const struct session_terms *terms, struct err *e);
/* terms is borrowed for the session's life. NULL with *e on failure. */
struct session *session_open(const struct session_terms *terms, struct err *e);
/* What the server offers. */
const struct caps *session_caps(const struct session *s);
/*
 * The result is the session's, until the next call. content: the canonical message. NULL, at most
 * once a session: there is a new connection, and the message is to be given once more, as suits
 * what session_caps() says now.
 */
const struct client_result *session_send(struct session *s, struct envelope *env,
	const struct client_mail *mail, struct spool *content);
const struct client_result *session_etrn(struct session *s, const char *node);
/* Can another message be given? */
bool session_is_open(const struct session *s);
/* The server took the message although it refused AUTH. */
bool session_is_unauthenticated(const struct session *s);
void session_close(struct session *s);

#endif

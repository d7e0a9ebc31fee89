/* SPDX-License-Identifier: MIT */
/*
 * session_options - what a session is given, and what it tells: options, messages, observer, facts.
 */
#ifndef SESSION_SESSION_OPTIONS_H
#define SESSION_SESSION_OPTIONS_H

#include "net/dial.h"
#include "sasl/sasl.h"
#include "session/pipelining_memory.h"
#include "smtp/client.h"
#include "tls/tls.h"

enum session_step {
	SESSION_STEP_CONNECT, /* facts: the address */
	SESSION_STEP_TLS,     /* facts: version and cipher */
	SESSION_STEP_HELLO,   /* greeting and EHLO */
	SESSION_STEP_AUTH,    /* facts: the mechanism */
	SESSION_STEP_MESSAGE, /* facts: the final reply */
	SESSION_STEPS,
};

enum { SESSION_TICK = 200, SESSION_MECH_MAX = 32 };

/* What is known of the connection in use. A new connection begins with nothing. */
struct session_facts {
	int64_t begun[SESSION_STEPS]; /* clock_now(); 0: it was not begun */
	int64_t ms[SESSION_STEPS];    /* how long it took, if it is done */
	bool done[SESSION_STEPS];     /* it ended well */
	char address[DIAL_ADDRESS_MAX];
	char tls[TLS_TEXT_MAX]; /* version and cipher; "": no TLS */
	char mech[SESSION_MECH_MAX];
};

/* The observer; any of its functions may be NULL. */
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
	const struct session_server *servers;
	size_t count;       /* at least 1 */
	const char *missed; /* hosts that no server was found for, and why; "": none */
	enum setting_pipelining pipelining;
	bool chunking, lmtp;
	struct trust_options trust; /* but for the name */
	bool auth;
	struct sasl_options secrets;     /* for auth */
	unsigned timeout, timeout_final; /* seconds; 0: the RFC's */
	deadline run_until;
	struct session_watch watch;
	struct session_facts *facts; /* borrowed; written as the session goes on */
	/* Or NULL: all that files are needed for is done, and nothing is connected. */
	void (*ready)(const struct session_options *options);
};

/*
 * A message as session_send() asks for it. suit() is called for every connection that the message
 * is offered to, and says how it is to be sent to a server that offers caps; what it returns false
 * for is why the message is not sent. read() lends octets of the canonical message, from octet `at`
 * on and as suit() left it, until its next call; *ret is empty at the end.
 */
struct session_message {
	struct envelope *env;
	bool (*suit)(void *ctx, const struct capabilities *caps, struct client_message *ret,
		struct err *e);
	bool (*read)(void *ctx, uint64_t at, struct str *ret, struct err *e);
	void *ctx;
};

/* Can it come to connecting? False for secrets that cannot be carried, or no usable authorities. */
bool session_check(const struct session_options *options, struct err *e);
/* The same; *ret: what is needed for TLS, yours; NULL if no server has TLS. */
bool session_prepare(const struct session_options *options, struct trust **ret, struct err *e);

#endif

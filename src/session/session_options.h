/* SPDX-License-Identifier: MIT */
/*
 * session_options - what a session takes and what it reports: options, messages, observer, facts.
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

/* The facts of the current connection; a new connection clears them. */
struct session_facts {
	int64_t begun[SESSION_STEPS]; /* when the step began, by clock_now(); 0: not begun */
	int64_t ms[SESSION_STEPS];    /* how long the step took, if done */
	bool done[SESSION_STEPS];     /* the step ended well */
	char address[DIAL_ADDRESS_MAX];
	char tls[TLS_TEXT_MAX]; /* version and cipher; "": no TLS */
	char mech[SESSION_MECH_MAX];
};

/* The observer; any of its functions may be NULL. */
struct session_watch {
	/* facts: NULL when the step begins; a text, perhaps "", when it has ended well. */
	void (*step)(void *ctx, enum session_step step, const char *facts);
	void (*spoke)(void *ctx, bool server, struct str line);
	/*
	 * Called at least every SESSION_TICK milliseconds during transfers and waits, with the
	 * octets of the message that have left and its size; both are 0 without a message.
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
	const char *name;      /* the name that its certificate must have */
	const char *service;   /* or this SRVName (RFC 4985); NULL: none */
	const char *name_hint; /* hint if it has neither; NULL: the usual hint */
	const char *helo;      /* our name for EHLO; NULL: our address as a literal */
};

struct session_options {
	const char *account;     /* its name */
	struct dial_options way; /* how to connect, without host and port */
	const struct session_server *servers;
	size_t count;       /* at least 1 */
	const char *missed; /* hosts for which no server was found, and why; "": none */
	enum setting_pipelining pipelining;
	bool chunking, lmtp;
	struct trust_options trust; /* without the name */
	bool auth;
	struct sasl_options secrets;     /* for auth */
	unsigned timeout, timeout_final; /* seconds; 0: the RFC's */
	deadline run_until;
	struct session_watch watch;
	struct session_facts *facts; /* borrowed; written as the session goes on */
	const char *keep; /* a folder where a file may be made when all is over; or NULL */
	/* Called when no further file is needed, before connecting. May be NULL. */
	void (*ready)(const struct session_options *options);
};

/*
 * A message for session_send(). suit() is called for every connection on which the message is
 * offered, and says how to send it to a server that offers caps; if it returns false, the message
 * is not sent, for the reason in *e. read() lends octets of the canonical message, from octet `at`
 * on and as suit() left it, until its next call; *ret is empty at the end.
 */
struct session_message {
	struct envelope *env;
	bool (*suit)(void *ctx, const struct capabilities *caps, struct client_message *ret,
		struct err *e);
	bool (*read)(void *ctx, uint64_t at, struct str *ret, struct err *e);
	void *ctx;
};

/* Checks the options before connecting: secrets that can be sent, and usable authorities. */
bool session_check(const struct session_options *options, struct err *e);
/* As session_check(). *ret: the loaded trust, freed by the caller; NULL if no server uses TLS. */
bool session_prepare(const struct session_options *options, struct trust **ret, struct err *e);

#endif

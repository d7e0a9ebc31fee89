/* SPDX-License-Identifier: MIT */
/*
 * client_options - what a caller asks of the client engine, for a session and for a message, and
 * what it gets back.
 */
#ifndef SMTP_CLIENT_OPTIONS_H
#define SMTP_CLIENT_OPTIONS_H

#include "base/err.h"
#include "mail/dsn.h"
#include "smtp/capabilities.h"

enum {
	CLIENT_CHUNK = 256 * 1024, /* octets; a longer message goes by DATA, not by BDAT */
	CLIENT_PROBE = 512, /* octets of a first line that goes ahead as a chunk, CRLF included */
	CLIENT_GREETING_MS = 10000, /* with tls_expected, the longest wait for the greeting */
	CLIENT_SILENCE_MS =
		30000, /* with PIPELINE_TO_RCPT, the longest wait after 235 for a reply */
};

/* Which commands are sent together; one at a time if the server has no PIPELINING. */
enum client_pipelining {
	PIPELINE_OFF,     /* one command, one reply */
	PIPELINE_BASIC,   /* AUTH; then MAIL, RCPT and the message */
	PIPELINE_TO_RCPT, /* AUTH, MAIL and RCPT; then the message */
	PIPELINE_ALL,     /* AUTH, MAIL, RCPT and the message */
};

enum client_auth_state {
	CLIENT_AUTH_START,     /* choose a mechanism: client_auth() */
	CLIENT_AUTH_CHALLENGE, /* answer client_challenge(): client_auth_answer() */
	CLIENT_AUTH_REFUSED, /* the mechanism is not supported after all: try another, or give up */
};

/* How the server may answer our line of the exchange. */
enum client_auth_end {
	CLIENT_AUTH_GOES_ON, /* by a challenge: a 235 is an error, for more follows (RFC 4422) */
	CLIENT_AUTH_MAY_END, /* by a 235 or a challenge */
	CLIENT_AUTH_ENDS, /* by the last reply: commands may follow AUTH without waiting for it */
};

struct client_options {
	const char *helo;  /* argument of EHLO; borrowed */
	bool tls_active;   /* the handshake came before the greeting */
	bool tls_expected; /* the port is one where TLS begins at once, and it did not */
	bool starttls;     /* send nothing but EHLO before STARTTLS has succeeded */
	bool auth;         /* AUTH must succeed, see client_pipeline() */
	bool lmtp;         /* speak LMTP (RFC 2033) */
	unsigned timeout, timeout_final; /* seconds; 0: those of smtp/commands */
	struct str password;             /* not shown even if the server repeats it; borrowed */
	/* The listener: gets every line of the conversation, secrets replaced. May be NULL. */
	void (*spoke)(void *ctx, bool server, struct str line);
	void *spoke_ctx;
};

struct client_message {
	uint64_t size;        /* octets of the canonical message */
	bool eightbit;        /* BODY=8BITMIME: it has octets above 127 */
	const char *smtputf8; /* whose local part is not ASCII (RFC 6531), as in "field To: ..."; or
				 NULL */
	bool smtputf8_wish;   /* the user asked for SMTPUTF8, whatever the message holds */
	bool requiretls; /* RFC 8689; only over TLS with a certificate the caller has verified */
	bool partial;    /* recipients refused for good do not stop the message for the others */
	bool waits;      /* the message waits for the replies to AUTH, MAIL and RCPT */
	bool chunked;    /* by BDAT, if the server offers it and the message is short enough */
	/*
	 * The first line with its CRLF, if it is to go as a chunk of its own that shows whether the
	 * server understands BDAT. It must be shorter than the message. Borrowed until CLIENT_DONE.
	 */
	struct str probe;
	unsigned rcpt_max; /* recipients of one transaction; 0: as many as the server takes */
	struct dsn dsn;    /* sent only to a server that offers DSN */
};

enum client_outcome { OUTCOME_NOT_SENT, OUTCOME_ACCEPTED, OUTCOME_REFUSED, OUTCOME_UNKNOWN };

struct client_result {
	enum client_outcome outcome;
	struct err err;     /* why not accepted; err.said holds the server's words in any case */
	bool try_next_host; /* a 4yz to AUTH or MAIL, before anything of the message had left */
	bool no_reply_yet;  /* the connection ended before any reply about this message */
};

#endif

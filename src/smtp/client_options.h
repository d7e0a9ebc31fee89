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
	CLIENT_CHUNK = 256 * 1024, /* a longer message goes by DATA, not by BDAT */
	CLIENT_SILENCE_MS = 10000, /* of PIPELINE_TO_RCPT, after 235 */
};

/* How many commands are sent at once; fewer if the server has no PIPELINING. */
enum client_pipelining {
	PIPELINE_OFF,     /* one command, one reply */
	PIPELINE_BASIC,   /* AUTH; then MAIL, RCPT and the message */
	PIPELINE_TO_RCPT, /* AUTH, MAIL and RCPT; then the message */
	PIPELINE_ALL,     /* AUTH, MAIL, RCPT and the message */
};

enum client_auth_state {
	CLIENT_AUTH_START,     /* choose a mechanism: client_auth() */
	CLIENT_AUTH_CHALLENGE, /* answer client_challenge(): client_auth_answer() */
	CLIENT_AUTH_REFUSED,   /* the mechanism is not supported after all: another, or give up */
};

/* What may follow what we say. */
enum client_auth_end {
	CLIENT_AUTH_GOES_ON, /* there is more to say or to check: a 235 now is an error (RFC 4422)
			      */
	CLIENT_AUTH_MAY_END, /* a 235 or a challenge */
	CLIENT_AUTH_ENDS,    /* the last reply: commands may be sent behind AUTH at once */
};

struct client_options {
	const char *helo;                /* argument of EHLO; borrowed */
	bool tls_active;                 /* the handshake came before the greeting */
	bool starttls;                   /* nothing but EHLO before STARTTLS has succeeded */
	bool auth;                       /* no mail before AUTH has succeeded */
	bool lmtp;                       /* RFC 2033 */
	bool chunking;                   /* BDAT where it is offered */
	unsigned timeout, timeout_final; /* seconds; 0: those of smtp/commands */
	struct str password;             /* never shown, should a server repeat it; borrowed */
	/* Every line of the conversation, secrets replaced; may be NULL. */
	void (*spoke)(void *ctx, bool server, struct str line);
	void *spoke_ctx;
};

struct client_message {
	uint64_t size; /* octets of the canonical message */
	bool eightbit; /* BODY=8BITMIME: it has octets above 127 */
	bool smtputf8; /* a local part, in envelope or header, is not ASCII (RFC 6531), or asked for
			*/
	bool smtputf8_wish; /* SMTPUTF8 was asked for, whatever the message holds */
	bool requiretls;   /* RFC 8689; over TLS alone, whose certificate the caller has verified */
	bool partial;      /* permanent refusals do not stop the message for the others */
	bool waits;        /* the message waits for the replies to AUTH, MAIL and RCPT */
	unsigned rcpt_max; /* recipients of one transaction; 0: as many as the server takes */
	struct dsn dsn;    /* kept where the server offers DSN */
};

enum client_outcome { OUTCOME_NOT_SENT, OUTCOME_ACCEPTED, OUTCOME_REFUSED, OUTCOME_UNKNOWN };

struct client_result {
	enum client_outcome outcome;
	struct err err;     /* why, unless accepted; the server's words in err.said always */
	bool try_next_host; /* a 4yz to AUTH or MAIL, and nothing of the message had left */
	bool no_reply_yet; /* the connection ended, and nothing about this message had been answered
			    */
};

#endif

/* SPDX-License-Identifier: MIT */
/*
 * dialog - the facts of one SMTP session, as the client engine records them.
 *
 * What a caller passes in and gets back (terms, mail, result), and the record itself, which only
 * the engine's own modules touch: `say` derives the next command from it, `heed` writes into it
 * what a reply tells, `client` is the door for callers. The functions here are the ways in which
 * things end. What lives together resets together: a transaction's facts are one struct.
 */
#ifndef MAIL_DIALOG_H
#define MAIL_DIALOG_H

#include "mail/body.h"
#include "mail/caps.h"
#include "mail/envelope.h"
#include "mail/reply.h"
#include "mail/verb.h"

enum {
	CLIENT_OUT = 65536,        /* capacity of out; it never grows */
	CLIENT_AWAITED_MAX = 1000, /* commands whose replies are not in */
	CLIENT_COMMAND = 510,      /* of a command line, without its end (RFC 5321 4.5.3.1.4) */
	CLIENT_AUTH_LINE = 12288,  /* RFC 4954 section 4 */
	CLIENT_AUTH_ROUNDS = 10,
	CLIENT_STEP = 8192,       /* octets that the server must read within one wait */
	CLIENT_DECIDED_MS = 5000, /* for the rest of a final reply whose code is known */
};

struct client_terms {
	const char *helo;                /* argument of EHLO; borrowed */
	bool tls_active;                 /* the handshake came before the greeting */
	bool starttls;                   /* nothing but EHLO before STARTTLS has succeeded */
	bool auth;                       /* no mail before AUTH has succeeded */
	unsigned timeout, timeout_final; /* seconds; 0: those of mail/verb */
	struct str password;             /* never shown, should a server repeat it; borrowed */
	/* Every line of the conversation, secrets replaced; may be NULL. */
	void (*spoke)(void *ctx, bool server, struct str line);
	void *spoke_ctx;
};

enum client_auth_state {
	CLIENT_AUTH_START,     /* choose a mechanism: client_auth() */
	CLIENT_AUTH_CHALLENGE, /* answer client_challenge(): client_auth_answer() */
	CLIENT_AUTH_REFUSED,   /* the mechanism is not supported after all: another, or give up */
};
struct client_mail {
	uint64_t size; /* octets of the canonical message */
	bool eightbit; /* it has octets above 127 */
	bool smtputf8; /* a local part, in the envelope or the header, is not ASCII (RFC 6531) */
	bool partial;  /* permanent refusals do not stop the message for the others */
};

enum client_outcome { OUTCOME_NOT_SENT, OUTCOME_ACCEPTED, OUTCOME_REFUSED, OUTCOME_UNKNOWN };

struct client_result {
	enum client_outcome outcome;
	struct err err; /* why, unless accepted; the server's words in err.said always */
};
/* --- the record; private to the engine --- */

/* A command whose reply is not in. */
struct awaited {
	enum verb verb;
	uint64_t end; /* octets of the session up to its last one */
};

/* What the engine itself has to say in an exchange. */
enum auth_due {
	AUTH_DUE_NOTHING,
	AUTH_DUE_HELD,   /* the initial response, which the command had no room for */
	AUTH_DUE_CANCEL, /* "*": the exchange ends for the reason in err */
};

/* The facts of one transaction: what was sent, what was answered. */
struct transaction {
	struct envelope *env;
	struct client_mail mail;
	bool active;
	bool mail_sent, mail_ok, data_sent, go_ahead, body_ended, dropped, rset_sent;
	uint64_t end; /* octets of the session up to the final dot, once body_ended */
	size_t rcpts_sent, rcpts_answered, accepted;
	struct stuff stuff;
	bool has_result;
	struct client_result result;
};

struct client {
	struct client_terms terms;
	struct buf out;
	bool out_secret; /* a secret is, or was since the last wipe, in out */
	uint64_t sent, flushed, progress, progress_at;
	struct awaited queue[CLIENT_AWAITED_MAX + 8];
	size_t head, awaited;
	struct reply_reader reader;
	bool early; /* the reply in the reader began before its command had left */
	struct caps caps;

	bool greeted, ehlo_refused, introduced; /* EHLO or HELO was accepted */
	bool tls_due, tls;
	bool authed, auth_complete;
	enum client_auth_state auth_state;
	enum auth_due auth_due;
	unsigned auth_rounds;
	struct buf auth_held;  /* an initial response that waits for the server to ask for it */
	struct buf auth_said;  /* the secret parts of lines, to find them in replies */
	struct buf auth_asked; /* the challenge, as it came */
	bool auth_given_up;
	bool quit_wanted, quit_sent;
	bool closed; /* nothing but QUIT may be sent any more */
	bool lost;   /* nor that */
	struct err err;
	struct transaction t;
};

struct awaited *dialog_oldest(struct client *c);
const struct awaited *dialog_newest(const struct client *c);
void dialog_await(struct client *c, enum verb v); /* a command that stands last in out */
void dialog_tell(struct client *c, bool server, struct str line);
/* The final dot stands last in out. */
void dialog_await_message(struct client *c);
/* Between 354 and the final dot: nothing but the message may be sent. */
bool dialog_in_body(const struct client *c);
/* A 4yz or 5yz to v, with what a person can do about it. after_size: see refusal_kind(). */
void dialog_refused(
	struct err *e, enum verb v, const struct reply *r, bool after_size, const char *what);
/* What to do when no one knows whether the message was taken. */
void dialog_hint_doubt(struct err *e);

void dialog_result(struct client *c, enum client_outcome outcome, const struct err *why);
void dialog_fail(struct client *c, const struct err *why);
void dialog_fail_protocol(struct client *c, const char *what);
/* The session ends because of this reply to v. */
void dialog_fail_reply(struct client *c, enum verb v, const struct reply *r, const char *what);
/* Calls the exchange off ("*"); the reply to that, whatever it is, ends the session with *why. */
void dialog_cancel_auth(struct client *c, const struct err *why);
/* Nobody gets this message; RSET follows if the server knows of it, and the session goes on. */
void dialog_drop(struct client *c, const struct err *why);

#endif

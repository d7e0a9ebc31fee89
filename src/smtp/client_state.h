/* SPDX-License-Identifier: MIT */
/*
 * client_state - the facts of one SMTP session, as the client engine records them.
 *
 * The record is private to the engine: client_commands derives the next command from it,
 * client_replies writes into it what a reply says, and client is how others use it. What lives
 * together is one struct, so that one assignment resets it: a submission is one message, which
 * takes as many transactions as its recipients need.
 */
#ifndef SMTP_CLIENT_STATE_H
#define SMTP_CLIENT_STATE_H

#include "mail/body.h"
#include "smtp/dot_stuffing.h"
#include "mail/envelope.h"
#include "smtp/client_options.h"
#include "smtp/commands.h"
#include "smtp/reply.h"

enum {
	CLIENT_OUT = 65536,        /* capacity of out; it never grows */
	CLIENT_AWAITED_MAX = 1000, /* commands whose replies are not in */
	CLIENT_COMMAND = 510,      /* of a command line, without its end (RFC 5321 4.5.3.1.4) */
	CLIENT_AUTH_LINE = 12288,  /* RFC 4954 section 4 */
	CLIENT_AUTH_ROUNDS = 10,
	CLIENT_STEP = 8192,       /* octets that the server must read within one wait */
	CLIENT_DECIDED_MS = 5000, /* for the rest of a final reply whose code is known */
};

/* A command whose reply is not in. */
struct awaited {
	enum verb verb;
	uint32_t rcpt; /* position in the envelope, where the verb is about one recipient */
	uint64_t end;  /* octets of the session up to its last one */
};

/* What the engine itself has to say in an exchange. */
enum auth_due {
	AUTH_DUE_NOTHING,
	AUTH_DUE_HELD,   /* the initial response, which the command had no room for */
	AUTH_DUE_CANCEL, /* "*": the exchange ends for the reason in err */
};

/* The facts of one transaction: what was sent, what was answered. */
struct transaction {
	bool with_auth; /* MAIL left before AUTH was answered */
	bool mail_sent, mail_ok, data_sent, go_ahead, chunked, body_ended, rset_sent;
	bool full;      /* the server wants no more recipients in this transaction */
	bool dropped;   /* no message follows, whatever is answered */
	bool over;      /* nothing is to come but replies, and RSET where it was dropped */
	uint64_t given; /* octets of the message that were taken */
	uint64_t end;   /* octets of the session up to the message's last one, once body_ended */
	size_t next;    /* the recipient to be sent next */
	size_t sent, answered, rcpts_ok;
	struct stuff stuff;
};

/* The facts of one message, or of one ETRN. */
struct submission {
	struct envelope *env;
	struct client_message mail;
	const char *etrn; /* in place of a message; NULL: a message */
	bool active, etrn_sent;
	bool pipelined_auth;              /* MAIL left before AUTH was answered */
	bool no_chunking;                 /* BDAT was refused */
	size_t accepted;                  /* recipients for whom the server has the message */
	size_t refused;                   /* those whom it does not take */
	bool deferred;                    /* one of them for now */
	size_t first;                     /* those before it have their final status */
	bool has_result, unauthenticated; /* accepted although AUTH was refused */
	struct client_result result;
};

struct client {
	struct client_options options;
	enum client_pipelining pipelining;
	struct buf out;
	bool out_secret; /* a secret is, or was since the last wipe, in out */
	uint64_t sent, flushed, progress, progress_at;
	uint64_t settled; /* octets up to the end of the last command that was answered */
	struct awaited queue[CLIENT_AWAITED_MAX + 8];
	size_t head, awaited;
	struct reply_reader reader;
	bool unsolicited; /* the reply in the reader began before its command had left */
	struct capabilities caps;
	size_t about;      /* the recipient that the current reply is about */
	bool rset_due;     /* before the next MAIL */
	size_t rcpt_limit; /* of a transaction, learnt when the server took no more; 0: unknown */

	bool greeted, ehlo_refused, introduced; /* EHLO or HELO was accepted */
	bool tls_due, tls;
	bool authed;
	enum client_auth_end auth_end;
	bool auth_ahead;   /* AUTH awaits its only reply, and commands may follow it (RFC 4954 4) */
	bool auth_refused; /* for the reason in err; the message left with it */
	bool pipelining_failed; /* the server cannot do PIPELINE_TO_RCPT, and nothing of the message
			       left */
	enum client_auth_state auth_state;
	enum auth_due auth_due;
	unsigned auth_rounds;
	struct buf auth_held;  /* an initial response that waits for the server to ask for it */
	struct buf auth_said;  /* the secret parts of lines, to find them in replies */
	struct buf auth_asked; /* the challenge, as it came */
	bool auth_given_up;
	bool quit_wanted, quit_sent;
	bool closed, lost; /* nothing but QUIT may be sent any more; not even QUIT */
	struct err err;
	struct submission m;
	struct transaction t;
};

struct awaited *client_state_oldest(struct client *c);
const struct awaited *client_state_newest(const struct client *c);
/* Its reply is awaited: the command that is last in `out`. rcpt: the recipient, or 0. */
void client_state_await(struct client *c, enum verb v, size_t rcpt);
/* The same of the message, whose last octet is last in `out`. */
void client_state_await_message(struct client *c);
void client_state_report(struct client *c, bool server, struct str line);
bool client_state_is_at_rest(const struct client *c); /* nothing that left awaits a reply */
bool client_state_in_body(const struct client *c);    /* nothing but the message may be sent */
/* The last octet of the message is with the kernel, and the server has not said what became of it.
 */
bool client_state_is_in_doubt(const struct client *c);
/* AUTH, MAIL and RCPT left together, and the server may not be able to take that; the message has
 * not left. */
bool client_state_is_first_contact(const struct client *c);
/* A 4yz or 5yz to v, with what a person can do about it. after_size: see refusal_kind(). */
void client_state_refused(
	struct err *e, enum verb v, const struct reply *r, bool after_size, const char *what);
/* The hint for a message whose outcome is unknown. */
void client_state_hint_doubt(struct err *e);

/* The outcome of the message; only the first call counts. */
void client_state_result(struct client *c, enum client_outcome outcome, const struct err *why);
/* Two complete replies came for the message, so that its outcome is unknown. */
void client_state_answered_twice(struct client *c, const struct err *why);
/* The session ends. A message that is under way was not sent, or its outcome is unknown. */
void client_state_fail(struct client *c, const struct err *why);
void client_state_fail_protocol(struct client *c, const char *what);
/* The session ends because of this reply to v. */
void client_state_fail_reply(
	struct client *c, enum verb v, const struct reply *r, const char *what);
/* Cancels the exchange ("*"); whatever the reply to that is, the session ends with *why. */
void client_state_cancel_auth(struct client *c, const struct err *why);
/* No further recipient gets this message. RSET is sent if the server knows of it; the session goes
 * on. */
void client_state_drop(struct client *c, const struct err *why);

#endif

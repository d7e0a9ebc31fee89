/* SPDX-License-Identifier: MIT */
/*
 * client_state - the facts of one SMTP session, as the client engine records them.
 *
 * The record is private to the engine: client_commands derives the next command from it,
 * client_replies records replies in it, and others use it only through client. Facts of one
 * lifetime are one struct. A submission is one message, in as many transactions as its recipients
 * need.
 */
#ifndef SMTP_CLIENT_STATE_H
#define SMTP_CLIENT_STATE_H

#include "smtp/dot_stuffing.h"
#include "mail/envelope.h"
#include "smtp/client_options.h"
#include "smtp/commands.h"
#include "smtp/reply.h"

enum {
	CLIENT_OUT = 65536,        /* capacity of out; it never grows */
	CLIENT_AWAITED_MAX = 1000, /* commands whose replies have not come */
	CLIENT_COMMAND = 510, /* octets of a command line without its end (RFC 5321 4.5.3.1.4) */
	CLIENT_AUTH_LINE = 12288, /* octets of a line in AUTH (RFC 4954 section 4) */
	CLIENT_AUTH_ROUNDS = 10,
	CLIENT_STEP = 8192,       /* octets that the server must read within one wait */
	CLIENT_DECIDED_MS = 5000, /* longest wait for the rest of a reply that decides already */
};

/* A command whose reply has not come. */
struct awaited {
	enum verb verb;
	uint32_t rcpt; /* position in the envelope, if the verb is about one recipient */
	uint64_t end;  /* octets sent in the session, up to the command's last one */
};

/* What the engine itself must send in an AUTH exchange. */
enum auth_due {
	AUTH_DUE_NOTHING,
	AUTH_DUE_HELD,   /* the initial response that did not fit into the command */
	AUTH_DUE_CANCEL, /* "*": the exchange ends for the reason in err */
};

/* The facts of one transaction: what was sent, and what was answered. */
struct transaction {
	bool with_auth; /* MAIL left before AUTH was answered */
	bool mail_sent, mail_ok, data_sent, go_ahead, chunked, body_ended, rset_sent;
	bool probe_sent, probe_ok; /* the first line as a chunk of its own */
	bool unacknowledged;       /* the server answers what it cannot have read */
	bool full;                 /* the server wants no more recipients in this transaction */
	bool dropped;              /* no message follows, whatever the server answers */
	bool over;                 /* nothing more is sent, except RSET if it was dropped */
	uint64_t given;            /* octets of the message that client_body() took */
	uint64_t end; /* octets sent in the session, up to the message's last; set by body_ended */
	size_t next, sent, answered, rcpts_ok; /* recipients; next: to be sent next */
	struct stuff stuff;
};

/* The facts of one message, or of one ETRN. */
struct submission {
	struct envelope *env;
	struct client_message mail;
	const char *etrn; /* the argument of ETRN; NULL: this is a message */
	bool active, etrn_sent;
	bool pipelined_auth;              /* MAIL left before AUTH was answered */
	size_t accepted;                  /* recipients for whom the server has the message */
	size_t refused;                   /* recipients that the server refused */
	bool deferred;                    /* at least one of those refusals is temporary */
	size_t first;                     /* recipients before this one have their final status */
	bool has_result, unauthenticated; /* accepted although AUTH was refused */
	struct client_result result;
};

struct client {
	struct client_options options;
	enum client_pipelining pipelining;
	struct buf out;
	bool out_secret; /* `out` holds a secret, or has held one since it was last wiped */
	uint64_t sent, flushed, progress, progress_at;
	uint64_t settled; /* octets sent, up to the end of the last command that was answered */
	struct awaited queue[CLIENT_AWAITED_MAX + 8];
	size_t head, awaited;
	struct reply_reader reader;
	bool unsolicited; /* the reply in the reader began before its command had left */
	struct capabilities caps;
	size_t about;      /* the recipient that the current reply is about */
	bool rset_due;     /* RSET must be sent before the next MAIL */
	size_t rcpt_limit; /* of a transaction, learnt when the server took no more; 0: unknown */

	bool greeted, ehlo_refused, introduced; /* EHLO or HELO was accepted */
	bool tls_due, tls;
	bool authed, with_token; /* the last AUTH was with an OAuth token */
	enum client_auth_end auth_end;
	bool auth_ahead;   /* AUTH awaits its only reply, and commands may follow it (RFC 4954 4) */
	bool auth_refused; /* for the reason in err, and the message has left with AUTH */
	bool pipelining_failed; /* see client_pipelining_failed(), and so on */
	bool chunking_failed, chunking_unheard, chunking_proved;
	enum client_auth_state auth_state;
	enum auth_due auth_due;
	unsigned auth_rounds;
	struct buf auth_held;  /* an initial response that waits for the server to ask for it */
	struct buf auth_said;  /* the secret parts of our lines, to find them in replies */
	struct buf auth_asked; /* the challenge as it came */
	bool auth_given_up;
	bool quit_wanted, quit_sent;
	bool closed, lost; /* closed: only QUIT may still be sent; lost: not even QUIT */
	struct err err;
	struct submission m;
	struct transaction t;
};

struct awaited *client_state_oldest(struct client *c);
const struct awaited *client_state_newest(const struct client *c);
/* Awaits the reply to the last command in `out`. rcpt: its recipient's position, or 0. */
void client_state_await(struct client *c, enum verb v, size_t rcpt);
/* Awaits the reply (LMTP: the replies) to the message, whose last octet is the last in `out`. */
void client_state_await_message(struct client *c);
void client_state_report(struct client *c, bool server, struct str line);
/* Replaces what we said in AUTH, and the password, in the text of the reader's reply. */
void client_state_hide_secrets(struct client *c);
/* Shows the reader's reply to the listener. */
void client_state_report_reply(struct client *c);
bool client_state_is_at_rest(const struct client *c); /* nothing that left awaits a reply */
bool client_state_in_body(const struct client *c);    /* nothing but the message may be sent */
/* The message's last octet is with the kernel, and its final reply has not come. */
bool client_state_is_in_doubt(const struct client *c);
/* MAIL left with AUTH at PIPELINE_TO_RCPT, which the server may not support; DATA was not sent. */
bool client_state_is_first_contact(const struct client *c);
/* Sets *e to the refusal r of v: what, and a hint. */
void client_state_refused(const struct client *c, struct err *e, enum verb v, const struct reply *r,
	const char *what);
/* Adds the hint for a message whose outcome is unknown. */
void client_state_hint_doubt(struct err *e);

/* Sets the outcome of the message; only the first call counts. */
void client_state_result(struct client *c, enum client_outcome outcome, const struct err *why);
/* The message got two complete replies: makes its outcome unknown and ends the session. */
void client_state_answered_twice(struct client *c, const struct err *why);
/* Ends the session. A message under way counts as not sent, or its outcome is unknown. */
void client_state_fail(struct client *c, const struct err *why);
void client_state_fail_protocol(struct client *c, const char *what);
/* Ends the session because of the reply r to v. */
void client_state_fail_reply(
	struct client *c, enum verb v, const struct reply *r, const char *what);
/* Cancels the AUTH exchange ("*"); whatever the reply is, the session ends with *why. */
void client_state_cancel_auth(struct client *c, const struct err *why);
/* Refuses this message for all further recipients. RSET follows if MAIL was accepted. */
void client_state_drop(struct client *c, const struct err *why);

#endif

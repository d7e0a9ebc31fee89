/* SPDX-License-Identifier: MIT */
/*
 * smtpd - a model of an SMTP or LMTP server (RFC 5321, 2033, 2920, 3030, 4954), which knows what it
 * has taken.
 *
 * What reached the server is added to `up`; smtpd_work() reads it as far as it goes and puts its
 * replies into `back`. The input chooses what becomes of each command: one octet each, of which the
 * low five bits count, so that a letter names the mood; the end of the input is "ok" for ever. A
 * message is asked about twice: in its middle, and at its end.
 *
 *   l  4yz                    c  closes, without a reply       z  nothing is read any more
 *   n  5yz                    o  "ok", then closes             q  replies do not arrive any more
 *   b  421, then closes       r  resets: replies that are under way are lost
 *   t  452 4.5.3 to RCPT      f  354 although there is no recipient
 *
 * and, of a server that breaks the RFCs:
 *
 *   x  answers twice          d  lines of several codes        e  a success of another kind
 *   m  does not answer        g  no line end                   a  334
 *   p  "250" unasked, before the reply
 *
 * Whatever it announces may be a lie (struct smtpd_lies), as of a front end that offers what the
 * server behind it does not know. Then what it does not know it answers as such; what stands behind
 * a command that was to stand alone it throws away; and behind BDAT it goes on reading lines. None
 * of these may be a command: that would be a message inside the message.
 *
 * The ledger counts, for each recipient, how often the message at hand was taken: whole, octet by
 * octet. As long as it obeys, the server judges its client: order of commands, groups, parameters.
 */
#ifndef FUZZ_SMTPD_H
#define FUZZ_SMTPD_H

#include "fuzz.h"

#include "smtp/client.h"

enum { SMTPD_RCPTS = 3000 };

enum smtpd_auth {
	SMTPD_AUTH_OK,
	SMTPD_AUTH_WRONG,       /* 535, and no mail without it */
	SMTPD_AUTH_UNNEEDED,    /* 535, and mail is taken all the same */
	SMTPD_AUTH_UNSUPPORTED, /* PLAIN: 504; LOGIN works */
	SMTPD_AUTH_LATER,       /* 454 */
	SMTPD_AUTH_DEAF,        /* breaks: what stands behind AUTH is thrown away */
	SMTPD_AUTH_COUNT
};

/* What it announces and does not know. */
struct smtpd_lies {
	bool chunking;   /* BDAT is an unknown command, and so is each line of the chunk */
	bool first_good; /* but the front end itself answers BDAT, with 250 */
	bool pipelining; /* whole lines behind the one at hand are thrown away */
	bool params;     /* 555 to every parameter */
	bool auth;       /* 502 to AUTH */
	bool starttls;   /* 502 to STARTTLS */
};

struct smtpd_manner {
	struct smtpd_lies lies;
	bool breaks, lmtp, tls, starttls;
	bool pipelining, chunking, size, eightbit, dsn, requiretls, rcptmax;
	bool no_bdat; /* BDAT is announced, and refused as unknown; its octets are read */
	enum smtpd_auth auth;
	unsigned most_rcpts; /* of one transaction; 0: any number */
	size_t back_room;    /* octets of replies under way that it stops reading at */
};

enum smtpd_state { SMTPD_COMMAND, SMTPD_ANSWER, SMTPD_DATA, SMTPD_CHUNK, SMTPD_CLOSED };

/* Where in a line of DATA the next octet stands. */
enum smtpd_place {
	SMTPD_LINE_START,
	SMTPD_LINE_DOT,
	SMTPD_LINE_DOT_CR,
	SMTPD_LINE_INSIDE,
	SMTPD_LINE_CR
};

struct smtpd {
	struct smtpd_manner how;
	struct input *moods;
	/* what the client was asked to do */
	enum client_pipelining flights;
	bool wants_auth;
	struct str message;
	const struct client_message *mail;
	size_t count; /* of recipients */

	/* the ledger of this message, and what was said of it */
	uint8_t taken[SMTPD_RCPTS];
	bool said_later, said_no; /* 4yz, 5yz */
	uint32_t transactions;

	/* the connection */
	enum smtpd_state state;
	struct buf up, back;
	size_t up_at, back_at; /* octets of them that were read, or delivered */
	size_t back_line;      /* where the line at back_at begins */
	bool hurt;             /* a reply was lost, or the connection */
	bool greeting_refused, auth_refused;
	bool greeted, hello, extended, in_tls, authed, frozen, mute, reset, closing;
	size_t replies, delivered; /* made; with the client, to the last octet */
	size_t barrier;            /* replies that must be delivered before the next command */
	size_t auth_at;            /* AUTH's reply is that one; 0: there was none */
	unsigned auth_step;

	/* the transaction */
	bool in_mail, chunked, with_auth, must_reset;
	size_t named, rcpts_ok;
	uint32_t rcpts[SMTPD_RCPTS];    /* those who were promised the message, in order */
	uint32_t named_in[SMTPD_RCPTS]; /* the last transaction that did */
	size_t at;                      /* octets of the message that came */
	bool probed;                    /* a chunk came that is not the last */
	uint64_t stray;                 /* octets of a chunk that are read as lines */
	size_t thrown;                  /* octets behind the command at hand that were not read */
	uint64_t left;                  /* octets of the chunk to come */
	enum smtpd_place place;
	bool same, whole, asked_midway; /* what came so far is the message; all of it is */
};

/* Another connection; the ledger stays. */
void smtpd_connect(struct smtpd *s);
/* Another message: the ledger is empty. */
void smtpd_begin(
	struct smtpd *s, struct str message, const struct client_message *mail, size_t count);
/* Reads and answers; false if there is nothing it could do. */
bool smtpd_work(struct smtpd *s);
/* At most n octets of replies, which are the client's now. */
struct str smtpd_deliver(struct smtpd *s, size_t n);
bool smtpd_has_replies(const struct smtpd *s);
void smtpd_done(struct smtpd *s);

#endif

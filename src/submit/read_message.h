/* SPDX-License-Identifier: MIT */
/*
 * read_message - a message read whole: input to spool, envelope, the header that is sent.
 *
 *   intake()         all of it from a descriptor
 *   intake_new()     or piece by piece: intake_feed(), then intake_end()
 *
 * Reading has no deadline: a job may write for days. What comes out is the canonical message
 * (mail/body) with the header completed and Bcc gone (mail/header_rewrite), and the envelope
 * (submit/build_envelope). Nothing is connected before, so nothing half read is ever sent: an input
 * error is ERR_IO. A lone dot ends the input only from a terminal. A header that ends at a line
 * that is no field while a Bcc field stands behind it is ERR_DATA: those whom it names would be
 * seen by all. Where the terms say so, text with a line over 998 octets is re-encoded
 * (submit/reencode_message); other long lines are told to the log.
 */
#ifndef SUBMIT_READ_MESSAGE_H
#define SUBMIT_READ_MESSAGE_H

#include "conf/account.h"
#include "mail/body.h"
#include "mail/header_rewrite.h"
#include "submit/build_envelope.h"
#include "os/spool.h"

struct intake_terms {
	int fd;             /* of intake() */
	bool dots_are_text; /* -i, for intake() */
	bool encode_long_lines;
	struct parties_terms parties;
	struct rewrite_rules rules;
	bool list_to;          /* a To field names the recipients (set_to_header on) */
	const char *full_name; /* or NULL */
	/*
	 * Asked once, when the header is complete, for the last word on these terms; NULL: nobody.
	 * from: the first address of the From field; NULL if it has none.
	 */
	bool (*settle)(void *ctx, const struct addr *from, struct intake_terms *t, struct err *e);
	/* Is told how much was read so far; NULL: nobody. */
	void (*moved)(void *ctx, uint64_t octets);
	void *ctx; /* of both */
};

struct message {
	struct spool content; /* canonical, whole */
	struct envelope env;
	bool eightbit, smtputf8;
};

/* What the account's settings say of a message; texts are borrowed from it. */
void intake_account(struct intake_terms *terms, const struct account *a);
bool intake(struct intake_terms *terms, struct message *ret, struct err *e);

/* size - 1 letters and digits that nobody can guess, and a NUL; size is at most 33. */
bool intake_random(char *to, size_t size, struct err *e);

struct intake;
/* Both are borrowed until intake_free(). After a failure the message is of no use. */
struct intake *intake_new(struct intake_terms *terms, struct message *ret);
bool intake_feed(struct intake *in, struct str raw, struct err *e);
bool intake_end(struct intake *in, struct err *e);
void intake_free(struct intake *in);
void message_done(struct message *m);

#endif

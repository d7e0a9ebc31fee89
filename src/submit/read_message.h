/* SPDX-License-Identifier: MIT */
/*
 * read_message - a message read whole: input to spool, envelope, the header that is sent.
 *
 *   read_message()         all of it from a descriptor
 *   message_reader_new()     or piece by piece: message_reader_feed(), then message_reader_end()
 *
 * Reading has no deadline: a job may write for days. What comes out is the canonical message
 * (mail/body) with the header completed and Bcc gone (mail/header_rewrite), and the envelope
 * (submit/build_envelope). Nothing is connected before, so nothing half read is ever sent: an input
 * error is ERR_IO. A lone dot ends the input only from a terminal. A header that ends at a line
 * that is no field while a Bcc field stands behind it is ERR_DATA: those whom it names would be
 * seen by all. Where the options say so, text with a line over 998 octets is re-encoded
 * (submit/reencode_message); other long lines are noted in the log.
 */
#ifndef SUBMIT_READ_MESSAGE_H
#define SUBMIT_READ_MESSAGE_H

#include "conf/account.h"
#include "mail/body.h"
#include "mail/header_rewrite.h"
#include "submit/build_envelope.h"
#include "submit/message.h"

struct read_message_options {
	int fd;             /* of read_message() */
	bool dots_are_text; /* -i, for read_message() */
	bool encode_long_lines;
	struct build_envelope_options envelope;
	struct header_rewrite_rules rules;
	bool list_to;          /* a To field names the recipients (set_to_header on) */
	const char *full_name; /* or NULL */
	/*
	 * Asked once, when the header is complete, for the last word on these options; NULL:
	 * nobody. from: the first address of the From field; NULL if it has none.
	 */
	bool (*settle)(
		void *ctx, const struct addr *from, struct read_message_options *t, struct err *e);
	/* Called with the octets that were read so far; or NULL. */
	void (*moved)(void *ctx, uint64_t octets);
	void *ctx; /* of both */
};

/* What the account's settings say of a message; texts are borrowed from it. */
void read_message_account(struct read_message_options *options, const struct account *a);
bool read_message(struct read_message_options *options, struct message *ret, struct err *e);

/* size - 1 letters and digits that cannot be guessed, and a NUL; size is at most 33. */
bool random_letters(char *to, size_t size, struct err *e);

struct message_reader;
/* Both are borrowed until message_reader_free(). After a failure the message is of no use. */
struct message_reader *message_reader_new(
	struct read_message_options *options, struct message *ret);
bool message_reader_feed(struct message_reader *in, struct str raw, struct err *e);
bool message_reader_end(struct message_reader *in, struct err *e);
void message_reader_free(struct message_reader *in);

#endif

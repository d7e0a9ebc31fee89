/* SPDX-License-Identifier: MIT */
/*
 * read_message - reads a whole message: body to spool, envelope, and the header as it is sent.
 *
 *   read_message()         reads it from a descriptor
 *   message_reader_new()   takes it in pieces: message_reader_feed(), then message_reader_end()
 *
 * The result is the canonical message (mail/body) with the header completed and Bcc removed
 * (mail/header_rewrite), and the envelope (submit/build_envelope). Reading has no deadline: a job
 * may write for days. An input error is ERR_IO; no connection is made before the end of the input,
 * so half a message is never sent. A lone dot ends the input only at a terminal. If the header ends
 * at a line that is not a field, and a Bcc field follows, the error is ERR_DATA, because the names
 * in that Bcc would be visible to all. If the options say so, text with a line over 990 octets is
 * re-encoded (submit/reencode_message); other long lines are noted in the log.
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
	struct buf *typed;  /* gets the input as it is, if it comes from a terminal; or NULL */
	bool encode_long_lines;
	struct build_envelope_options envelope;
	struct header_rewrite_rules rules;
	bool list_to;          /* add a To field that names the recipients (set_to_header on) */
	const char *full_name; /* or NULL */
	/*
	 * Called once, when the header is complete, and may change these options. May be NULL.
	 * from: the first address of the From field; NULL if it has none.
	 */
	bool (*settle)(
		void *ctx, const struct addr *from, struct read_message_options *t, struct err *e);
	/* Called with the number of octets read so far. May be NULL. */
	void (*moved)(void *ctx, uint64_t octets);
	void *ctx; /* for both */
};

/* Sets the options that the account decides; texts are borrowed from the account. */
void read_message_account(struct read_message_options *options, const struct account *a);
bool read_message(struct read_message_options *options, struct message *ret, struct err *e);

/* Writes size - 1 unguessable letters and digits, and a NUL; size is at most 33. */
bool random_letters(char *to, size_t size, struct err *e);

struct message_reader;
/* Borrows both until message_reader_free(). After a failure the message must not be used. */
struct message_reader *message_reader_new(
	struct read_message_options *options, struct message *ret);
bool message_reader_feed(struct message_reader *in, struct str raw, struct err *e);
bool message_reader_end(struct message_reader *in, struct err *e);
void message_reader_free(struct message_reader *in);

#endif

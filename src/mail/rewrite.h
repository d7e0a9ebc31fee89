/* SPDX-License-Identifier: MIT */
/*
 * rewrite - which fields are added to, and dropped from, a header, and the header that is sent.
 *
 * Added when missing: From, Date, Message-ID (RFC 5322 section 3.6), in front of what was there.
 * Dropped: Bcc and Resent-Bcc in every spelling that the scanner understands. All other fields
 * are copied octet for octet. The empty line that ends the header is written too. The world's
 * facts come in; nothing is looked up here.
 */
#ifndef MAIL_REWRITE_H
#define MAIL_REWRITE_H

#include "mail/header.h"

struct facts {
	const char *date;      /* RFC 5322 section 3.3 */
	const char *random;    /* letters and digits, new for each message */
	const char *host;      /* for Message-ID where the sender has no domain */
	const char *sender;    /* wire form; "" for the null sender */
	const char *full_name; /* UTF-8; "" for none */
};

struct rewrite {
	bool add_from, add_date, add_message_id;
	size_t dropped; /* fields that are not sent */
};

struct rewrite rewrite_plan(const struct header *h);
bool rewrite_drops(const struct header *h, const struct field *f);
void rewrite_write(const struct rewrite *plan, const struct header *h, const struct facts *facts,
	struct buf *out);

/*
 * A display name as RFC 5322 and 2047 want it: words as they are, else quoted, else encoded-words
 * of at most 75 octets on lines of their own (UTF-8 if it is that, else unknown-8bit).
 */
void rewrite_phrase(struct buf *out, struct str name);

#endif

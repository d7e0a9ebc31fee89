/* SPDX-License-Identifier: MIT */
/*
 * address_fields - rewrites the address fields of a header for the wire (RFC 5322 section 3.6.2,
 * 3.6.3, 3.6.6).
 *
 * A bare name gets a domain, or is replaced by an address that keeps the name or comment. A domain
 * outside ASCII becomes A-labels, and a display name outside ASCII encoded-words. Mailboxes that
 * need no change, and the text between mailboxes, are copied as they are. A field that does not
 * parse is treated like unstructured text: only its words outside ASCII are encoded.
 */
#ifndef MAIL_ADDRESS_FIELDS_H
#define MAIL_ADDRESS_FIELDS_H

#include "mail/addr_complete.h"

struct address_field_options {
	bool complete;         /* complete bare names */
	struct addr_home home; /* what completes them; if it knows nothing, they stay bare */
	/* Asked first: the address that a bare name stands for, or NULL. May itself be NULL. */
	const char *(*alias)(void *ctx, const char *name);
	void *ctx;
};

/* A field's properties, by its name: one table for all who read, complete or remove fields. */
struct address_field {
	bool known;      /* its value is a list of addresses; otherwise all below is false */
	bool resent;     /* it is the Resent- form (RFC 5322 section 3.6.6) */
	bool author;     /* From */
	bool recipients; /* To, Cc, Bcc: it names recipients of the message */
	bool hidden;     /* Bcc: it is removed before the message is sent */
	bool completed;  /* bare names in it get a domain */
};

struct address_field address_field_of(struct str name);
/* Whether a local part in this value needs SMTPUTF8 (RFC 6531). */
bool address_field_needs_utf8(struct str value);
/* Appends the value for the wire; false, without a change to out, if it need not change. */
bool address_field_rewrite(
	struct buf *out, struct str value, const struct address_field_options *options);
/* How many mailboxes the value names; 0 if it does not parse. */
size_t address_field_count(struct str value);

/* The text of a display name: without quotes, and with one space for white space. */
void address_fields_phrase(struct buf *out, struct str phrase);

#endif

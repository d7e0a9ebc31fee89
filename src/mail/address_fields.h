/* SPDX-License-Identifier: MIT */
/*
 * address_fields - the address fields of a header made fit for the wire (RFC 5322
 * section 3.6.2, 3.6.3, 3.6.6).
 *
 * A bare name gets a domain, or an address takes its place and the name or comment stays; a domain
 * outside ASCII becomes A-labels, a name outside ASCII encoded-words. Mailboxes that need nothing
 * of that, and what stands between them, are copied as they are. A field that does not parse is no
 * address field then: only its words outside ASCII are encoded.
 */
#ifndef MAIL_ADDRESS_FIELDS_H
#define MAIL_ADDRESS_FIELDS_H

#include "mail/addr_complete.h"

struct address_field_options {
	bool complete;         /* bare names */
	struct addr_home home; /* of bare names; those that it does not know stay as they are */
	/* Asked first: the address that a bare name stands for, NULL if it has none. May be NULL.
	 */
	const char *(*alias)(void *ctx, const char *name);
	void *ctx;
};

/* What a field is by its name. One table answers whoever reads, completes or removes fields. */
struct address_field {
	bool known;      /* its value is a list of addresses; everything below is false otherwise */
	bool resent;     /* it is the Resent- form (RFC 5322 section 3.6.6) */
	bool author;     /* From */
	bool recipients; /* To, Cc, Bcc: those whom it names get the message */
	bool hidden;     /* Bcc: it is removed before the message is sent */
	bool completed;  /* bare names in it get a domain */
};

struct address_field address_field_of(struct str name);
/* Does a local part in this value need SMTPUTF8 (RFC 6531)? */
bool address_field_needs_utf8(struct str value);
/* The value for the wire; false, with out as it was, when it may stay as it is. */
bool address_field_rewrite(
	struct buf *out, struct str value, const struct address_field_options *options);
/* How many mailboxes the value names; 0 if it does not parse. */
size_t address_field_count(struct str value);

#endif

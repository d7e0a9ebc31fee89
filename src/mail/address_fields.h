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

#include "mail/addr.h"

struct address_field_options {
	bool complete;         /* bare names */
	struct addr_home home; /* of bare names; those that it does not know stay as they are */
	/* First of all, whom one stands for: NULL where that is not known; or NULL for nobody. */
	const char *(*alias)(void *ctx, const char *name);
	void *ctx;
};

enum address_field_form {
	ADDRESS_FIELD_NONE,
	ADDRESS_FIELD_OTHER,     /* it has addresses, and bare names are none of ours */
	ADDRESS_FIELD_COMPLETED, /* From, Sender, Reply-To, To, Cc, Bcc, and their Resent- forms */
};

/* Has a field of that name addresses? */
enum address_field_form address_field_form_of(struct str name);
/* Does a local part in this value need SMTPUTF8 (RFC 6531)? */
bool address_field_needs_utf8(struct str value);
/* The value for the wire; false, with out as it was, when it may stay as it is. */
bool address_field_rewrite(
	struct buf *out, struct str value, const struct address_field_options *options);
/* How many mailboxes the value names; 0 if it does not parse. */
size_t address_field_count(struct str value);

#endif

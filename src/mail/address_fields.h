/* SPDX-License-Identifier: MIT */
/*
 * address_fields - rewrites the address fields of a header for the wire (RFC 5322 section 3.6.2,
 * 3.6.3, 3.6.6).
 *
 * A bare name gets a domain, or is replaced by an address that keeps the name or comment; where
 * several in a field become the same address, that stands there once. In From, Sender and Reply-To
 * text that names nobody becomes the display name of that address: `From: Backup Server`, or a name
 * outside ASCII. In From the stray comma of `"Lee, Ann", <ann@x.example>` goes. A domain outside
 * ASCII becomes A-labels, and a display name outside ASCII encoded-words. Mailboxes that need no
 * change, and the text between mailboxes, are copied as they are. Another field that does not parse
 * is treated like unstructured text: only its words outside ASCII are encoded.
 */
#ifndef MAIL_ADDRESS_FIELDS_H
#define MAIL_ADDRESS_FIELDS_H

#include "mail/addr_complete.h"

struct address_field_options {
	bool complete;         /* complete bare names */
	bool is_author;        /* From: see above */
	bool is_recipients;    /* To, Cc, Bcc: what is no address in them is nobody's name */
	const char *charset;   /* of text that is not UTF-8, as in mail/rfc2047; or NULL */
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
/* Whether a local part in this value needs SMTPUTF8 (RFC 6531); *ret is the first such mailbox. */
bool address_field_needs_utf8(struct str value, struct addr *ret);
/* Appends the value for the wire; false, without a change to out, if it need not change. */
bool address_field_rewrite(
	struct buf *out, struct str value, const struct address_field_options *options);
/*
 * How many authors From names, after what is mended in it; 0 if it does not parse. one_owner: bare
 * names all become the same address, so that a list of nothing else is one author.
 */
size_t address_field_authors(struct str value, bool one_owner);
/* The first of them; false if there is none. */
bool address_field_author(struct str value, struct addr *ret);

/*
 * Text between addresses, or that is none: words outside ASCII become encoded-words, and a
 * quoted-string that has any becomes one without its quotes (RFC 2047 section 5).
 */
void address_fields_text(struct buf *out, struct str text, const char *charset);
/* The text of a display name: without quotes, and with one space for white space. */
void address_fields_phrase(struct buf *out, struct str phrase);

#endif

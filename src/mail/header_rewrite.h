/* SPDX-License-Identifier: MIT */
/*
 * header_rewrite - makes the header that is sent: adds, drops and changes fields.
 *
 * Missing fields are added in front, as the rules say: From, Date, Message-ID (RFC 5322 section
 * 3.6), and Sender if From lists several addresses (section 3.6.2). Bcc and Resent-Bcc, in every
 * spelling that mail/header accepts, are dropped, unless the rules keep them; so are From, or To
 * and Cc, if they are replaced. Bare names in address fields get a domain, 8-bit text becomes
 * encoded-words (mail/address_fields, mail/header_encode), and a field with too long a line is
 * folded. Other fields, signatures, and fields that a DKIM-Signature covers are copied octet for
 * octet; a field that one covers is not added either. The empty line that ends the header is
 * written too. Facts such as the date come from the caller.
 */
#ifndef MAIL_HEADER_REWRITE_H
#define MAIL_HEADER_REWRITE_H

#include "mail/addr.h"
#include "mail/header.h"

enum { HEADER_REWRITE_COVERED = 200 };

/* How to treat a field that may be missing. */
enum header_rewrite_set {
	HEADER_REWRITE_AUTO,    /* added if it is missing */
	HEADER_REWRITE_OFF,     /* left alone */
	HEADER_REWRITE_REPLACE, /* replaced by a new one */
};

struct header_rewrite_rules {
	enum header_rewrite_set from, date, message_id;
	bool keep_bcc, complete;
	size_t fold;      /* lines with more octets than this are folded at spaces; 0: none */
	const char *to;   /* a To field with these addresses ('\n' between) replaces To and Cc */
	bool undisclosed; /* "To: undisclosed-recipients:;" replaces To and Cc */
	/* For To and Cc: the one address that a bare name stands for, or NULL. May be NULL. */
	const char *(*alias)(void *ctx, const char *name);
	void *alias_ctx;
};

struct header_facts {
	const char *date;      /* RFC 5322 section 3.3 */
	const char *random;    /* letters and digits, new for each message */
	const char *host;      /* for Message-ID, if the sender has no domain */
	const char *sender;    /* wire form; "" for the null sender */
	const char *from;      /* the account's address; "" for none */
	const char *domain;    /* completes bare names; "": `from` replaces them */
	const char *full_name; /* UTF-8; "" for none */
	const char *own_host;  /* this host's name, as in struct addr_home */
	const char *charset;   /* of the message's text, for its header too; or NULL */
};

struct header_rewrite {
	bool add_from, add_date, add_message_id;
	bool add_sender; /* if From names several authors */
	/* Names that DKIM-Signatures cover, borrowed from the header; too many: all_covered. */
	struct str covered[HEADER_REWRITE_COVERED];
	size_t covered_count;
	bool all_covered;
	/* Set by header_rewrite_write(): the header needs SMTPUTF8 for the address in this field.
	 */
	struct str utf8_field; /* empty: none does; borrowed from the header */
	char utf8_address[ADDR_MAX + 1];
};

/* Decides what is added. Needs *h until header_rewrite_write(). */
struct header_rewrite header_rewrite_plan(
	const struct header *h, const struct header_rewrite_rules *rules);
/* Appends the header to out. plan must come from the same header and rules. */
void header_rewrite_write(struct header_rewrite *plan, const struct header_rewrite_rules *rules,
	const struct header *h, const struct header_facts *facts, struct buf *out);

#endif

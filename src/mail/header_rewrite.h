/* SPDX-License-Identifier: MIT */
/*
 * header_rewrite - which fields are added to, dropped from and changed in a header, and the header
 * that is sent.
 *
 * Added when missing, as the rules say: From, Date, Message-ID (RFC 5322 section 3.6), and Sender
 * where From names several (section 3.6.2), in front of what was there. Dropped: Bcc and
 * Resent-Bcc in every spelling that the scanner understands, unless the rules keep them; From, or
 * To and Cc, where they are replaced. Bare names in address fields get a domain, 8-bit text becomes
 * encoded-words (mail/address_fields, mail/rfc2047). A field with a line that is too long is
 * folded. All others, a signature, and what a DKIM-Signature covers are copied octet for octet. The
 * empty line that ends the header is written too. What a signature covers is not added either. The
 * world's facts come in; nothing is looked up here.
 */
#ifndef MAIL_HEADER_REWRITE_H
#define MAIL_HEADER_REWRITE_H

#include "mail/header.h"

enum { HEADER_REWRITE_COVERED = 200 };

/* What is done with a field that may be missing. */
enum header_rewrite_set {
	HEADER_REWRITE_AUTO,    /* added if it is missing */
	HEADER_REWRITE_OFF,     /* left alone */
	HEADER_REWRITE_REPLACE, /* written anew */
};

struct header_rewrite_rules {
	enum header_rewrite_set from, date, message_id;
	bool keep_bcc, complete;
	size_t fold;      /* lines of more than so many octets, at blanks; 0: none */
	const char *to;   /* a To field with these addresses ('\n' between) replaces To and Cc */
	bool undisclosed; /* "To: undisclosed-recipients:;" does */
	/* In To and Cc: the one address that a bare name stands for, or NULL. May be NULL. */
	const char *(*alias)(void *ctx, const char *name);
	void *alias_ctx;
};

struct header_facts {
	const char *date;      /* RFC 5322 section 3.3 */
	const char *random;    /* letters and digits, new for each message */
	const char *host;      /* for Message-ID where the sender has no domain */
	const char *sender;    /* wire form; "" for the null sender */
	const char *from;      /* the account's address; "" for none */
	const char *domain;    /* what completes bare names; "": `from` stands for them */
	const char *full_name; /* UTF-8; "" for none */
};

struct header_rewrite {
	bool add_from, add_sender, add_date, add_message_id;
	bool need_utf8; /* SMTPUTF8 has to be asked for */
	/* What DKIM-Signatures cover, borrowed from the header; all fields if there is no room. */
	struct str covered[HEADER_REWRITE_COVERED];
	size_t covered_count;
	bool all_covered;
};

struct header_rewrite header_rewrite_plan(
	const struct header *h, const struct header_rewrite_rules *rules);
/* plan is of the same header and rules. */
void header_rewrite_write(const struct header_rewrite *plan,
	const struct header_rewrite_rules *rules, const struct header *h,
	const struct header_facts *facts, struct buf *out);

#endif

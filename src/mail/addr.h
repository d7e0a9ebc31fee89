/* SPDX-License-Identifier: MIT */
/*
 * addr - parse, quote and compare addresses (RFC 5322 section 3.4 with 4.4, RFC 5321
 * section 4.1.2).
 *
 * An address list is read one mailbox at a time: comments, folding, quoted local parts, groups and
 * source routes are understood and removed; empty elements are nothing. What comes out is the
 * wire form (RFC 5321 Mailbox) in `text`: the local part as a dot-atom, quoted only where it must
 * be, and the domain, in A-labels (RFC 5890 section 2.3.2.1). A local part without a domain is a
 * *bare* name. A local part may be UTF-8 (RFC 6531 section 3.3). Linear time, no recursion.
 *
 * Refused (ERR_DATA, with the text and the reason): anything that does not parse, control
 * characters, a mailbox that begins with '-' (it could pass for an option further on), octets
 * that are not UTF-8, and whatever would not fit into a command of 1,000 octets.
 */
#ifndef MAIL_ADDR_H
#define MAIL_ADDR_H

#include "base/buf.h"
#include "base/err.h"

enum {
	ADDR_MAX = 900,          /* octets of a wire form; leaves room for parameters */
	ADDR_COMMENT_DEPTH = 64, /* of nested comments */
};

struct addr {
	char text[ADDR_MAX + 1];
	size_t local_len;  /* octets of text before the '@', all of them if bare */
	bool utf8;         /* the local part is not ASCII */
	struct str phrase; /* the display name as written; borrowed from the list's text */
	struct str whole;  /* all of the mailbox as written; borrowed too */
};

struct addr_list {
	struct str rest;
	bool in_group;
};

enum addr_got {
	ADDR_END, /* no more */
	ADDR_ONE, /* *ret holds the next mailbox */
	ADDR_BAD, /* *e says why; reading on is not possible */
};

enum addr_got addr_next(struct addr_list *list, struct addr *ret, struct err *e);
/* Exactly one mailbox, in any of the forms a list element may have. */
bool addr_one(struct str text, struct addr *ret, struct err *e);

bool addr_is_bare(const struct addr *a);
/* Gives a bare name its domain. */
bool addr_set_domain(struct addr *a, struct str domain, struct err *e);
/* A domain as A-labels; false, with out as it was, if it is no name that may be registered. */
bool addr_domain_to_ascii(struct str domain, struct buf *out);
struct str addr_domain(const char *wire); /* empty if bare */
/* The same mailbox: local parts to the letter, domains without case (RFC 5321 2.4). */
bool addr_same(const char *wire_a, const char *wire_b);

/* Is s one or more atoms with single dots between (RFC 5322 dot-atom-text)? */
bool addr_is_dot_atom(struct str s);
/* Writes s as a quoted-string (RFC 5322 section 3.2.4). */
void addr_quote(struct buf *out, struct str s);

#endif

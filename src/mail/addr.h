/* SPDX-License-Identifier: MIT */
/*
 * addr - parse, quote and compare addresses (RFC 5322 section 3.4 with 4.4, RFC 5321
 * section 4.1.2).
 *
 * An address list is read one mailbox at a time. Comments, folding, quotes, groups and source
 * routes are parsed and removed; empty elements are skipped. The result is the wire form (RFC 5321
 * Mailbox) in `text`: the local part as a dot-atom, quoted only if it must be, and the domain in
 * A-labels (RFC 5890 section 2.3.2.1). A local part without a domain is a *bare* name. A local part
 * may be UTF-8 (RFC 6531 section 3.3). Linear time, no recursion.
 *
 * Refused with ERR_DATA, the text and the reason: whatever does not parse, control characters, a
 * mailbox that begins with '-' (a later program could take it for an option), octets that are not
 * UTF-8, and a mailbox too long for a command of 1,000 octets.
 */
#ifndef MAIL_ADDR_H
#define MAIL_ADDR_H

#include "base/buf.h"
#include "base/err.h"

enum {
	ADDR_MAX = 988,          /* octets of a wire form: with "RCPT TO:<>" and CRLF, 1,000 */
	ADDR_COMMENT_DEPTH = 64, /* nested comments */
};

struct addr {
	char text[ADDR_MAX + 1];
	size_t local_len;  /* octets of text before the '@'; all of text if bare */
	bool utf8;         /* the local part is not ASCII */
	struct str phrase; /* the display name as written; borrowed from the list's text */
	struct str whole;  /* the whole mailbox as written; borrowed too */
};

struct addr_list {
	struct str rest;
	bool in_group;
};

enum addr_got {
	ADDR_END, /* no more */
	ADDR_ONE, /* *ret holds the next mailbox */
	ADDR_BAD, /* *e says why; the rest of the list cannot be read */
};

/* Reads the next mailbox of the list; set only list->rest before the first call. */
enum addr_got addr_next(struct addr_list *list, struct addr *ret, struct err *e);
/* Reads exactly one mailbox, in any form that a list element may have. */
bool addr_one(struct str text, struct addr *ret, struct err *e);

bool addr_is_bare(const struct addr *a);
/* Adds the domain to a bare name. */
bool addr_set_domain(struct addr *a, struct str domain, struct err *e);
/* Appends a domain as A-labels; false, without a change, if no such name may be registered. */
bool addr_domain_to_ascii(struct str domain, struct buf *out);
struct str addr_domain(const char *wire); /* empty if bare */
/* Whether both are the same mailbox; only the domain's case is ignored (RFC 5321 section 2.4). */
bool addr_same(const char *wire_a, const char *wire_b);

/* Whether s is one or more atoms joined by single dots (RFC 5322 dot-atom-text). */
bool addr_is_dot_atom(struct str s);
/* Length of the encoded-word at the start of s (RFC 2047 section 2); 0 if there is none. */
size_t addr_encoded_word(struct str s);
/* Length of the quoted-string or comment at the start of s, ends included; 0 if it has no end. */
size_t addr_span(struct str s);
/*
 * Octets before the first of `wanted` that stands outside quoted-strings and comments; all if none
 * does. "(" is wanted where a comment begins. *may_span is true at first, and false once one has no
 * end: none is sought again behind it, so that a whole value takes linear time.
 */
size_t addr_outside(struct str s, const char *wanted, bool *may_span);
/* Whether s can be a display name as it is: words, encoded-words, quoted-strings (RFC 5322 phrase).
 */
bool addr_is_phrase(struct str s);
/* Appends s as a quoted-string (RFC 5322 section 3.2.4). */
void addr_quote(struct buf *out, struct str s);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * parties - whom a message is from and whom it goes to: arguments, header and account together.
 *
 * The sender is the one asked for, else the account's. Recipients are the arguments, and with -t
 * those of To, Cc and Bcc, or of the first block of Resent- fields (RFC 5322 section 3.6.6). A bare
 * name gets the account's `maildomain`; without one the account's own address stands for it. No
 * recipient at all is ERR_USAGE; an address in the header that does not parse is ERR_DATA and
 * names its field.
 */
#ifndef SUBMIT_PARTIES_H
#define SUBMIT_PARTIES_H

#include "mail/addr.h"
#include "mail/envelope.h"
#include "mail/header.h"

struct parties_terms {
	const char *sender;   /* as asked for; "" or "<>": the null sender; NULL: the account's */
	const char *from;     /* the account's own address, or NULL */
	const char *domain;   /* its maildomain, or NULL */
	const char *aliases;  /* its file of aliases, or NULL; not read in this version */
	bool read_recipients; /* -t */
	const char *const *recipients; /* as given */
	size_t count;
	const struct dsn_rcpt *asked; /* for each of them, or NULL */
};

struct parties {
	struct envelope env;
	bool utf8;          /* a local part is not ASCII */
	bool resent;        /* recipients came from Resent- fields: To and Cc are not theirs */
	struct envelope to; /* those whom a To field may name: never of Bcc alone */
};

bool parties_find(const struct parties_terms *terms, const struct header *h, struct parties *ret,
	struct err *e);
void parties_done(struct parties *p);

/* The first address of Resent-From, of the first block, else of From; false if there is none. */
bool parties_header_from(const struct header *h, struct addr *ret);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * build_envelope - whom a message is from and whom it goes to: arguments, header and account
 * together.
 *
 * The sender is the one asked for, else the account's. Recipients are the arguments, and with -t
 * those of To, Cc and Bcc, or of the first block of Resent- fields (RFC 5322 section 3.6.6). Names
 * without a domain and names at this host stand for whom their aliases say (submit/aliases_file).
 * What is bare then gets the account's `maildomain`; without one the account's own address stands
 * for it, and without that it is ERR_NOUSER. No recipient at all is ERR_USAGE; an address in the
 * header that does not parse is ERR_DATA and names its field. What is found borrows the options.
 */
#ifndef SUBMIT_BUILD_ENVELOPE_H
#define SUBMIT_BUILD_ENVELOPE_H

#include "mail/addr.h"
#include "mail/envelope.h"
#include "mail/header.h"
#include "submit/aliases_file.h"

struct build_envelope_options {
	const char *sender;   /* as asked for; "" or "<>": the null sender; NULL: the account's */
	const char *from;     /* the account's own address, or NULL */
	const char *domain;   /* its maildomain, or NULL */
	const char *aliases;  /* its file of aliases, or NULL */
	bool aliases_preset;  /* that one was not asked for */
	bool read_recipients; /* -t */
	const char *const *recipients; /* as given */
	size_t count;
	const struct dsn_rcpt *asked; /* for each of them, or NULL */
	/* Called for each recipient: as it was named, and its address; or NULL. */
	void (*told)(void *ctx, const char *asked, const char *address);
	void *ctx;
};

struct built_envelope {
	struct envelope env;
	bool utf8;          /* a local part is not ASCII */
	bool resent;        /* recipients came from Resent- fields: To and Cc are not theirs */
	struct envelope to; /* those whom a To field may name, before aliases: never of Bcc alone */
	struct envelope asked; /* names that were looked up */
	struct aliases_file aliases;
	const struct build_envelope_options *options;
	struct addr alias;
};

bool build_envelope(const struct build_envelope_options *options, const struct header *h,
	struct built_envelope *ret, struct err *e);
void built_envelope_done(struct built_envelope *p);

/*
 * Behind build_envelope(), for mail/header_rewrite: the one address that a name without a domain
 * stands for by its alias, whole; NULL: it has none, or stands for several. Good until the next
 * call.
 */
const char *built_envelope_alias(void *envelope, const char *name);

/* The first address of Resent-From, of the first block, else of From; false if there is none. */
bool header_from_address(const struct header *h, struct addr *ret);

#endif

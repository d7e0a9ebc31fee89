/* SPDX-License-Identifier: MIT */
/*
 * build_envelope - finds a message's sender and recipients from arguments, header and account.
 *
 * The sender is the one requested, otherwise the account's. Recipients are the arguments and, with
 * -t, those of To, Cc and Bcc, or of Resent- fields (RFC 5322 section 3.6.6): their first block
 * that names somebody.
 * Names without a domain and names at this host are replaced by their aliases, if they have any
 * (submit/aliases_file). An address that is still bare gets the account's `maildomain`; without
 * one it is replaced by the account's own address, and without that the error is ERR_NOUSER. No
 * recipient at all is ERR_USAGE; an address in the header that does not parse is ERR_DATA, and the
 * error names its field. The result borrows the options.
 */
#ifndef SUBMIT_BUILD_ENVELOPE_H
#define SUBMIT_BUILD_ENVELOPE_H

#include "mail/addr.h"
#include "mail/envelope.h"
#include "mail/header.h"
#include "os/host.h"
#include "submit/aliases_file.h"

struct build_envelope_options {
	const char *sender; /* as requested; "" or "<>": the null sender; NULL: the account's */
	const char *from;   /* the account's own address, or NULL */
	const char *domain; /* its maildomain, or NULL */
	const char *host;   /* as in struct addr_home; host_name of the same struct, or NULL */
	char host_name[HOST_NAME_OCTETS];
	const char *aliases;           /* its aliases file, or NULL */
	bool aliases_preset;           /* that path is the default, not configured by the user */
	bool read_recipients;          /* -t */
	const char *const *recipients; /* the arguments */
	size_t count;
	bool typed;    /* a person typed them: a word that only happens to be a name is a mistake */
	bool composed; /* so were the address fields */
	const struct dsn_rcpt *asked; /* DSN options for each argument, or NULL */
	/* Called for each recipient with its name as given, and its address. May be NULL. */
	void (*told)(void *ctx, const char *asked, const char *address);
	void *ctx;
};

struct built_envelope {
	struct envelope env;
	bool typed;         /* the recipients that are being added were typed */
	char *utf8;         /* whose local part is not ASCII: "recipient ..."; or NULL */
	bool resent;        /* recipients came from Resent- fields, so To and Cc do not name them */
	struct envelope to; /* recipients that a To field may show, before aliases; none of Bcc */
	struct envelope asked; /* names already looked up, so that each is expanded once */
	struct aliases_file aliases;
	const struct build_envelope_options *options;
	struct addr alias;
};

/* *ret must be all zero; free it with built_envelope_done(), also after a failure. */
bool build_envelope(const struct build_envelope_options *options, const struct header *h,
	struct built_envelope *ret, struct err *e);
void built_envelope_done(struct built_envelope *p);

/*
 * For mail/header_rewrite, after build_envelope(): the one complete address that the alias of a
 * bare name stands for; NULL if it has no alias, or stands for several. Valid until the next call.
 */
const char *built_envelope_alias(void *envelope, const char *name);

/* The first address of Resent-From, in the blocks that -t reads, or of From; false if none. */
bool header_from_address(const struct header *h, struct addr *ret);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * message - one message as it is sent: header, body, envelope and their properties.
 *
 * The header stays in memory and the body in a spool, so that a late change of the header touches
 * no temporary file. Together they are the canonical message (mail/body), which message_at() reads
 * as one text. The message owns everything in it. message_done() frees it, also if it is all zero.
 */
#ifndef SUBMIT_MESSAGE_H
#define SUBMIT_MESSAGE_H

#include "mail/envelope.h"
#include "mail/header.h"
#include "os/spool.h"

/* Octets of a header as sent; as read it has at most HEADER_MAX. */
enum { MESSAGE_HEADER_MAX = 2 * HEADER_MAX };

struct message {
	struct buf header; /* with the empty line that ends it */
	struct spool body;
	struct envelope env;
	bool eightbit;  /* it has octets above 127 */
	char *smtputf8; /* whose local part is not ASCII (RFC 6531): "recipient ..."; or NULL */
	char *faults;   /* what RFC 5322 forbids in the header (submit/header_faults); or NULL */
};

void message_init(struct message *m);
void message_done(struct message *m);
uint64_t message_size(const struct message *m);
/* Gives some octets from octet `at` on, none at the end; borrowed until the message changes. */
bool message_at(struct message *m, uint64_t at, struct str *ret, struct err *e);

#endif

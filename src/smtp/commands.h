/* SPDX-License-Identifier: MIT */
/*
 * commands - what a client says and waits for: names, times, grouping, and what a refusal means.
 *
 * One row a verb. Times are the least that RFC 5321 section 4.5.3.2 allows, but for QUIT, which no
 * one waits for. `may_be_followed`: other commands may stand behind it in one group before its
 * reply is in (RFC 2920 section 3.1). Policy stands apart from protocol here: refusal_kind() alone
 * decides what a 4yz or 5yz means, the same at every stage where the server gives an enhanced code.
 */
#ifndef SMTP_COMMANDS_H
#define SMTP_COMMANDS_H

#include "base/err.h"

enum verb {
	VERB_NONE,
	VERB_GREETING, /* nothing is sent; the first reply */
	VERB_EHLO,
	VERB_LHLO, /* RFC 2033 */
	VERB_HELO,
	VERB_STARTTLS,
	VERB_AUTH,
	VERB_MAIL,
	VERB_RCPT,
	VERB_DATA,
	VERB_MESSAGE, /* the message: its final dot, or BDAT LAST (RFC 3030) */
	VERB_RSET,
	VERB_ETRN, /* RFC 1985 */
	VERB_QUIT,
	VERB_COUNT
};

struct verb_row {
	const char *name; /* as in "no reply to NAME", "NAME was refused" */
	unsigned seconds; /* how long its reply may take */
	bool may_be_followed;
};

const struct verb_row *verb_row(enum verb v);

/*
 * The kind of error that a 4yz or 5yz to v is. 4yz is always temporary; 5yz never is. `after_size`:
 * SIZE was declared, so that 552 to MAIL is about the size.
 */
enum err_kind refusal_kind(enum verb v, int code, const char *enhanced, bool after_size);

#endif

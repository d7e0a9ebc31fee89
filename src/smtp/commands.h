/* SPDX-License-Identifier: MIT */
/*
 * commands - the commands of an SMTP client: names, times, grouping. One row a verb.
 *
 * Times are the least that RFC 5321 section 4.5.3.2 allows, except for QUIT, whose reply nobody
 * waits for. `may_be_followed`: other commands may stand behind it in one group before its reply
 * is in (RFC 2920 section 3.1). What a refusal of a command means is decided in smtp/refusal.
 */
#ifndef SMTP_COMMANDS_H
#define SMTP_COMMANDS_H

#include "base/attr.h"

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

#endif

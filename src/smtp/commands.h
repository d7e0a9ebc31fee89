/* SPDX-License-Identifier: MIT */
/*
 * commands - the commands of an SMTP client: names, times, grouping. One row for each verb.
 *
 * Times are the shortest that RFC 5321 section 4.5.3.2 allows, except for QUIT, whose reply is not
 * needed. `may_be_followed`: other commands may follow in the same group before its reply has come
 * (RFC 2920 section 3.1). smtp/refusal decides what a refusal of a command means.
 */
#ifndef SMTP_COMMANDS_H
#define SMTP_COMMANDS_H

#include "base/attr.h"

enum verb {
	VERB_NONE,
	VERB_GREETING, /* the first reply; no command precedes it */
	VERB_EHLO,
	VERB_LHLO, /* RFC 2033 */
	VERB_HELO,
	VERB_STARTTLS,
	VERB_AUTH,
	VERB_MAIL,
	VERB_RCPT,
	VERB_DATA,
	VERB_PROBE,   /* BDAT with the first line alone, not yet the last chunk */
	VERB_MESSAGE, /* the message: its final dot, or BDAT LAST (RFC 3030) */
	VERB_RSET,
	VERB_ETRN, /* RFC 1985 */
	VERB_QUIT,
	VERB_COUNT
};

struct verb_row {
	const char *name; /* as printed in "no reply to NAME" */
	unsigned seconds; /* how long its reply may take */
	bool may_be_followed;
};

const struct verb_row *verb_row(enum verb v);

#endif

/* SPDX-License-Identifier: MIT */
#include "smtp/commands.h"

static const struct verb_row rows[] = {
	[VERB_NONE] = { "the last command", 300, false },
	[VERB_GREETING] = { "greeting", 300, false },
	[VERB_EHLO] = { "EHLO", 300, false },
	[VERB_LHLO] = { "LHLO", 300, false },
	[VERB_HELO] = { "HELO", 300, false },
	[VERB_STARTTLS] = { "STARTTLS", 120, false },
	[VERB_AUTH] = { "AUTH", 300, false },
	[VERB_MAIL] = { "MAIL FROM", 300, true },
	[VERB_RCPT] = { "RCPT TO", 300, true },
	[VERB_DATA] = { "DATA", 120, false },
	[VERB_PROBE] = { "BDAT", 120, false },
	[VERB_MESSAGE] = { "the message", 600, false },
	[VERB_RSET] = { "RSET", 300, true },
	[VERB_ETRN] = { "ETRN", 300, false },
	[VERB_QUIT] = { "QUIT", 5, false },
};
_Static_assert(ARRAY_LEN(rows) == VERB_COUNT, "one row per verb");

const struct verb_row *verb_row(enum verb v)
{
	return &rows[v];
}

/* SPDX-License-Identifier: MIT */
/*
 * hint - what a person can do about a refusal, by the command that was refused and the code.
 *
 * One table, read from the top: an enhanced status (RFC 3463) says more than a code, a code with
 * its command more than a code alone. Where there is nothing to do but read the server's words,
 * there is no hint. The text is a constant, one line.
 */
#ifndef SMTP_HINT_H
#define SMTP_HINT_H

#include "base/err.h"
#include "smtp/commands.h"

/* NULL: none. enhanced: the server's, or "". */
const char *hint_for_refusal(enum verb v, int code, const char *enhanced);

#endif

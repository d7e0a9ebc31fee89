/* SPDX-License-Identifier: MIT */
/*
 * hint - what a person can do about a refusal, by the command that was refused and the code.
 *
 * One table, searched from the top: an enhanced status (RFC 3463) comes before a code, a code with
 * its command before a code alone. If there is nothing to do but read the server's words, there is
 * no hint. The text is a constant of one line.
 */
#ifndef SMTP_HINT_H
#define SMTP_HINT_H

#include "base/err.h"
#include "smtp/commands.h"

/* Returns the hint, or NULL if there is none. enhanced: the server's enhanced status, or "". */
const char *hint_for_refusal(enum verb v, int code, const char *enhanced);

#endif

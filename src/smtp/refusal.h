/* SPDX-License-Identifier: MIT */
/*
 * refusal - what a 4yz or 5yz reply means: the kind of error it is, and so the exit status.
 *
 * This is policy, kept apart from the protocol. A 4yz is always temporary and a 5yz never is. A
 * refusal of AUTH means that we lack permission. Otherwise the enhanced status (RFC 3463) decides,
 * in the same way for every command; without one the command and the code decide.
 */
#ifndef SMTP_REFUSAL_H
#define SMTP_REFUSAL_H

#include "base/err.h"
#include "smtp/commands.h"

/*
 * code: 400 to 599. enhanced: the server's enhanced status, or "". after_size: MAIL had SIZE, so
 * that 552 to MAIL means that the message is too large.
 */
enum err_kind refusal_kind(enum verb v, int code, const char *enhanced, bool after_size);
/* Whether the code itself says, after any command, that AUTH is due or failed (RFC 4954 section 6).
 */
bool refusal_is_about_auth(int code);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * refusal - what a 4yz or 5yz reply means: the kind of error it is, and so the exit status.
 *
 * Policy stands apart from protocol here. A 4yz is always temporary and a 5yz never is. A refusal
 * of AUTH is about our permission; otherwise the enhanced code (RFC 3463) decides, the same at
 * every stage, and without one the command and the code do.
 */
#ifndef SMTP_REFUSAL_H
#define SMTP_REFUSAL_H

#include "base/err.h"
#include "smtp/commands.h"

/*
 * code: 400 to 599. enhanced: the server's, or "". after_size: SIZE was declared, so that 552 to
 * MAIL is about the size.
 */
enum err_kind refusal_kind(enum verb v, int code, const char *enhanced, bool after_size);

#endif

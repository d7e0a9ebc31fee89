/* SPDX-License-Identifier: MIT */
/*
 * print - what people read: messages on standard error, and requested output on standard output.
 *
 * A failure takes at most three lines: what failed, the server's words, and the hint. One line more
 * is printed for each refused recipient, up to PRINT_RECIPIENTS of them; the rest are counted. At a
 * terminal what is longer is folded (ui/fold), but for the conversation. A standard error that is
 * closed or full changes nothing.
 */
#ifndef UI_PRINT_H
#define UI_PRINT_H

#include "mail/envelope.h"
#include "session/session.h"

enum {
	PRINT_RECIPIENTS = 20,
	PRINT_OUT_MAX = 256 << 20, /* octets of what is made for standard output */
};

/*
 * program: how we were called; verbose: from 1 on notes and the conversation too, from 2 on all
 * details. May be called again: what
 * was warned of before is shown when verbose begins.
 */
void print_init(const char *program, unsigned verbose);
/* Prints nothing on standard error from here on, unless verbose. */
void print_quiet(void);

void print_error(const struct err *e);
/* Prints each refused recipient of env, except one that the error `told` is about. */
void print_refusals(const struct envelope *env, const struct err *told);
/* Prints each recipient of env who has the message. */
void print_holders(const struct envelope *env);
/* All warnings so far, joined by "; "; "" if there were none. */
const char *print_warnings(void);
/* Forgets them, because the next message has warnings of its own. */
void print_forget_warnings(void);
/* Prints an error that was reported elsewhere too: only if verbose, or if `always` is set. */
void print_seen(const struct err *e, bool always);
/* Prints whole lines on standard error that would go to standard output if it were free. */
void print_aside(struct str lines);
void print_note(const char *fmt, ...) ATTR_PRINTF(1, 2);
/*
 * Standard output. False when it cannot be written (ERR_IO), or when the buffer had no room for
 * all: then nothing is printed, since a part would pass for the whole (ERR_TEMPORARY).
 */
bool print_out(const struct buf *out, struct err *e);

/* An observer that prints the conversation if verbose, and the progress (ui/progress). */
struct session_watch print_watch(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * print - prints messages for people on standard error, and requested output on standard output.
 *
 * A failure takes at most three lines: what failed, the server's words, and the hint. One more line
 * is printed for each refused recipient, up to PRINT_RECIPIENTS; the rest are counted. At a
 * terminal long lines are folded (ui/fold), except the conversation. If standard error is closed or
 * full, nothing else changes.
 */
#ifndef UI_PRINT_H
#define UI_PRINT_H

#include "mail/envelope.h"
#include "session/session.h"

enum {
	PRINT_RECIPIENTS = 20,
	PRINT_OUT_MAX = 256 << 20, /* octets of output for standard output */
};

/*
 * program: the name we were called by. verbose: from 1 on notes and the conversation are printed
 * too, from 2 on all details. It may be called again: if verbose begins then, earlier warnings that
 * were not printed are printed.
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
/* Prints a line of its own, at a terminal or not. */
void print_line(const char *fmt, ...) ATTR_PRINTF(1, 2);
/* Prints a warning that was asked for, at a terminal or not. */
void print_warning(const char *fmt, ...) ATTR_PRINTF(1, 2);
/*
 * Prints out on standard output. False with ERR_IO if that fails; with ERR_TEMPORARY if out has
 * overflowed: then nothing is printed, because a part could be taken for the whole.
 */
bool print_out(const struct buf *out, struct err *e);

/* An observer that prints the conversation if verbose, and the progress (ui/progress). */
struct session_watch print_watch(void);

#endif

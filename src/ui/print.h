/* SPDX-License-Identifier: MIT */
/*
 * print - what people read: standard error, and what was asked for on standard output.
 *
 * A failure is at most three lines: what, the server's words, the hint; and one more for each
 * refused recipient, of which at most PRINT_RECIPIENTS are shown and the rest counted. At a
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
/* From here on nothing goes to standard error, unless verbose. */
void print_quiet(void);

void print_error(const struct err *e);
/* Everyone in env who was refused, unless that is the one that the error told of already. */
void print_refusals(const struct envelope *env, const struct err *told);
/* Everyone in env who has the message. */
void print_holders(const struct envelope *env);
/* The warnings there were so far, "; " between; "" for none. */
const char *print_warnings(void);
/* They were told: the next message has its own. */
void print_forget_warnings(void);
/* An error of which someone else was told: shown when verbose, or if nobody was told all. */
void print_seen(const struct err *e, bool always);
/* Whole lines that were meant for standard output, which has another use: standard error. */
void print_aside(struct str lines);
void print_note(const char *fmt, ...) ATTR_PRINTF(1, 2);
/*
 * Standard output. False when it cannot be written (ERR_IO), or when the buffer had no room for
 * all: then nothing is printed, since a part would pass for the whole (ERR_TEMPORARY).
 */
bool print_out(const struct buf *out, struct err *e);

/* Shows the conversation when verbose, and how far the message has got (ui/progress). */
struct session_watch print_watch(void);

#endif

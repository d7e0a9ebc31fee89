/* SPDX-License-Identifier: MIT */
/*
 * progress - one line at the terminal that says how far a large or slow message has got.
 *
 * It is there only while it has something to say, and gone before anything else is written: a
 * message of PROGRESS_LARGE octets after PROGRESS_SOON milliseconds, anything else that takes
 * PROGRESS_SLOW. The line never wraps: it has the width that the terminal has at that moment, or
 * PROGRESS_COLUMNS where that is not known. In a background job nothing is drawn.
 */
#ifndef UI_PROGRESS_H
#define UI_PROGRESS_H

#include "conf/cli.h"
#include "session/session.h"

enum {
	PROGRESS_LARGE = 1 << 20,
	PROGRESS_SOON = 500,
	PROGRESS_SLOW = 2000,
	PROGRESS_DRAW = 200, /* milliseconds from one line to the next */
	PROGRESS_COLUMNS = 40,
};

/* on: wherever standard error is, and from the start; auto: where it is a terminal. */
void progress_init(enum cli_progress when);
/* Is the progress shown at all? */
bool progress_is_wanted(void);
/* So much of the message was read. */
void progress_read(uint64_t octets);
/* What the session does; and, while it does that, how much of the message has left. */
void progress_step(enum session_step step);
void progress_moved(uint64_t sent, uint64_t size);
/* Takes the line away; a later one may come. */
void progress_hide(void);

#endif

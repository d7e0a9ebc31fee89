/* SPDX-License-Identifier: MIT */
/*
 * progress - shows the progress of a large or slow message in one line at the terminal.
 *
 * The line appears after PROGRESS_SOON milliseconds for a message of PROGRESS_LARGE octets, and
 * after PROGRESS_SLOW otherwise. It is removed before anything else is printed. The line never
 * wraps: it fits the terminal's current width, or PROGRESS_COLUMNS if that is unknown. A background
 * job draws nothing.
 */
#ifndef UI_PROGRESS_H
#define UI_PROGRESS_H

#include "conf/cli.h"
#include "session/session.h"

enum {
	PROGRESS_LARGE = 1 << 20,
	PROGRESS_SOON = 500,
	PROGRESS_SLOW = 2000,
	PROGRESS_DRAW = 200, /* milliseconds between redraws */
	PROGRESS_COLUMNS = 40,
};

/* on: show it from the start, wherever standard error goes; auto: only at a terminal. */
void progress_init(enum cli_progress when);
/* Whether progress is shown at all. */
bool progress_is_wanted(void);
/* Reports how many octets of the message were read. */
void progress_read(uint64_t octets);
/* Report the session's step, and how much of the message has left during that step. */
void progress_step(enum session_step step);
void progress_moved(uint64_t sent, uint64_t size);
/* Removes the line; a later one may appear. */
void progress_hide(void);

#endif

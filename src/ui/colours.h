/* SPDX-License-Identifier: MIT */
/*
 * colours - the colours of what is printed on standard error, at a terminal that has them.
 *
 * There are none in files and pipes, where TERM is unset or "dumb", and where NO_COLOR is set
 * (no-color.org).
 */
#ifndef UI_COLOURS_H
#define UI_COLOURS_H

enum colour {
	COLOUR_PLAIN,
	COLOUR_BAD,
	COLOUR_WARN,
	COLOUR_GOOD,
	COLOUR_HINT,
	COLOUR_OURS,   /* what we say to the server */
	COLOUR_THEIRS, /* what it says */
	COLOUR_FAINT
};

/* Finds out whether the terminal is to have colours; until then there are none. */
void colours_init(void);
/* The sequence that switches to the colour (ECMA-48 SGR); "" without colours. */
const char *colour(enum colour c);

#endif

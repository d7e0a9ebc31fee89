/* SPDX-License-Identifier: MIT */
#include "ui/colours.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_coloured;

void colours_init(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	is_coloured = isatty(STDERR_FILENO) && !(no && no[0]) && term && term[0] &&
		      strcmp(term, "dumb") != 0;
}

const char *colour(enum colour c)
{
	static const char *const sequences[] = {
		[COLOUR_PLAIN] = "\x1b[0m",
		[COLOUR_BAD] = "\x1b[31m",
		[COLOUR_WARN] = "\x1b[33m",
		[COLOUR_GOOD] = "\x1b[32m",
		[COLOUR_HINT] = "\x1b[36m",
		[COLOUR_OURS] = "\x1b[34m",
		[COLOUR_THEIRS] = "\x1b[35m",
		[COLOUR_FAINT] = "\x1b[2m",
	};

	return is_coloured ? sequences[c] : "";
}

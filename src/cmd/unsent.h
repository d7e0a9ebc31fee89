/* SPDX-License-Identifier: MIT */
/*
 * unsent - keeps what a person has typed and no server has taken, in a file that only they can
 * read.
 *
 * The file is ~/.local/state/postrider/unsent-TIME, or below XDG_STATE_HOME. Nothing is kept after
 * Ctrl-C, which says that the text is not wanted, and where no folder of ours alone can be made.
 */
#ifndef CMD_UNSENT_H
#define CMD_UNSENT_H

#include "submit/outcome.h"

struct unsent {
	struct buf typed; /* what came from a terminal, as it came */
	char *folder;     /* NULL: nothing was typed, or there is no such folder */
};

/* *u is empty then, and gets what is typed in u->typed. Release it with unsent_done(). */
void unsent_init(struct unsent *u);
void unsent_done(struct unsent *u);
/* Makes the folder if something was typed: call it while rights for that are still there. */
void unsent_prepare(struct unsent *u);
/*
 * Keeps the text, unless the message was accepted, and names the file on standard error. Call it
 * when the outcome is known, before rights for the folder are given up.
 */
void unsent_keep(const struct unsent *u, enum disposition disposition);

#endif

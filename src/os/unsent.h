/* SPDX-License-Identifier: MIT */
/*
 * unsent - keeps what a person has typed and nobody has taken, in a file that only they can read.
 */
#ifndef OS_UNSENT_H
#define OS_UNSENT_H

#include "base/err.h"

/* Makes the folder, and those above it that are missing; false if there is none of ours alone. */
bool unsent_prepare(const char *folder);
/*
 * Writes the text into a new file of the folder, "unsent-" and the time, mode 0600. Returns its
 * path, which the caller frees; NULL with *e if that is not possible.
 */
char *unsent_keep(const char *folder, struct str text, struct err *e);

#endif

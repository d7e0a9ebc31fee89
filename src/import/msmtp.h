/* SPDX-License-Identifier: MIT */
/*
 * msmtp - rewrites msmtp's configuration in our own form.
 *
 * The grammar is the same (conf/rcfile), so lines, comments and their order stay. Old names become
 * the current ones. If msmtp's default differs from ours, each account sets it. A line with an
 * error becomes a comment that names the error.
 */
#ifndef IMPORT_MSMTP_H
#define IMPORT_MSMTP_H

#include "import/converted.h"

/* Whether it is a line of msmtp's configuration, or of ours. */
bool msmtp_knows(struct str line);
void msmtp_read(struct converted *d);

#endif

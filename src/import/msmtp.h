/* SPDX-License-Identifier: MIT */
/*
 * msmtp - rewrites msmtp's configuration in our own form.
 *
 * The grammar is the same (conf/rcfile), so lines, comments and their order stay. Old names become
 * those of today, each account says what its default was where ours is another, and a line with a
 * problem becomes a comment that says which.
 */
#ifndef IMPORT_MSMTP_H
#define IMPORT_MSMTP_H

#include "import/converted.h"

/* Is it a line of a configuration of msmtp's, or of ours? */
bool msmtp_knows(struct str line);
void msmtp_read(struct converted *d);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * config_files - where configuration files are, and the accounts in them.
 *
 * They are read once, by config_load(). What is wrong with them is kept and is the answer to every
 * later question, so that a file which was refused is never used for a second message.
 *
 * Files: the one named with -C; else the first that exists of $XDG_CONFIG_HOME/postrider/config,
 * ~/.msmtprc, $XDG_CONFIG_HOME/msmtp/config; and under it /etc/postrider/config, else /etc/msmtprc.
 * A file of our own that exists and cannot be read is an error, and so is one with secrets that
 * others may read. A system file that cannot be read is skipped, and named if no account is
 * found. An account of the system's file whose name is also in our own file is not seen.
 */
#ifndef CONF_CONFIG_FILES_H
#define CONF_CONFIG_FILES_H

#include "conf/rcfile.h"

enum { CONFIG_FILES_FILES = 2 };

struct config_files {
	struct rcfile files[CONFIG_FILES_FILES]; /* ours first */
	size_t count;
	const char *named; /* the file of -C, borrowed; or NULL */
	struct buf looked; /* where, and what was there: for an error's text */
	bool loaded, failed;
	struct err failure; /* why it failed */
};

/* files: zeroed before the first call, which alone reads anything. named: the file of -C, or NULL.
 */
bool config_load(struct config_files *files, const char *named, struct err *e);
void config_files_done(struct config_files *s);

/* The accounts in order; begin with a cursor of zeroes. False behind the last. */
struct config_files_cursor {
	size_t file, block; /* the next one */
	struct rcfile *rc;
	struct rcblock *found;
};

bool config_files_next(struct config_files *s, struct config_files_cursor *cursor);

/* $VARIABLE/rest, else ~/home_part followed by rest; NULL: there is no home folder. Yours. */
char *config_files_below(const char *variable, const char *home_part, const char *rest);

/* The folder for what makes a later run faster; NULL as above. Yours. */
char *config_files_cache_folder(void);

/* Do msmtp's defaults hold in a file of this name? */
bool config_files_is_msmtp(const char *path);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * config_files - finds the configuration files, and lists the accounts in them.
 *
 * config_load() reads the files, once. If it fails, it keeps the error and returns it from every
 * later call, so that a refused file is not used for a second message either.
 *
 * The user's file is the one named with -C, or else the first that exists of
 * $XDG_CONFIG_HOME/postrider/config, ~/.msmtprc, $XDG_CONFIG_HOME/msmtp/config. The system's file,
 * /etc/postrider/config or else /etc/msmtprc, is read in addition. A user's file that exists but
 * cannot be read is an error, and so is one with secrets that others may read. A system file that
 * cannot be read, or that others can change, is skipped with a warning, and reported if no account
 * is found. An account in the system's file
 * is hidden by one of the same name in the user's.
 */
#ifndef CONF_CONFIG_FILES_H
#define CONF_CONFIG_FILES_H

#include "conf/rcfile.h"

enum { CONFIG_FILES_FILES = 2 };

struct config_files {
	struct rcfile files[CONFIG_FILES_FILES]; /* the user's first */
	size_t count;
	const char *named; /* the file of -C, borrowed; or NULL */
	struct buf looked; /* for the text of an error: the paths tried, and what was found */
	bool loaded, failed;
	struct err failure; /* why it failed */
	struct err closed;  /* why a system file was skipped; ERR_NONE: none was */
};

/* files: all zero before the first call; only that call reads. named: the file of -C, or NULL. */
bool config_load(struct config_files *files, const char *named, struct err *e);
void config_files_done(struct config_files *s);

/* A position in the list of accounts; all zero is the beginning. */
struct config_files_cursor {
	size_t file, block; /* of the next account */
	struct rcfile *rc;
	struct rcblock *found;
};

/* Goes to the next account, cursor->found in cursor->rc; false after the last. */
bool config_files_next(struct config_files *s, struct config_files_cursor *cursor);

/* $VARIABLE/rest, or else ~/home_part/rest; NULL if there is no home folder. The caller frees. */
char *config_files_below(const char *variable, const char *home_part, const char *rest);

/* The folder for caches; NULL if there is no home folder. The caller frees. */
char *config_files_cache_folder(void);

/* Whether msmtp's defaults apply in a file of this name. */
bool config_files_is_msmtp(const char *path);

#endif

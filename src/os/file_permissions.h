/* SPDX-License-Identifier: MIT */
/*
 * file_permissions - who may read and change a file, and what to do when it is the wrong people.
 *
 * A file with commands or secrets is used only if nobody but we and root can change it; one with a
 * secret of ours only if nobody else has any right to it.
 */
#ifndef OS_FILE_PERMISSIONS_H
#define OS_FILE_PERMISSIONS_H

#include "base/err.h"

struct file_facts {
	bool stranger; /* it belongs neither to us nor to root */
	bool writable; /* group or others can change it */
	bool missing;  /* there is no such file, or no way to it (os/file) */
	bool mine;     /* owned by our uid, which is not root's */
	bool shared;   /* group or others have any right */
	unsigned mode; /* permission bits */
};

/* Adds to *ret what is known of an open file. */
void file_permissions_get(int fd, struct file_facts *ret);

/*
 * Whether the file can be trusted: only we and root may be able to change it. With `secret`, if it
 * is ours and not root's, others must have no right to it at all. Otherwise ERR_CONFIG, with the
 * command that repairs it. A secret of root's that everybody can read is a warning with that
 * command.
 */
bool file_permissions_check(
	const char *path, const struct file_facts *facts, bool secret, struct err *e);

/* We may not read the file: the hint says whose it is, and how root gives us the right. */
void file_permissions_hint(const char *path, struct err *e);

#endif

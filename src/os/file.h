/* SPDX-License-Identifier: MIT */
/*
 * file - open what may be trusted, read it whole, know who may see it.
 *
 * Descriptors are close-on-exec. Errors name the path and the system's words.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include "base/buf.h"
#include "base/err.h"

enum { FILE_FIFO_SECONDS = 120 };

struct file_facts {
	bool stranger; /* it belongs neither to us nor to root */
	bool writable; /* group or others can change it */
	bool missing;  /* there is no such file */
	bool mine;     /* owned by our uid, which is not root's */
	bool shared;   /* group or others have any right */
	unsigned mode; /* permission bits */
};

/*
 * Puts descriptors 0-2 that are closed on /dev/null, so that no socket ever becomes one of them.
 * For writing only: a standard input that was not there is an error to who reads it, not empty.
 */
void file_secure_std(void);

/* Is there anything of that name? */
bool file_is_there(const char *path);

/*
 * Reads a regular file (or FIFO, whose writer has FILE_FIFO_SECONDS) whole into out. A file that is
 * missing, or whose folder is closed to us, is false with facts->missing.
 */
bool file_read(const char *path, struct buf *out, struct file_facts *ret, struct err *e);

/* The same for a setting that names the file: whatever is wrong is ERR_CONFIG, "setting path: why".
 */
bool file_read_for(const char *setting, const char *path, struct buf *out, struct file_facts *ret,
	struct err *e);

/*
 * May the file be trusted? Only we and root may be able to change it. With `secret`, and if it is
 * ours and not root's, others may have no right to it at all. Otherwise ERR_CONFIG, with the
 * command that mends it.
 */
bool file_check_rights(
	const char *path, const struct file_facts *facts, bool secret, struct err *e);

/* Opens for reading, close-on-exec; -1 with *e on failure. */
int file_open(const char *path, struct err *e);
/*
 * The same for what a person named as something to send: a FIFO whose writer is waited for without
 * a deadline, "-" for standard input (a descriptor of its own). A folder is refused with a hint.
 */
int file_open_input(const char *path, struct err *e);
/* Could that be opened, as far as one knows without opening it? Same errors. */
bool file_check_input(const char *path, struct err *e);
/* Reads some octets; 0 at the end. EINTR is handled. */
bool file_read_some(int fd, char *to, size_t size, size_t *ret_n, struct err *e);
/* The same at a place of the file; *n: how much is wanted, then how much there was. */
bool file_read_at(int fd, uint64_t at, char *to, size_t *n, struct err *e);
bool file_write_all(int fd, struct str bytes, struct err *e);
/* The same to someone who may not read: ERR_TIMEOUT when nothing was taken for so many seconds. */
bool file_write_within(int fd, struct str bytes, unsigned seconds, struct err *e);
/* For CLEAN_UP: closes a descriptor of ours. 0 and -1 are none (see file_secure_std()). */
void file_close_at(int *fd);

#endif

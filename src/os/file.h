/* SPDX-License-Identifier: MIT */
/*
 * file - opens, reads and writes files.
 *
 * Descriptors are close-on-exec. Errors name the path and the system's words.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "os/file_permissions.h"

enum { FILE_FIFO_SECONDS = 120 };

/*
 * Opens /dev/null on closed descriptors 0-2, so that no socket ever becomes one of them. For
 * writing only: reading a standard input that was closed is an error, not an empty input.
 */
void file_secure_std(void);

/* Whether anything of that name exists. */
bool file_is_there(const char *path);

/*
 * Reads a regular file (or FIFO, whose writer has FILE_FIFO_SECONDS) whole into out; a device is an
 * error, but /dev/null is empty. A file that is missing, or whose folder is closed to us, is false
 * with facts->missing. If we may not read it, the hint says whose it is, and how we get the right.
 */
bool file_read(const char *path, struct buf *out, struct file_facts *ret, struct err *e);

/* As file_read(), for a setting that names the file: errors are ERR_CONFIG, "setting path: why". */
bool file_read_for(const char *setting, const char *path, struct buf *out, struct file_facts *ret,
	struct err *e);

/* Opens for reading, close-on-exec; -1 with *e on failure. */
int file_open(const char *path, struct err *e);
/*
 * Opens a file that the user named to be sent. It may be a FIFO, whose writer is awaited without a
 * deadline, or "-" for standard input (returns a new descriptor). A folder is refused with a hint.
 */
int file_open_input(const char *path, struct err *e);
/* Whether file_open_input() could open it, as far as known without opening; same errors. */
bool file_check_input(const char *path, struct err *e);
/* The same for a file that is attached: a device is refused too, which may have no end. */
bool file_check_attachment(const char *path, struct err *e);
/*
 * The size of a regular file. False for what has no size before it is read: a FIFO, or a file that
 * the kernel makes up.
 */
bool file_size(int fd, uint64_t *ret);
/* Reads some octets; 0 at the end. EINTR is handled. */
bool file_read_some(int fd, char *to, size_t size, size_t *ret_n, struct err *e);
/* Reads at an offset. *n: how many octets to read, and after the call how many were read. */
bool file_read_at(int fd, uint64_t at, char *to, size_t *n, struct err *e);
bool file_write_all(int fd, struct str bytes, struct err *e);
/* Writes all; ERR_TIMEOUT if the reader takes nothing for that many seconds. */
bool file_write_within(int fd, struct str bytes, unsigned seconds, struct err *e);
/* For CLEAN_UP: closes a descriptor. 0 and -1 mean none (see file_secure_std()). */
void file_close_at(int *fd);

#endif

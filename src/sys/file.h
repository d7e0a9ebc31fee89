/* SPDX-License-Identifier: MIT */
/*
 * file - open what may be trusted, read it whole, know who may see it.
 *
 * Descriptors are close-on-exec. Errors name the path and the system's words.
 */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include "base/buf.h"
#include "base/err.h"

struct file_facts {
	bool foreign;  /* others can change it: by its owner or its mode */
	bool missing;  /* there is no such file */
	bool mine;     /* owned by our uid, which is not root's */
	bool shared;   /* group or others have any right */
	unsigned mode; /* permission bits */
};

/* Puts descriptors 0-2 that are closed on /dev/null, so that no socket ever becomes one of them. */
void file_secure_std(void);

/*
 * Reads a regular file (or FIFO) whole into out. A file that is missing, or whose folder is closed
 * to us, is false with facts->missing.
 */
bool file_read(const char *path, struct buf *out, struct file_facts *ret, struct err *e);

/* Opens for reading, close-on-exec; -1 with *e on failure. */
int file_open(const char *path, struct err *e);
/* Reads some octets; 0 at the end. EINTR is handled. */
bool file_read_some(int fd, char *to, size_t size, size_t *ret_n, struct err *e);
/* The same at a place of the file; *n: how much is wanted, then how much there was. */
bool file_read_at(int fd, uint64_t at, char *to, size_t *n, struct err *e);
bool file_write_all(int fd, struct str bytes, struct err *e);
/* For CLEAN_UP: closes the descriptor unless it is -1. */
void file_close_at(int *fd);

#endif

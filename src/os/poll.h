/* SPDX-License-Identifier: MIT */
/*
 * poll - the one poll(): descriptors and a deadline.
 *
 * Every wait for a machine goes through here, so that every wait ends: at its deadline, or with
 * ERR_INTERRUPTED at a signal that ends the run (os/interrupt). Other signals change nothing.
 */
#ifndef OS_POLL_H
#define OS_POLL_H

#include "base/clock.h"
#include "base/err.h"

enum wait_for { POLL_READ = 1, POLL_WRITE = 2 };

/*
 * Waits until fd can be read or written (a failed one counts as both) or the deadline has passed.
 * *ret_ready: what is possible; 0 after the deadline. False if the system call failed, or at a
 * signal that ends the run.
 */
bool poll_fd(int fd, unsigned want, deadline until, unsigned *ret_ready, struct err *e);

enum { POLL_MOST = 64 };

/* As poll_fd(), for the first of at most POLL_MOST; `ready` of each is as *ret_ready. */
struct poll_one {
	int fd;
	unsigned want, ready;
};
bool poll_any(struct poll_one *ones, size_t count, deadline until, struct err *e);

#endif

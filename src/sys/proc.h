/* SPDX-License-Identifier: MIT */
/*
 * proc - run a helper: a shell command whose first line of output is wanted.
 *
 * The helper gets /dev/null as standard input (it can never eat the message), our environment,
 * default signals, and no other descriptor of ours. Its standard error is ours if that is a
 * terminal; else it is a file, and the first octets of what it says there are told as such when it
 * has failed (base/log), and are notes when it has not. It stays in our process group: so it may
 * ask at our terminal, and what is typed to end us ends it too. Its exit status counts: 75 is a
 * temporary failure, any other than 0 a configuration error (ERR_CONFIG); so are no output, a NUL,
 * and more than the limit of ret. Nothing of what it printed is ever in an error text.
 *
 * It has a deadline. When that passes, or its first line has no end, it is killed together with all
 * that it started, daemons too (we adopt the orphans: PR_SET_CHILD_SUBREAPER), and the terminal's
 * settings are as before. A helper that ends by itself may leave others behind, such as an agent.
 */
#ifndef SYS_PROC_H
#define SYS_PROC_H

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

/* The first line of output, without its line end. */
bool proc_first_line(const char *command, deadline until, struct secret *ret, struct err *e);

/*
 * Were we given rights that our caller has not (set-user-ID, set-group-ID)? Then all that it chose,
 * environment, files and arguments, must not be acted on.
 */
bool proc_has_more_rights(void);

/* No core dump and no tracer of the same user from here on: secrets are in memory. */
void proc_guard_memory(void);

#endif

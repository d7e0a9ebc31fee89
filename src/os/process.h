/* SPDX-License-Identifier: MIT */
/*
 * process - run a helper: a shell command whose first line of output is wanted; or any other
 * command.
 *
 * The helper gets /dev/null as standard input (it can never eat the message), our environment,
 * default signals, and no other descriptor of ours. Its standard error is ours if that is a
 * terminal; else it is a file, and its first octets are reported as the words of the command when
 * it has failed (base/log), and are notes when it has not. It stays in our process group: so it may
 * ask at our terminal, and what is typed to end us ends it too. Its exit status counts: 75 is a
 * temporary failure, any other than 0 a configuration error (ERR_CONFIG); so are no output, a NUL,
 * and more than the limit of ret. Nothing of what it printed is ever in an error text.
 *
 * It has a deadline. When that passes, or its first line has no end, it is killed together with all
 * that it started, daemons too (we adopt the orphans: PR_SET_CHILD_SUBREAPER), and the terminal's
 * settings are as before. A helper that ends by itself may leave others behind, such as an agent.
 */
#ifndef OS_PROCESS_H
#define OS_PROCESS_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <sys/types.h>

/* The first line of output, without its line end. */
bool process_first_line(const char *command, deadline until, struct secret *ret, struct err *e);

enum { PROCESS_WORDS_MAX = 16384 }; /* octets of standard error that are kept */

/*
 * A command that runs, for callers that need more than a line. All of the above holds for it too,
 * except that the caller chooses its standard input and output.
 */
struct process_child {
	pid_t pid;
	int end;    /* a descriptor that can be read when it has ended, 0: none */
	int words;  /* its standard error, kept back; 0: it has ours */
	bool ended; /* then status is as waitpid() has it */
	int status;
};

/* in: -1 is /dev/null. In every case *ret is to be released with process_child_done(). */
bool process_start(const char *command, int in, int out, struct process_child *ret, struct err *e);
/* Has it ended, or does it before the deadline? */
bool process_await(struct process_child *c, deadline until);
/* Kills it, and all that it started. */
void process_kill(struct process_child *c);
/* What it said on its standard error, if that was kept. */
void process_words(const struct process_child *c, struct buf *ret);
/* Reports them on standard error; if `good`, only as notes. */
void process_tell_words(const struct process_child *c, bool good);
void process_child_done(struct process_child *c);

/*
 * Do we have rights that our caller does not have (set-user-ID, set-group-ID)? Then its
 * environment, files and arguments must not be acted on.
 */
bool process_has_more_rights(void);

/* No core dump and no tracer of the same user from here on: secrets are in memory. */
void process_guard_memory(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * process - runs a helper: a shell command whose first line of output we need, or any other
 * command.
 *
 * The helper gets /dev/null as standard input (so it cannot consume the message), our environment,
 * default signals, and no other descriptor of ours. Its standard error is ours if that is a
 * terminal; otherwise it is a file, whose first octets are logged (base/log): as the command's
 * words if it failed, else as notes. The helper stays in our process group, so it may ask at our
 * terminal, and keys that end us end it too. Exit status 75 is a temporary failure, any other
 * except 0 a configuration error (ERR_CONFIG); so are no output, a NUL, and output beyond the limit
 * of ret. Its output is never part of an error text.
 *
 * The helper has a deadline. When that passes, or if its first line does not end, it is killed with
 * all that it started, daemons too (we adopt orphans: PR_SET_CHILD_SUBREAPER), and the terminal's
 * settings are restored. A helper that ends by itself may leave others behind, such as an agent.
 */
#ifndef OS_PROCESS_H
#define OS_PROCESS_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <sys/types.h>

/* Runs the command and gives the first line of its output, without the line end. */
bool process_first_line(const char *command, deadline until, struct secret *ret, struct err *e);

enum { PROCESS_WORDS_MAX = 16384 }; /* octets of standard error that are kept */

/*
 * A running command, for callers that need more than a line. All of the above applies, except that
 * the caller chooses its standard input and output.
 */
struct process_child {
	pid_t pid;
	int end;    /* a descriptor that can be read when it has ended, 0: none */
	int words;  /* its standard error, kept back; 0: it has ours */
	bool ended; /* then status is as waitpid() has it */
	int status;
};

/* in: -1 means /dev/null. Release *ret with process_child_done(), also after a failure. */
bool process_start(const char *command, int in, int out, struct process_child *ret, struct err *e);
/* Waits until it has ended; false if the deadline passes before. */
bool process_await(struct process_child *c, deadline until);
/* Kills it, and all that it started. */
void process_kill(struct process_child *c);
/* Appends its output on standard error, if that was kept. */
void process_words(const struct process_child *c, struct buf *ret);
/* Logs that output, which is printed unless `good`: then it is only notes. */
void process_tell_words(const struct process_child *c, bool good);
void process_child_done(struct process_child *c);

/*
 * Whether we have rights that our caller lacks (set-user-ID, set-group-ID). Then we must not act on
 * its environment, files and arguments.
 */
bool process_has_more_rights(void);

/* Forbids core dumps and tracers of the same user, because secrets are in memory from here on. */
void process_guard_memory(void);

#endif

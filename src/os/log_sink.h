/* SPDX-License-Identifier: MIT */
/*
 * log_sink - one line for a log: appended to a file, or handed to syslog.
 *
 * A file is made 0600 if it is not there, and must be a regular file with one name: no link that
 * someone else laid, no FIFO, no device. The line is one write(), so lines of programs that share
 * the file stay whole. Text is the caller's to make printable.
 */
#ifndef OS_LOG_SINK_H
#define OS_LOG_SINK_H

#include "base/err.h"

/* The file, open for log_sink_append(); the caller's to close. -1 with *e on failure. */
int log_sink_open(const char *path, struct err *e);
/* line ends in '\n'. */
bool log_sink_append(int fd, struct str line, struct err *e);

/* Is this the name of a facility: LOG_MAIL, LOG_USER, LOG_DAEMON, LOG_LOCAL0 to LOG_LOCAL7? */
bool log_sink_knows(const char *facility);
/*
 * facility: one that is known. failure: the priority is "error", else "information". Whoever reads
 * the log is waited for a second at most.
 */
bool log_sink_syslog(const char *facility, bool failure, const char *text, struct err *e);

#endif

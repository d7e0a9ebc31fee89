/* SPDX-License-Identifier: MIT */
/*
 * log_sink - writes a line to a log: appends it to a file, or sends it to syslog.
 *
 * A missing file is made with mode 0600. A file must be regular and have one name: no link made by
 * someone else, no FIFO, no device. The line is one write(), so lines of programs that share the
 * file stay whole. The caller must make the text printable.
 */
#ifndef OS_LOG_SINK_H
#define OS_LOG_SINK_H

#include "base/err.h"

/* Opens the file for log_sink_append(); the caller closes it. -1 with *e on failure. */
int log_sink_open(const char *path, struct err *e);
/* line ends in '\n'. */
bool log_sink_append(int fd, struct str line, struct err *e);

/* Whether it is a facility: LOG_MAIL, LOG_USER, LOG_DAEMON, LOG_LOCAL0 to LOG_LOCAL7. */
bool log_sink_knows(const char *facility);
/*
 * facility: a known one. failure: the priority is "error", otherwise "information". Waits for the
 * logger a second at most.
 */
bool log_sink_syslog(const char *facility, bool failure, const char *text, struct err *e);

#endif

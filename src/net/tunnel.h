/* SPDX-License-Identifier: MIT */
/*
 * tunnel - a command whose standard input and output are the connection.
 *
 * /bin/sh runs the command with our environment, default signals and no descriptor of ours except
 * standard error, if that is a terminal. The command stays in our process group, so it may ask at
 * the terminal. If standard error is not a terminal, the command's output on it is kept and noted
 * in the log. If the command ends early, its status and last line are the error: ERR_CONFIG if
 * there is no such command (status 126 or 127), otherwise ERR_NETWORK.
 *
 * The command ends with the stream: its standard input is closed, and if it lives for longer than
 * TUNNEL_GRACE_MS after that, it is killed with all that it started.
 */
#ifndef NET_TUNNEL_H
#define NET_TUNNEL_H

#include "net/stream.h"

enum { TUNNEL_GRACE_MS = 300 };

/* The stream, which may not be connected to a server yet; NULL with *e on failure. */
struct stream *tunnel_open(const char *command, struct err *e);

#endif

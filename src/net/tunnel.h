/* SPDX-License-Identifier: MIT */
/*
 * tunnel - a command whose standard input and output are the connection.
 *
 * It is run by /bin/sh with our environment, default signals and no descriptor of ours but standard
 * error, if that is a terminal; it stays in our process group, so it may ask at the terminal. What
 * it says on another standard error is kept: when it ends early, how it ended and its last line
 * are the error: ERR_CONFIG where there is no such command (status 126 or 127), else ERR_NETWORK;
 * all lines are notes.
 *
 * It ends with the stream: its standard input ends, and when it then lives for longer than
 * TUNNEL_GRACE_MS it is killed, with all that it started.
 */
#ifndef NET_TUNNEL_H
#define NET_TUNNEL_H

#include "net/stream.h"

enum { TUNNEL_GRACE_MS = 300 };

/* The stream, whose server may not be there yet; NULL with *e on failure. */
struct stream *tunnel_open(const char *command, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * terminal - asks a question at the user's terminal without showing the answer, and knows its
 * width.
 *
 * The question is written to /dev/tty and the answer read there, so that standard input may be the
 * message. Echo is off during the question, and is restored on every way out: an answer, the end of
 * the time, or a signal that ends or stops us (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN,
 * SIGTTOU), which then takes effect; after a stop the question is asked again. A signal that our
 * caller ignores stays ignored. No answer is ERR_CONFIG.
 */
#ifndef OS_TERMINAL_H
#define OS_TERMINAL_H

#include "base/err.h"
#include "base/mem.h"

/* Whether there is a user to ask: standard error is a terminal, and /dev/tty can be opened. */
bool terminal_is_there(void);
/* Asks for a line; an empty one is no answer. The time begins with the question. */
bool terminal_ask(const char *question, unsigned seconds, struct secret *ret, struct err *e);

enum { TERMINAL_COLUMNS_MAX = 500, TERMINAL_NAME_OCTETS = 64 };

/* The path of the controlling terminal, such as /dev/pts/3; false if there is none. */
bool terminal_name(char ret_path[TERMINAL_NAME_OCTETS]);

/* The terminal's width, at most TERMINAL_COLUMNS_MAX, or else COLUMNS; 0 if not known. */
unsigned terminal_columns(int fd);
/* Whether we are the terminal's foreground job; true if fd is no terminal. */
bool terminal_is_foreground(int fd);

/* The terminal's settings, saved because a killed helper may leave them changed. */
struct terminal_state;
struct terminal_state *terminal_save(void); /* NULL: there is no terminal, or it is not ours now */
void terminal_restore(struct terminal_state *s); /* if it is ours; NULL is fine */
void terminal_state_free(struct terminal_state *s);

#endif

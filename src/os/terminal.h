/* SPDX-License-Identifier: MIT */
/*
 * terminal - the terminal of the person who started us: a question whose answer is not shown.
 *
 * The question is written to /dev/tty and the answer read there, so that standard input may be the
 * message. Echo is off meanwhile and back on every way out: an answer, the end of the time, a
 * signal that ends or stops us (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU), which
 * then takes effect; after a stop the question is asked again. A signal that our caller
 * ignores stays ignored. No answer is ERR_CONFIG.
 */
#ifndef OS_TERMINAL_H
#define OS_TERMINAL_H

#include "base/err.h"
#include "base/mem.h"

/* Is there someone to ask: is standard error a terminal, and is there a /dev/tty? */
bool terminal_is_there(void);
/* One line, without its end; an empty one is no answer. The time begins with the question. */
bool terminal_ask(const char *question, unsigned seconds, struct secret *ret, struct err *e);

enum { TERMINAL_COLUMNS_MAX = 500 };

/* How wide the terminal is, at most TERMINAL_COLUMNS_MAX; else what COLUMNS says; 0: not known. */
unsigned terminal_columns(int fd);
/* Are we what it shows now, and no background job? No terminal is always so. */
bool terminal_is_foreground(int fd);

/* What a helper that must be killed may leave behind: the terminal's settings. */
struct terminal_state;
struct terminal_state *terminal_save(void); /* NULL: there is no terminal, or it is not ours now */
void terminal_restore(struct terminal_state *s); /* if it is ours; NULL is fine */
void terminal_state_free(struct terminal_state *s);

#endif

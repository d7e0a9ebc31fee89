/* SPDX-License-Identifier: MIT */
/*
 * interrupt - SIGINT, SIGTERM and SIGHUP end a run in order, after what became of the message has
 * been reported.
 *
 * After interrupt_init() the first of these signals is noted, and every wait (os/poll) ends with
 * ERR_INTERRUPTED until interrupt_hold() says that it changes nothing any more, because the verdict
 * is known or is worth waiting for. The caller reports what became of the message and
 * then calls interrupt_die(). A second signal ends the process at once. A signal that was ignored
 * when the process started, as under nohup, stays ignored.
 */
#ifndef OS_INTERRUPT_H
#define OS_INTERRUPT_H

#include "base/attr.h"
#include "base/err.h"

void interrupt_init(void);
/* The signal that came; 0: none. */
int interrupt_signal(void);
/* A signal came that ends every wait: it is not held. */
bool interrupt_is_due(void);
/* "SIGTERM" */
const char *interrupt_name(void);
/* Waits go on in spite of a signal; or, with false, they end again. */
void interrupt_hold(bool held);
/* For os/poll: readable once a signal came; -1 while none is to end a wait. */
int interrupt_fd(void);
/* Sets ERR_INTERRUPTED, with the name of the signal; returns false. */
bool interrupt_err(struct err *e);
/* Dies by the signal that came. */
void interrupt_die(void) ATTR_NORETURN;

#endif

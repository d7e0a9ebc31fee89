/* SPDX-License-Identifier: MIT */
/*
 * with_deadline - a call that knows no deadline gets one: it is made in a thread of its own.
 *
 * A call that takes too long is left alone with whatever it uses, which is never released then:
 * the run is over.
 */
#ifndef OS_WITH_DEADLINE_H
#define OS_WITH_DEADLINE_H

#include "base/clock.h"
#include "base/err.h"

/* False with ERR_TIMEOUT when it did not end in time (or ERR_OS: there is no thread). */
bool run_with_deadline(void (*call)(void *ctx), void *ctx, deadline until, struct err *e);

#endif

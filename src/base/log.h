/* SPDX-License-Identifier: MIT */
/*
 * log - passes events to the listener that cmd has set.
 *
 * Layers below cmd never print. If they have something to report that is not an error (a warning or
 * a note), they log an event; cmd sets the listener and decides who sees it. Without a listener
 * events are dropped. The text is one printable line of at most LOG_MAX octets.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/attr.h"

enum { LOG_MAX = 1024 };

enum log_level {
	LOG_LEVEL_NOTE,    /* shown with -v */
	LOG_LEVEL_WARNING, /* something is wrong, but the mail goes on */
	LOG_LEVEL_WORDS,   /* the output of a failed helper, before the error */
	LOG_LEVEL_DETAIL,  /* shown with -vv */
};

typedef void log_listener(void *ctx, enum log_level level, const char *text);

void log_to(log_listener *sink, void *ctx);
void log_note(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_warning(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_words(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_detail(const char *fmt, ...) ATTR_PRINTF(1, 2);

#endif

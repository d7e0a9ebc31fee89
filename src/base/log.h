/* SPDX-License-Identifier: MIT */
/*
 * log - one event, handed to the listener that cmd has set.
 *
 * Layers below cmd never print. What they have to tell without failing (a warning, a note) is an
 * event; cmd sets the sink and decides who sees it. Without a sink events are dropped. The text is
 * one printable line of at most LOG_MAX octets.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/attr.h"

enum { LOG_MAX = 1024 };

enum log_level {
	LOG_LEVEL_NOTE,    /* of interest to who asks: -v */
	LOG_LEVEL_WARNING, /* something is not as it should be, and the mail goes on */
	LOG_LEVEL_WORDS,   /* what a failed helper said, before the error */
	LOG_LEVEL_DETAIL,  /* of interest to who wants to know everything: -vv */
};

typedef void log_listener(void *ctx, enum log_level level, const char *text);

void log_to(log_listener *sink, void *ctx);
void log_note(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_warning(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_words(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_detail(const char *fmt, ...) ATTR_PRINTF(1, 2);

#endif

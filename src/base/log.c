/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static log_listener *sink_fn;
static void *sink_ctx;

void log_to(log_listener *sink, void *ctx)
{
	sink_fn = sink;
	sink_ctx = ctx;
}

static void event(enum log_level level, const char *fmt, va_list ap)
{
	char text[LOG_MAX];

	if (!sink_fn)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	sink_fn(sink_ctx, level, text);
}

void log_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	event(LOG_LEVEL_NOTE, fmt, ap);
	va_end(ap);
}

void log_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	event(LOG_LEVEL_WARNING, fmt, ap);
	va_end(ap);
}

void log_words(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	event(LOG_LEVEL_WORDS, fmt, ap);
	va_end(ap);
}

void log_detail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	event(LOG_LEVEL_DETAIL, fmt, ap);
	va_end(ap);
}

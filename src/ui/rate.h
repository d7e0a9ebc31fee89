/* SPDX-License-Identifier: MIT */
/*
 * rate - how far something has got, how fast, and how long it will take, in words for one line.
 *
 * rate_init(), then rate_at() any number of times; the rate is that of the last few seconds.
 * Times are milliseconds of any clock that does not go back, sizes octets, printed as KiB, MiB and
 * so on.
 */
#ifndef UI_RATE_H
#define UI_RATE_H

#include "base/buf.h"

enum { RATE_SAMPLES = 8, RATE_STEP_MS = 500 };

struct rate {
	uint64_t done, all; /* all is 0 where it is not known */
	int64_t ms;
	struct rate_sample {
		int64_t ms;
		uint64_t done;
	} samples[RATE_SAMPLES]; /* a ring, the oldest at `next` when it is full */
	size_t count, next;
};

void rate_init(struct rate *g, int64_t ms, uint64_t all);
void rate_at(struct rate *g, int64_t ms, uint64_t done);
/* "12.3 MiB of 100.0 MiB (12%), 1.2 MiB/s, 73 s left", or as much of that as fits the columns. */
void rate_text(const struct rate *g, size_t columns, struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * transfer_speed - describes in one line how far a transfer has got, how fast, and how long it will
 * take.
 *
 * Call transfer_speed_init(), then transfer_speed_at() any number of times; the rate is that of the
 * last few seconds. Times are milliseconds of any clock that does not go back. Sizes are octets,
 * printed as KiB, MiB and so on.
 */
#ifndef UI_TRANSFER_SPEED_H
#define UI_TRANSFER_SPEED_H

#include "base/buf.h"

enum { TRANSFER_SPEED_SAMPLES = 8, TRANSFER_SPEED_STEP_MS = 500 };

struct transfer_speed {
	uint64_t done, all; /* octets; all is 0 if not known */
	int64_t ms;
	struct transfer_sample {
		int64_t ms;
		uint64_t done;
	} samples[TRANSFER_SPEED_SAMPLES]; /* a ring, the oldest at `next` when it is full */
	size_t count, next;
};

void transfer_speed_init(struct transfer_speed *g, int64_t ms, uint64_t all);
void transfer_speed_at(struct transfer_speed *g, int64_t ms, uint64_t done);
/* Writes "12.3 MiB of 100.0 MiB (12%), 1.2 MiB/s, 73 s left", or as much of it as fits. */
void transfer_speed_text(const struct transfer_speed *g, size_t columns, struct buf *out);

#endif

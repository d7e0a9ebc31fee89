/* SPDX-License-Identifier: MIT */
#include "ui/transfer_speed.h"

enum { TEXT_MAX = 40 };

void transfer_speed_init(struct transfer_speed *g, int64_t ms, uint64_t all)
{
	*g = (struct transfer_speed) { .all = all, .ms = ms, .count = 1, .next = 1 };
	g->samples[0].ms = ms;
}

static const struct transfer_sample *newest(const struct transfer_speed *g)
{
	return &g->samples[(g->next + TRANSFER_SPEED_SAMPLES - 1) % TRANSFER_SPEED_SAMPLES];
}

static const struct transfer_sample *oldest(const struct transfer_speed *g)
{
	return &g->samples[g->count < TRANSFER_SPEED_SAMPLES ? 0 : g->next];
}

void transfer_speed_at(struct transfer_speed *g, int64_t ms, uint64_t done)
{
	g->ms = ms;
	g->done = done;
	if (ms - newest(g)->ms < TRANSFER_SPEED_STEP_MS)
		return;
	g->samples[g->next] = (struct transfer_sample) { ms, done };
	g->next = (g->next + 1) % TRANSFER_SPEED_SAMPLES;
	if (g->count < TRANSFER_SPEED_SAMPLES)
		g->count++;
}

/* Octets per second; 0 if not known. */
static uint64_t rate_of(const struct transfer_speed *g)
{
	const struct transfer_sample *from = oldest(g);

	if (g->ms <= from->ms || g->done < from->done)
		return 0;
	return (uint64_t)((double)(g->done - from->done) * 1000.0 / (double)(g->ms - from->ms));
}

static void size_text(uint64_t n, char to[TEXT_MAX])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double size = (double)n / 1024.0;
	size_t unit = 0;

	while (size >= 1023.95 && unit + 1 < ARRAY_LEN(units)) {
		size /= 1024.0;
		unit++;
	}
	text_fmt(to, TEXT_MAX, "%.1f %s", size, units[unit]);
}

/* Writes "73 s left", or "" if not known. */
static void left_text(const struct transfer_speed *g, char to[TEXT_MAX])
{
	uint64_t rate = rate_of(g), left = g->all - g->done;
	uint64_t seconds = rate ? left / rate + (left % rate != 0) : 0;

	to[0] = '\0';
	if (!rate || g->all <= g->done)
		return;
	if (seconds < 100)
		text_fmt(to, TEXT_MAX, ", %u s left", (unsigned)seconds);
	else if (seconds < 100 * 60)
		text_fmt(to, TEXT_MAX, ", %u min left", (unsigned)((seconds + 59) / 60));
	else if (seconds < 100 * 3600)
		text_fmt(to, TEXT_MAX, ", %u h left", (unsigned)((seconds + 3599) / 3600));
}

static void percent_text(const struct transfer_speed *g, char to[TEXT_MAX])
{
	double part = g->done < g->all ? (double)g->done * 100.0 / (double)g->all : 100.0;

	text_fmt(to, TEXT_MAX, "%u%%", (unsigned)part);
}

/* Writes the n-th form, each shorter than the one before; false after the last. */
static bool write_form(const struct transfer_speed *g, unsigned n, struct buf *out)
{
	char done[TEXT_MAX], all[TEXT_MAX], percent[TEXT_MAX], rate[TEXT_MAX], left[TEXT_MAX];

	size_text(g->done, done);
	size_text(g->all, all);
	size_text(rate_of(g), rate);
	percent_text(g, percent);
	left_text(g, left);
	if (n == 0 && g->all)
		buf_fmt(out, "%s of %s (%s), %s/s%s", done, all, percent, rate, left);
	else if (n == 0)
		buf_fmt(out, "%s, %s/s", done, rate);
	else if (n == 1 && g->all)
		buf_fmt(out, "%s, %s/s%s", percent, rate, left);
	else if (n == 2 && g->all)
		buf_fmt(out, "%s%s", percent, left);
	else
		buf_fmt(out, "%s", g->all ? percent : done);
	return n < 3;
}

void transfer_speed_text(const struct transfer_speed *g, size_t columns, struct buf *out)
{
	size_t was = out->len;
	bool more = true;

	for (unsigned n = 0; more; n++) {
		buf_cut(out, was);
		more = write_form(g, n, out);
		if (out->len - was <= columns)
			return;
	}
	buf_cut(out, was);
}

/* SPDX-License-Identifier: MIT */
#include "ui/progress.h"

#include "base/clock.h"
#include "os/file.h"
#include "os/terminal.h"
#include "ui/transfer_speed.h"

#include <string.h>
#include <unistd.h>

#define SHORT_WAIT "waiting for the server, "

enum phase {
	PHASE_NONE,
	PHASE_READING,
	PHASE_GREETING,
	PHASE_LOGIN,
	PHASE_OFFER,
	PHASE_SENDING,
	PHASE_REPLY
};

static struct {
	enum cli_progress when;
	bool wanted;
	enum phase phase;
	int64_t began, drawn; /* the phase; the line */
	size_t columns;       /* of the line that is there; 0: none */
	struct transfer_speed gauge;
} state;

void progress_init(enum cli_progress when)
{
	state.when = when;
	state.wanted =
		when == CLI_PROGRESS_ON || (when == CLI_PROGRESS_AUTO && isatty(STDERR_FILENO));
}

bool progress_is_wanted(void)
{
	return state.wanted;
}

static void write_terminal(struct str text)
{
	struct err ignored;

	(void)file_write_all(STDERR_FILENO, text, &ignored);
}

void progress_hide(void)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(TERMINAL_COLUMNS_MAX + 10);

	if (!state.columns)
		return;
	buf_fmt(&out, "\r%*s\r", (int)state.columns, "");
	if (terminal_is_foreground(STDERR_FILENO)) /* else the line may be another program's */
		write_terminal(buf_str(&out));
	state.columns = 0;
}

/* Writes what we wait for, and for how many seconds. */
static void write_wait(const char *what, int64_t now, size_t columns, struct buf *out)
{
	char seconds[30];

	text_fmt(seconds, sizeof(seconds), "%d s", (int)((now - state.began) / 1000));
	buf_fmt(out, "%s, %s", what, seconds);
	if (out->len <= columns)
		return;
	buf_clear(out);
	buf_fmt(out, "%s%s", columns > strlen(SHORT_WAIT) + 4 ? SHORT_WAIT : "", seconds);
}

static void write_progress(int64_t now, size_t columns, struct buf *out)
{
	static const char *const texts[] = {
		[PHASE_READING] = "reading: ",
		[PHASE_GREETING] = "waiting for the server's greeting",
		[PHASE_LOGIN] = "waiting for the server to log us in",
		[PHASE_OFFER] = "waiting for the server to take the message",
		[PHASE_SENDING] = "sending: ",
		[PHASE_REPLY] = "waiting for the server's reply to the message",
	};
	const char *text = texts[state.phase];

	if (state.phase != PHASE_READING && state.phase != PHASE_SENDING) {
		write_wait(text, now, columns, out);
		return;
	}
	size_t room = strlen(text) + 3 < columns ? columns - strlen(text) : 0;
	if (room)
		buf_add(out, str_of(text));
	transfer_speed_text(&state.gauge, room ? room : columns, out);
}

static void draw(int64_t now)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(TERMINAL_COLUMNS_MAX);
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(2 * TERMINAL_COLUMNS_MAX);
	unsigned columns = terminal_columns(STDERR_FILENO);
	size_t most = (columns ? columns : PROGRESS_COLUMNS) - 1;

	write_progress(now, most, &line);
	if (line.len > most)
		buf_clear(&line);
	size_t rest = state.columns > line.len ? state.columns - line.len : 0;
	if (rest + line.len > most) /* the terminal has become narrower */
		rest = most - line.len;
	buf_fmt(&out, "\r%s%*s", buf_text(&line), (int)rest, "");
	if (rest)
		buf_fmt(&out, "\r%s", buf_text(&line));
	write_terminal(buf_str(&out));
	state.columns = line.len;
	state.drawn = now;
}

static bool is_due(int64_t now)
{
	bool large = state.gauge.all >= PROGRESS_LARGE || state.gauge.done >= PROGRESS_LARGE;
	int64_t after = large && state.phase != PHASE_REPLY ? PROGRESS_SOON : PROGRESS_SLOW;

	if (state.when == CLI_PROGRESS_ON)
		after = 0;
	if (state.phase == PHASE_READING && !large) /* a person may be typing the message */
		return false;
	return now - state.began >= after && now - state.drawn >= PROGRESS_DRAW &&
	       (state.when == CLI_PROGRESS_ON || terminal_is_foreground(STDERR_FILENO));
}

static void enter_phase(enum phase phase, int64_t now, uint64_t all)
{
	if (state.phase == phase)
		return;
	progress_hide();
	state.phase = phase;
	state.began = now;
	state.drawn = 0;
	transfer_speed_init(&state.gauge, now, all);
}

void progress_read(uint64_t octets)
{
	int64_t now = clock_now();

	enter_phase(PHASE_READING, now, 0);
	transfer_speed_at(&state.gauge, now, octets);
	if (is_due(now))
		draw(now);
}

void progress_step(enum session_step step)
{
	static const enum phase phases[SESSION_STEPS] = {
		[SESSION_STEP_HELLO] = PHASE_GREETING,
		[SESSION_STEP_AUTH] = PHASE_LOGIN,
		[SESSION_STEP_MESSAGE] = PHASE_OFFER,
	};

	enter_phase(phases[step], clock_now(), 0);
}

void progress_moved(uint64_t sent, uint64_t size)
{
	int64_t now = clock_now();

	if (size && sent >= size)
		enter_phase(PHASE_REPLY, now, 0);
	else if (sent)
		enter_phase(PHASE_SENDING, now, size);
	state.gauge.all = size;
	transfer_speed_at(&state.gauge, now, sent);
	if (state.phase != PHASE_NONE && is_due(now))
		draw(now);
}

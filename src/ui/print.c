/* SPDX-License-Identifier: MIT */
#include "ui/print.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/printable.h"
#include "os/file.h"
#include "os/terminal.h"
#include "ui/colours.h"
#include "ui/fold.h"
#include "ui/progress.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static const char *program_name = "postrider";
static bool is_verbose, is_detailed, is_quiet;
static int64_t started;
static char warnings[LOG_MAX];

enum { LINE_MAX_OCTETS = 8192 };

/* One write per line, so that lines of programs that share a terminal or log stay whole. */
static void write_error_line(struct str text, size_t columns)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(4 * LINE_MAX_OCTETS);
	struct err ignored;

	if (is_quiet && !is_verbose)
		return;
	fold_line(text, columns, FOLD_INDENT, &out);
	buf_char(&out, '\n');
	progress_hide();
	(void)file_write_all(STDERR_FILENO, buf_str(&out), &ignored);
}

/* Prints a line, folded at a terminal; in files and pipes a message is one line. */
static void line(const char *fmt, ...) ATTR_PRINTF(1, 2);

static void line(const char *fmt, ...)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(LINE_MAX_OCTETS);
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	write_error_line(
		buf_str(&text), isatty(STDERR_FILENO) ? terminal_columns(STDERR_FILENO) : 0);
}

static void warn(const char *text)
{
	line("%s: %swarning:%s %s", program_name, colour(COLOUR_WARN), colour(COLOUR_PLAIN), text);
}

static void sink(void *ctx, enum log_level level, const char *text)
{
	size_t used = strlen(warnings);

	(void)ctx;
	if (level == LOG_LEVEL_WARNING)
		text_fmt(warnings + used, sizeof(warnings) - used, "%s%s", used ? "; " : "", text);
	if (level == LOG_LEVEL_WARNING && (is_verbose || isatty(STDERR_FILENO)))
		warn(text);
	else if (level == LOG_LEVEL_WORDS)
		line("%s", text);
	else if (level == LOG_LEVEL_DETAIL ? is_detailed : is_verbose)
		line("%s: %s", program_name, text);
}

void print_init(const char *program, unsigned verbose)
{
	bool late = verbose && !is_verbose && warnings[0] && !isatty(STDERR_FILENO);

	program_name = program;
	colours_init();
	if (!started)
		started = clock_now();
	is_verbose = verbose > 0;
	is_detailed = verbose > 1;
	log_to(sink, NULL);
	if (late)
		warn(warnings);
}

void print_quiet(void)
{
	is_quiet = true;
}

const char *print_warnings(void)
{
	return warnings;
}

void print_forget_warnings(void)
{
	warnings[0] = '\0';
}

void print_error(const struct err *e)
{
	struct str what = str_of(e->what);

	while (what.len) {
		struct str part = str_cut(&what, '\n');
		line("%s%s:%s %.*s", colour(COLOUR_BAD), program_name, colour(COLOUR_PLAIN),
			STR_ARG(part));
	}
	if (e->said[0])
		line("  %sthe server said:%s %s", colour(COLOUR_THEIRS), colour(COLOUR_PLAIN),
			e->said);
	if (e->hint[0])
		line("  %shint:%s %s", colour(COLOUR_HINT), colour(COLOUR_PLAIN), e->hint);
}

void print_seen(const struct err *e, bool always)
{
	if (is_verbose || always)
		print_error(e);
}

void print_aside(struct str lines)
{
	struct err ignored;

	progress_hide();
	(void)file_write_all(STDERR_FILENO, lines, &ignored);
}

void print_refusals(const struct envelope *env, const struct err *told)
{
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < env->count; i++) {
		struct err why;
		if (!rcpt_refusal(&env->rcpts[i], &why) || strstr(told->what, why.what))
			continue;
		if (shown++ < PRINT_RECIPIENTS)
			line("%s%s:%s %s: %s", colour(COLOUR_BAD), program_name,
				colour(COLOUR_PLAIN), why.what, why.said);
		else
			more++;
	}
	if (more)
		line("%s: and %zu more recipients were refused", program_name, more);
}

/* Whether all recipients before the last who has the message have it too. */
static bool is_first_part(const struct envelope *env, size_t *ret_last)
{
	size_t open = env->count;

	*ret_last = 0;
	for (size_t i = 0; i < env->count; i++) {
		const struct rcpt *r = &env->rcpts[i];
		if (r->disposition == DISPOSITION_DONE)
			*ret_last = i;
		else if (!r->refusal && open == env->count)
			open = i;
	}
	return *ret_last < open;
}

void print_holders(const struct envelope *env)
{
	size_t all = envelope_tally(env, RCPT_ACCEPTED), shown = 0, last;

	if (all > PRINT_RECIPIENTS && is_first_part(env, &last)) {
		line("%s: all recipients from <%s> to <%s>, in their order, have the message, but "
		     "for "
		     "those who were refused",
			program_name, env->rcpts[0].addr, env->rcpts[last].addr);
		return;
	}
	for (size_t i = 0; i < env->count && shown < PRINT_RECIPIENTS; i++) {
		if (env->rcpts[i].disposition != DISPOSITION_DONE)
			continue;
		line("%s: recipient <%s> has the message", program_name, env->rcpts[i].addr);
		shown++;
	}
	if (all > shown)
		line("%s: and %zu more recipients have the message; --json names all", program_name,
			all - shown);
}

/* Prints a line that begins with our name. */
static void tell(bool warning, const char *fmt, va_list ap)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(LINE_MAX_OCTETS);

	buf_vfmt(&text, fmt, ap);
	if (warning)
		warn(buf_text(&text));
	else
		line("%s: %s", program_name, buf_text(&text));
}

void print_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (is_verbose)
		tell(false, fmt, ap);
	va_end(ap);
}

void print_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(false, fmt, ap);
	va_end(ap);
}

void print_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(true, fmt, ap);
	va_end(ap);
}

bool print_out(const struct buf *out, struct err *e)
{
	progress_hide();
	if (out->over)
		return err_set(e, ERR_TEMPORARY, "standard output: more than %zu octets to print",
			out->limit);
	if (file_write_all(STDOUT_FILENO, buf_str(out), e))
		return true;
	e->kind = ERR_IO;
	return err_in(e, "standard output");
}

/* Each line of the conversation begins with the seconds since we were started. */
static void timed(enum colour s, const char *mark, const char *about, const char *text)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(LINE_MAX_OCTETS);
	int64_t ms = clock_now() - started;

	buf_fmt(&shown, "%s%3d.%03d%s %s%s%s %s%s", colour(COLOUR_FAINT), (int)(ms / 1000),
		(int)(ms % 1000), colour(COLOUR_PLAIN), colour(s), mark, colour(COLOUR_PLAIN),
		about, text);
	write_error_line(buf_str(&shown), 0);
}

static void show_step(void *ctx, enum session_step step, const char *facts)
{
	static const char *const texts[] = {
		[SESSION_STEP_CONNECT] = "connected to ",
		[SESSION_STEP_TLS] = "TLS: ",
		[SESSION_STEP_AUTH] = "authenticated with ",
	};

	(void)ctx;
	if (!facts)
		progress_step(step);
	else if (is_verbose && step < ARRAY_LEN(texts) && texts[step])
		timed(COLOUR_GOOD, "**", texts[step], facts);
}

static void show_line(void *ctx, bool server, struct str text)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(LINE_MAX_OCTETS - 100);
	bool refusal = server && text.len && (text.p[0] == '4' || text.p[0] == '5');

	(void)ctx;
	printable_add(&shown, str_head(text, 2000));
	timed(refusal    ? COLOUR_BAD
		: server ? COLOUR_THEIRS
			 : COLOUR_OURS,
		server ? "<-" : "->", "", buf_text(&shown));
}

static void show_moved(void *ctx, uint64_t sent, uint64_t size)
{
	(void)ctx;
	progress_moved(sent, size);
}

struct session_watch print_watch(void)
{
	bool progress = progress_is_wanted();

	return (struct session_watch) {
		.step = is_verbose || progress ? show_step : NULL,
		.spoke = is_verbose ? show_line : NULL,
		.moved = progress ? show_moved : NULL,
	};
}

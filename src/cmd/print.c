/* SPDX-License-Identifier: MIT */
#include "cmd/print.h"

#include "base/log.h"
#include "sys/file.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static const char *program_name = "postrider";
static bool is_verbose, is_detailed, is_quiet;
static char warnings[LOG_MAX];

enum { LINE_MAX_OCTETS = 8192 };

/* One write a line, so that lines of programs that share a terminal or a log stay whole. */
static void line(const char *fmt, ...) ATTR_PRINTF(1, 2);

static void line(const char *fmt, ...)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(LINE_MAX_OCTETS);
	struct err ignored;
	va_list ap;

	if (is_quiet && !is_verbose)
		return;
	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	buf_char(&text, '\n');
	(void)file_write_all(STDERR_FILENO, buf_str(&text), &ignored);
}

static void sink(void *ctx, enum log_level level, const char *text)
{
	size_t used = strlen(warnings);

	(void)ctx;
	if (level == LOG_LEVEL_WARNING)
		text_fmt(warnings + used, sizeof(warnings) - used, "%s%s", used ? "; " : "", text);
	if (level == LOG_LEVEL_WARNING && (is_verbose || isatty(STDERR_FILENO)))
		line("%s: warning: %s", program_name, text);
	else if (level == LOG_LEVEL_WORDS)
		line("%s", text);
	else if (level == LOG_LEVEL_DETAIL ? is_detailed : is_verbose)
		line("%s: %s", program_name, text);
}

void print_init(const char *program, unsigned verbose)
{
	bool late = verbose && !is_verbose && warnings[0] && !isatty(STDERR_FILENO);

	program_name = program;
	is_verbose = verbose > 0;
	is_detailed = verbose > 1;
	log_to(sink, NULL);
	if (late)
		line("%s: warning: %s", program_name, warnings);
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
		line("%s: %.*s", program_name, STR_ARG(part));
	}
	if (e->said[0])
		line("  the server said: %s", e->said);
	if (e->hint[0])
		line("  hint: %s", e->hint);
}

void print_seen(const struct err *e, bool always)
{
	if (is_verbose || always)
		print_error(e);
}

void print_aside(struct str lines)
{
	struct err ignored;

	(void)file_write_all(STDERR_FILENO, lines, &ignored);
}

void print_refusals(const struct envelope *env, const struct err *told)
{
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < env->count; i++) {
		const struct err *why = env->rcpts[i].refusal;
		if (!why || strstr(told->what, why->what))
			continue;
		if (shown++ < PRINT_RECIPIENTS)
			line("%s: %s: %s", program_name, why->what, why->said);
		else
			more++;
	}
	if (more)
		line("%s: and %zu more recipients were refused", program_name, more);
}

/* Parts of a list go in its order: do all have the message up to the last who has it? */
static bool is_first_part(const struct envelope *env, size_t *ret_last)
{
	size_t open = env->count;

	*ret_last = 0;
	for (size_t i = 0; i < env->count; i++) {
		enum fate fate = env->rcpts[i].fate;
		if (fate == FATE_ACCEPTED)
			*ret_last = i;
		else if (fate != FATE_REFUSED && open == env->count)
			open = i;
	}
	return *ret_last < open;
}

void print_holders(const struct envelope *env)
{
	size_t all = envelope_tally(env, FATE_ACCEPTED), shown = 0, last;

	if (all > PRINT_RECIPIENTS && is_first_part(env, &last)) {
		line("%s: all recipients from <%s> to <%s>, in their order, have the message, but "
		     "for "
		     "those who were refused",
			program_name, env->rcpts[0].addr, env->rcpts[last].addr);
		return;
	}
	for (size_t i = 0; i < env->count && shown < PRINT_RECIPIENTS; i++) {
		if (env->rcpts[i].fate != FATE_ACCEPTED)
			continue;
		line("%s: recipient <%s> has the message", program_name, env->rcpts[i].addr);
		shown++;
	}
	if (all > shown)
		line("%s: and %zu more recipients have the message; --json names all", program_name,
			all - shown);
}

void print_note(const char *fmt, ...)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(LINE_MAX_OCTETS);
	va_list ap;

	if (!is_verbose)
		return;
	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	line("%s: %s", program_name, buf_text(&text));
}

bool print_out(struct str text, struct err *e)
{
	if (file_write_all(STDOUT_FILENO, text, e))
		return true;
	e->kind = ERR_IO;
	return err_in(e, "standard output");
}

static void show_step(void *ctx, enum session_step step, const char *facts)
{
	static const char *const texts[] = {
		[SESSION_STEP_CONNECT] = "connected to",
		[SESSION_STEP_TLS] = "TLS:",
		[SESSION_STEP_AUTH] = "authenticated with",
	};

	(void)ctx;
	if (facts && step < ARRAY_LEN(texts) && texts[step])
		line("** %s %s", texts[step], facts);
}

static void show_line(void *ctx, bool server, struct str text)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(LINE_MAX_OCTETS - 10);

	(void)ctx;
	buf_printable(&shown, str_head(text, 2000));
	line("%s %s", server ? "<-" : "->", buf_text(&shown));
}

struct session_watch print_watch(void)
{
	if (!is_verbose)
		return (struct session_watch) { 0 };
	return (struct session_watch) { .step = show_step, .spoke = show_line };
}

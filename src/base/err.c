/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include "base/buf.h"
#include "base/printable.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CONTEXT_OCTETS = 200 }; /* of a text that stand before its reason, at least */

static const struct {
	int status;
	const char *enhanced, *phrase;
} kinds[] = {
#define X(kind, status, enhanced, phrase) [ERR_##kind] = { status, enhanced, phrase },
	ERR_KINDS(X)
#undef X
};
_Static_assert(ARRAY_LEN(kinds) == ERR_KIND_COUNT, "one row per kind");

static const struct err_status_row statuses[] = {
	{ EX_OK, "EX_OK", "the smarthost accepted the message for every recipient" },
	{ EX_USAGE, "EX_USAGE", "bad option, or no recipient" },
	{ EX_DATAERR, "EX_DATAERR", "message, size or address refused or invalid" },
	{ EX_NOINPUT, "EX_NOINPUT", "a message file cannot be read" },
	{ EX_NOUSER, "EX_NOUSER", "recipient unknown" },
	{ EX_NOHOST, "EX_NOHOST", "the recipient's host or domain is unknown" },
	{ EX_UNAVAILABLE, "EX_UNAVAILABLE",
		"refused for good, or the server's certificate is not acceptable" },
	{ EX_SOFTWARE, "EX_SOFTWARE", "a bug in postrider" },
	{ EX_OSERR, "EX_OSERR", "the system refused a process, pipe or socket" },
	{ EX_IOERR, "EX_IOERR", "reading the message or writing output failed" },
	{ EX_TEMPFAIL, "EX_TEMPFAIL", "temporary failure: try again later" },
	{ EX_PROTOCOL, "EX_PROTOCOL", "the server does not speak SMTP correctly" },
	{ EX_NOPERM, "EX_NOPERM", "authentication failed, or sending not allowed" },
	{ EX_CONFIG, "EX_CONFIG", "configuration error, unsafe permissions, or no password found" },
};

/* Replaces code points that could mislead at a terminal, e.g. in an address; keeps line ends. */
static void make_printable(char *text, size_t size)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(size - 1);
	struct str rest = str_of(text);

	bool plain = str_is_ascii(rest);
	for (size_t i = 0; plain && i < rest.len; i++)
		plain = !chr_is_ctl(rest.p[i]) || rest.p[i] == '\n';
	if (plain)
		return;
	while (rest.len) {
		printable_add(&out, str_cut(&rest, '\n'));
		if (rest.len)
			buf_char(&out, '\n');
	}
	text_fmt(text, size, "%s", buf_text(&out));
}

static void format(char *to, size_t size, const char *fmt, va_list ap)
{
	vsnprintf(to, size, fmt, ap);
	make_printable(to, size);
}

/* Adds ": " and the reason, which is worth more than the end of a long text before it. */
static void add_inner(char what[ERR_WHAT_MAX], const char *inner)
{
	size_t n = strlen(what), more = strlen(inner) + strlen(": ...") + 1;
	size_t room = more + CONTEXT_OCTETS < ERR_WHAT_MAX ? ERR_WHAT_MAX - more : CONTEXT_OCTETS;

	if (n > room) {
		for (n = room; n && (what[n] & 0xc0) == 0x80;) /* no character is cut in two */
			n--;
		memcpy(what + n, "...", sizeof("..."));
		n += strlen("...");
	}
	snprintf(what + n, ERR_WHAT_MAX - n, ": %s", inner);
}

bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	struct err new = { .kind = kind }; /* the words may be e's own */
	va_start(ap, fmt);
	format(new.what, sizeof(new.what), fmt, ap);
	va_end(ap);
	*e = new;
	return false;
}

bool err_is_shortage(int os_errno)
{
	static const int shortages[] = { ENOMEM, ENFILE, EMFILE, ENOSPC, EDQUOT, EAGAIN, EIO,
		ENOBUFS, ENOLCK };

	for (size_t i = 0; i < ARRAY_LEN(shortages); i++)
		if (os_errno == shortages[i])
			return true;
	return false;
}

void err_become(struct err *e, enum err_kind kind)
{
	bool is_temporary = kinds[kind].status == EX_TEMPFAIL;

	e->kind = err_is_shortage(e->os) && !is_temporary ? ERR_TEMPORARY : kind;
}

bool err_os(struct err *e, enum err_kind kind, int os_errno, const char *fmt, ...)
{
	va_list ap;

	struct err new = { .kind = kind, .os = os_errno };
	if (kind != ERR_IO)
		err_become(&new, kind);
	va_start(ap, fmt);
	format(new.what, sizeof(new.what), fmt, ap);
	va_end(ap);
	*e = new;
	add_inner(e->what, strerror(os_errno));
	return false;
}

bool err_in(struct err *e, const char *fmt, ...)
{
	char inner[sizeof(e->what)];
	va_list ap;

	memcpy(inner, e->what, sizeof(inner));
	va_start(ap, fmt);
	format(e->what, sizeof(e->what), fmt, ap);
	va_end(ap);
	add_inner(e->what, inner);
	return false;
}

bool err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
	return false;
}

bool err_hint_about(struct err *e, const char *before, const char *word, const char *behind)
{
	struct buf quoted CLEAN_UP(buf_done) = BUF_INIT(sizeof(e->hint));

	buf_shell(&quoted, str_of(word));
	return err_hint(e, "%s%s%s", before, buf_text(&quoted), behind);
}

bool err_said(struct err *e, int reply, const char *enhanced, struct str said)
{
	e->reply = reply;
	snprintf(e->enhanced, sizeof(e->enhanced), "%s", enhanced);
	snprintf(e->said, sizeof(e->said), "%.*s", STR_ARG(said));
	return false;
}

int err_status(const struct err *e)
{
	return kinds[e->kind].status;
}

bool err_is_temporary(const struct err *e)
{
	return err_status(e) == EX_TEMPFAIL;
}

const char *err_enhanced(const struct err *e)
{
	return e->enhanced[0] ? e->enhanced : kinds[e->kind].enhanced;
}

const char *err_phrase(enum err_kind kind)
{
	return kinds[kind].phrase;
}

const struct err_status_row *err_status_rows(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(statuses);
	return statuses;
}

/* SPDX-License-Identifier: MIT */
/*
 * err - an error: what failed, what the server said, and what to do about it.
 *
 * One plain value without heap goes from the lowest layer up to the exit status. The functions that
 * write it return false, so that failing is one statement: `return err_set(e, ERR_TIMEOUT, "no
 * greeting within %d s", n);`. Callers add context in front with err_in(). Only the kind decides
 * the exit status (sysexits.h) and whether another attempt may help. Text is cut to fit its field.
 *
 * Every field holds printable text: foreign bytes are made printable where they enter
 * (base/printable); misleading code points, such as bidirectional ones, are replaced here. `said`
 * is the server's own words, with its reply code in `reply`.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/attr.h"
#include "base/str.h"

#include <sysexits.h>

/* X(kind, exit status, enhanced status if no server gave one, phrase) */
#define ERR_KINDS(X)                                                      \
	X(NONE, EX_OK, "2.0.0", "accepted")                               \
	X(USAGE, EX_USAGE, "5.5.4", "wrong use")                          \
	X(DATA, EX_DATAERR, "5.6.0", "message or address not acceptable") \
	X(NOINPUT, EX_NOINPUT, "5.3.0", "file unreadable")                \
	X(NOUSER, EX_NOUSER, "5.1.1", "recipient unknown")                \
	X(NOHOST, EX_NOHOST, "5.1.2", "recipient's host unknown")         \
	X(UNAVAILABLE, EX_UNAVAILABLE, "5.3.0", "refused")                \
	X(CERTIFICATE, EX_UNAVAILABLE, "5.7.5", "server not trusted")     \
	X(SOFTWARE, EX_SOFTWARE, "5.3.0", "a bug")                        \
	X(OS, EX_OSERR, "4.3.0", "system call failed")                    \
	X(IO, EX_IOERR, "4.3.0", "reading or writing failed")             \
	X(TEMPORARY, EX_TEMPFAIL, "4.3.0", "temporary failure")           \
	X(NETWORK, EX_TEMPFAIL, "4.4.1", "connection failed")             \
	X(TIMEOUT, EX_TEMPFAIL, "4.4.2", "timed out")                     \
	X(INTERRUPTED, EX_TEMPFAIL, "4.3.2", "ended by a signal")         \
	X(UNKNOWN, EX_TEMPFAIL, "4.4.2", "outcome unknown")               \
	X(PROTOCOL, EX_PROTOCOL, "5.5.0", "not SMTP")                     \
	X(NOPERM, EX_NOPERM, "5.7.0", "not allowed")                      \
	X(CONFIG, EX_CONFIG, "5.3.5", "configuration error")

enum err_kind {
#define X(kind, status, enhanced, phrase) ERR_##kind,
	ERR_KINDS(X)
#undef X
		ERR_KIND_COUNT
};

/*
 * A placeholder in a hint for the command that shows the account's settings.
 * account_complete_hint() replaces it by a command that can be typed (conf/account).
 */
#define ERR_SHOW "postrider -P"
#define ERR_HINT_PASSWORD                                       \
	"check user and password: " ERR_SHOW                    \
	" shows the line user, and the lines password_file or " \
	"passwordeval where the password is from"

enum { ERR_WHAT_MAX = 640 };

struct err {
	enum err_kind kind;
	int os;                  /* errno, or 0 */
	int reply;               /* SMTP reply code, or 0 */
	char enhanced[12];       /* the server's enhanced status (RFC 3463), or "" */
	char what[ERR_WHAT_MAX]; /* our words, outermost context first */
	char said[640];          /* the server's words, or "" */
	char hint[512];          /* what to do, or "" */
};

bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...) ATTR_PRINTF(3, 4);
/*
 * As err_set(), followed by ": " and the system's message for os_errno. If that says that the
 * machine is short of something, the error is ERR_TEMPORARY; but ERR_IO, of standard input and
 * output, stays.
 */
bool err_os(struct err *e, enum err_kind kind, int os_errno, const char *fmt, ...)
	ATTR_PRINTF(4, 5);
/* Whether it means that memory, descriptors, disk or the like ran short, or that a disk failed. */
bool err_is_shortage(int os_errno);
/* Makes it an error of another kind; what is due to a shortage becomes ERR_TEMPORARY. */
void err_become(struct err *e, enum err_kind kind);
/* Puts "context: " in front of what. */
bool err_in(struct err *e, const char *fmt, ...) ATTR_PRINTF(2, 3);
bool err_hint(struct err *e, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* A hint with a command that can be typed as it stands: word, a path or name, is quoted for it. */
bool err_hint_about(struct err *e, const char *before, const char *word, const char *behind);
bool err_said(struct err *e, int reply, const char *enhanced, struct str said);

int err_status(const struct err *e);
bool err_is_temporary(const struct err *e);
/* The server's enhanced status, or else the kind's own. */
const char *err_enhanced(const struct err *e);
const char *err_phrase(enum err_kind kind);

/* One row per exit status, for `--help` and the documentation. */
struct err_status_row {
	int status;
	const char *name, *phrase;
};
const struct err_status_row *err_status_rows(size_t *ret_count);

#endif

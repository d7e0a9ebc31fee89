/* SPDX-License-Identifier: MIT */
/*
 * dsn - a sender's wishes for delivery status notifications (RFC 3461): parses, checks and writes
 * them.
 *
 * Words are case-insensitive; one that does not parse is ERR_USAGE, with the words that are valid.
 * ENVID and ORCPT are xtext (section 4): printable ASCII, in which "+", "=" and spaces are written
 * as "+" and two upper-case hex digits, so no octet given from outside can end a command or begin a
 * parameter.
 *
 * Parameters are appended as " KEYWORD=value", and only whole: ENVID and ORCPT are left out if the
 * line has no room for them. NOTIFY and RET need at most DSN_NEED octets.
 */
#ifndef MAIL_DSN_H
#define MAIL_DSN_H

#include "base/buf.h"
#include "base/err.h"

enum {
	DSN_ENVID_MAX = 100, /* octets of xtext (section 4.4) */
	DSN_ORCPT_MAX = 500, /* octets of the value of ORCPT (section 4.2) */
	DSN_NEED = 32,
};

enum dsn_when { DSN_DEFAULT = 0, DSN_NEVER = 1, DSN_SUCCESS = 2, DSN_FAILURE = 4, DSN_DELAY = 8 };

enum dsn_return { DSN_RETURN_DEFAULT, DSN_RETURN_HEADERS, DSN_RETURN_FULL };

struct dsn {
	unsigned notify; /* bits of enum dsn_when: DSN_NEVER, or any combination of the others */
	enum dsn_return returns;
	const char *envid; /* xtext, or NULL; borrowed */
};

/* The wishes for one recipient. */
struct dsn_rcpt {
	unsigned notify; /* DSN_DEFAULT: as in struct dsn */
	char *orcpt;     /* the original address, "type;xtext"; NULL: the recipient's own */
};

/* Parses "off", "never", or any of success, failure and delay separated by commas. */
bool dsn_notify(struct str text, unsigned *ret, struct err *e);
/* Parses "off", "headers" (also "hdrs") or "full". */
bool dsn_returns(struct str text, enum dsn_return *ret, struct err *e);
/*
 * Appends an envelope identifier as xtext: text that is xtext is copied, other text is encoded.
 * Refused: an empty text, control characters and octets above 127, encoded or not, and a result
 * longer than DSN_ENVID_MAX.
 */
bool dsn_envid(struct str text, struct buf *ret_xtext, struct err *e);

/* Checks addr-type ";" xtext (section 4.2) of at most DSN_ORCPT_MAX octets, and nothing more. */
bool dsn_orcpt(struct str text, struct err *e);

/* Appends RET and ENVID for MAIL. */
void dsn_mail_params(const struct dsn *d, struct buf *line);
/*
 * Appends NOTIFY and ORCPT for RCPT. If `own` is empty: nothing with DSN_DEFAULT, and no ORCPT with
 * DSN_NEVER. addr: the recipient in wire form; if it is not ASCII, ORCPT is a utf-8-addr-xtext
 * (RFC 6533 section 3).
 */
void dsn_rcpt_params(
	const struct dsn *d, const struct dsn_rcpt *own, const char *addr, struct buf *line);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * dsn - what a sender asks of delivery status notifications (RFC 3461): read, checked, said.
 *
 * Words are read without case; what does not parse is ERR_USAGE and says what is wanted. ENVID and
 * ORCPT are xtext (section 4): printable ASCII, "+" and "=" and blanks as "+" and two upper-case
 * hex digits, so no octet given from outside can end a command or begin a parameter.
 *
 * Parameters are appended as " KEYWORD=value" and only whole: ENVID and ORCPT are left out where
 * the line has no room for them. NOTIFY and RET need at most DSN_NEED octets.
 */
#ifndef MAIL_DSN_H
#define MAIL_DSN_H

#include "base/buf.h"
#include "base/err.h"

enum {
	DSN_ENVID_MAX = 100, /* octets of xtext (section 4.4) */
	DSN_ORCPT_MAX = 500, /* octets of its value (section 4.2) */
	DSN_NEED = 32,
};

enum dsn_when { DSN_DEFAULT = 0, DSN_NEVER = 1, DSN_SUCCESS = 2, DSN_FAILURE = 4, DSN_DELAY = 8 };

enum dsn_return { DSN_RETURN_DEFAULT, DSN_RETURN_HEADERS, DSN_RETURN_FULL };

struct dsn {
	unsigned notify; /* of enum dsn_when: DSN_NEVER, or any of the others together */
	enum dsn_return returns;
	const char *envid; /* xtext, or NULL; borrowed */
};

/* What is asked for one recipient. */
struct dsn_rcpt {
	unsigned notify; /* DSN_DEFAULT: as for all */
	char *orcpt;     /* its original address, "type;xtext"; NULL: as it is */
};

/* "off", "never", or any of success, failure and delay with commas between. */
bool dsn_notify(struct str text, unsigned *ret, struct err *e);
/* "off", "headers" (also "hdrs"), "full" */
bool dsn_returns(struct str text, enum dsn_return *ret, struct err *e);
/*
 * Appends an envelope identifier as xtext: text that is xtext stays as it is, other text is
 * encoded. Refused: none at all, what is or stands for a control character or an octet above 127,
 * and what is longer than DSN_ENVID_MAX then.
 */
bool dsn_envid(struct str text, struct buf *ret_xtext, struct err *e);

/* addr-type ";" xtext (section 4.2), of at most DSN_ORCPT_MAX octets; not checked further. */
bool dsn_orcpt(struct str text, struct err *e);

/* RET and ENVID, for MAIL. */
void dsn_mail_params(const struct dsn *d, struct buf *line);
/*
 * NOTIFY and ORCPT, for RCPT; without `own` words on either: nothing with DSN_DEFAULT, no ORCPT
 * with DSN_NEVER. addr: the wire form; one that is not ASCII is a utf-8-addr-xtext (RFC 6533
 * section 3).
 */
void dsn_rcpt_params(
	const struct dsn *d, const struct dsn_rcpt *own, const char *addr, struct buf *line);

#endif

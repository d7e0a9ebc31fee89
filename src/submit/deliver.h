/* SPDX-License-Identifier: MIT */
/*
 * deliver - one message through one account: the secret, the session, what came of it.
 *
 * struct outcome is the only source for what people, logs and callers are told. A session may be
 * kept for further messages: struct upstream. One that ended while it was idle is replaced once,
 * unless the server answered anything about the message at hand.
 */
#ifndef SUBMIT_DELIVER_H
#define SUBMIT_DELIVER_H

#include "conf/account.h"
#include "conf/value.h"
#include "submit/read_message.h"
#include "session/session.h"

struct outcome {
	enum client_outcome what;
	struct err err; /* why not everything went well; with err.said the server's last words */
	int status;     /* sysexits.h */
	/* The server that the session was with; host is "" where there was none. */
	char host[VALUE_NAME_OCTETS + 1];
	unsigned port;
	bool mixed; /* some have the message, and others may get it when it is sent again */
};

/* What is asked for one message. */
struct deliver_wishes {
	const char *envid;       /* xtext (mail/dsn), or NULL */
	bool eightbit;           /* BODY=8BITMIME where it is offered, whatever the message holds */
	bool requiretls;         /* RFC 8689: not sent without it */
	bool smtputf8;           /* nor without that */
	bool all_or_none;        /* whatever the account's `partial` says */
	enum dsn_return returns; /* DSN_RETURN_DEFAULT: as the account says */
};

/* Does all that deliver() does before it connects; for a dry run. */
bool deliver_check(
	const struct account *account, const struct deliver_wishes *wishes, struct err *e);
void deliver(const struct account *account, struct message *m, const struct deliver_wishes *wishes,
	const struct session_watch *watch, struct outcome *ret);

struct upstream_plan;

/*
 * An account's session, opened when it is needed. Only the first three are given; borrowed. Once it
 * is open the process may be confined (session/sandbox_policy): it is the only one then.
 */
struct upstream {
	const struct account *account;
	struct session_watch watch;
	bool confined;
	struct upstream_plan *plan; /* private */
	struct session *session;    /* NULL: none is open */
};

void upstream_deliver(struct upstream *u, struct message *m, const struct deliver_wishes *wishes,
	struct outcome *ret);
void upstream_close(struct upstream *u);

/* Asks the account's server to send what it holds for node (RFC 1985). */
void deliver_etrn(const struct account *account, const char *node,
	const struct session_watch *watch, struct outcome *ret);

#endif

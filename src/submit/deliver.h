/* SPDX-License-Identifier: MIT */
/*
 * deliver - one message through one account: the secret, the session, what became of the message.
 *
 * A session may be kept for further messages: struct upstream. One that ended while it was idle is
 * replaced once, unless the server answered anything about the current message. Giving up rights is
 * the caller's decision: deliver() calls give_up_rights() at the one moment when all files were
 * read and nothing is connected, and does nothing of the kind afterwards.
 */
#ifndef SUBMIT_DELIVER_H
#define SUBMIT_DELIVER_H

#include "conf/account.h"
#include "submit/message.h"
#include "submit/outcome.h"

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

/* An account's session, opened when it is needed. The caller gives what stands first; borrowed. */
struct upstream {
	const struct account *account;
	struct session_watch watch;
	/* For a process with one account (session/sandbox_policy); NULL: it keeps its rights. */
	void (*give_up_rights)(const struct session_options *options);
	const char *keep;           /* as in struct session_options */
	struct session_facts facts; /* private, as what follows */
	struct route *route;
	struct session *session; /* NULL: none is open */
};

/* The session may stay open for the next message: upstream_settle(), upstream_close(). */
void deliver(struct upstream *u, struct message *m, const struct deliver_wishes *wishes,
	struct outcome *ret);
/* Asks the account's server to send what it holds for node (RFC 1985). */
void deliver_etrn(struct upstream *u, const char *node, struct outcome *ret);
/*
 * Once the log has the message: what was learnt of the server is kept, and a session that ended is
 * closed.
 */
void upstream_settle(struct upstream *u);
void upstream_close(struct upstream *u);

#endif

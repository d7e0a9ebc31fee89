/* SPDX-License-Identifier: MIT */
/*
 * deliver - one message through one account: the secret, the session, what came of it.
 *
 * struct outcome is the only source for what people, logs and callers are told.
 */
#ifndef SUBMIT_DELIVER_H
#define SUBMIT_DELIVER_H

#include "conf/account.h"
#include "submit/intake.h"
#include "submit/session.h"

struct outcome {
	enum client_outcome what;
	struct err err; /* why not everything went well; with err.said the server's last words */
	int status;     /* sysexits.h */
};

/* Does all that deliver() does before it connects; for a dry run. */
bool deliver_check(const struct account *account, struct err *e);
void deliver(const struct account *account, struct message *m, const struct session_watch *watch,
	struct outcome *ret);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * sandbox_policy - decides which rights we keep while we talk to the smarthost, and after that
 * (os/sandbox).
 *
 * During the session: the authorities, the cache folder and one to keep a text in, the ports of the
 * servers or the proxy, and the port of name servers. After it: only what is open. With a PKCS#11
 * token, whose driver must not be confined, only the gaining of new rights is given up; with a
 * tunnel, which may be any command, nothing is given up before the session has ended.
 */
#ifndef SESSION_SANDBOX_POLICY_H
#define SESSION_SANDBOX_POLICY_H

#include "session/session.h"

void sandbox_policy_talk(const struct session_options *options);
void sandbox_policy_record(void);

#endif

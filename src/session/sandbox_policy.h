/* SPDX-License-Identifier: MIT */
/*
 * sandbox_policy - what is left of our rights while we talk to the smarthost, and after that
 * (os/sandbox).
 *
 * While we talk: the authorities and the cache folder, the ports of the servers, or of the proxy,
 * and that of name servers. After that: nothing but what is open. With a PKCS#11 token, whose
 * driver is not ours to confine, only new rights are given up; with a tunnel, which may be any
 * command, nothing is before the session has ended.
 */
#ifndef SESSION_SANDBOX_POLICY_H
#define SESSION_SANDBOX_POLICY_H

#include "session/session.h"

void sandbox_policy_talk(const struct session_options *options);
void sandbox_policy_record(void);

#endif

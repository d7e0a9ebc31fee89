/* SPDX-License-Identifier: MIT */
/*
 * shrink - what is left of our rights while we talk to the smarthost, and after that (sys/confine).
 *
 * While we talk: the system's authorities, where they are asked, and the cache folder; the ports of
 * the session and that of name servers. After that: nothing but what is open. With a key in a
 * PKCS#11 token nothing is given up until then: what its driver needs is not known.
 */
#ifndef SUBMIT_SHRINK_H
#define SUBMIT_SHRINK_H

#include "submit/session.h"

void shrink_to_talk(const struct session_terms *terms);
void shrink_to_record(void);

#endif

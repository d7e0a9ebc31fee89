/* SPDX-License-Identifier: MIT */
/*
 * addr_complete - what a bare name becomes: the one rule for the envelope and for the header.
 */
#ifndef MAIL_ADDR_COMPLETE_H
#define MAIL_ADDR_COMPLETE_H

#include "mail/addr.h"

/* Where bare names are at home. A member is NULL or "" where it is not known. */
struct addr_home {
	const char *domain; /* completes bare names */
	const char *owner;  /* an address: without a domain, bare names stand for it */
};

/*
 * Makes a bare name an address. The name stays bare where neither the domain nor the owner is
 * known; an address that has a domain does not change. False with ERR_DATA where the result is no
 * address.
 */
bool addr_complete(struct addr *a, const struct addr_home *home, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * addr_complete - what a bare name becomes: the one rule for the envelope and for the header.
 *
 * An address at this host counts as a bare name: its domain is localhost, localhost.localdomain,
 * another name that ends in .localdomain, or the host's own name if that has no dot.
 */
#ifndef MAIL_ADDR_COMPLETE_H
#define MAIL_ADDR_COMPLETE_H

#include "mail/addr.h"

/* Where bare names are at home. A member is NULL or "" where it is not known. */
struct addr_home {
	const char *domain; /* completes bare names */
	const char *owner;  /* an address: without a domain, bare names stand for it */
	const char *host;   /* this host's name; NULL: addresses at this host are like all others */
};

/* Whether the address counts as a bare name there. */
bool addr_is_home(const struct addr *a, const struct addr_home *home);
/* Takes the domain off an address at this host. */
void addr_come_home(struct addr *a, const struct addr_home *home);

/*
 * Makes a bare name, or an address at this host, a complete address. The name stays as it is where
 * neither the domain nor the owner is known; other addresses do not change. False with ERR_DATA
 * where the result is no address.
 */
bool addr_complete(struct addr *a, const struct addr_home *home, struct err *e);

#endif

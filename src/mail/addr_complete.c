/* SPDX-License-Identifier: MIT */
#include "mail/addr_complete.h"

bool addr_complete(struct addr *a, const struct addr_home *home, struct err *e)
{
	struct addr owner;

	if (!addr_is_bare(a))
		return true;
	if (str_given(home->domain))
		return addr_set_domain(a, str_of(home->domain), e);
	if (!str_given(home->owner))
		return true;
	if (!addr_one(str_of(home->owner), &owner, e))
		return false;
	owner.phrase = a->phrase;
	owner.whole = a->whole;
	*a = owner;
	return true;
}

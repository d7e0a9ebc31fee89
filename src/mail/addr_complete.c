/* SPDX-License-Identifier: MIT */
#include "mail/addr_complete.h"

#include <string.h>

static bool is_at_host(struct str domain, const char *host)
{
	return str_same(domain, STR("localhost")) || str_ends_same(domain, STR(".localdomain")) ||
	       (host[0] && !strchr(host, '.') && str_same(domain, str_of(host)));
}

bool addr_is_home(const struct addr *a, const struct addr_home *home)
{
	return addr_is_bare(a) || (home->host && is_at_host(addr_domain(a->text), home->host));
}

void addr_come_home(struct addr *a, const struct addr_home *home)
{
	if (addr_is_home(a, home))
		a->text[a->local_len] = '\0';
}

bool addr_complete(struct addr *a, const struct addr_home *home, struct err *e)
{
	struct addr owner;

	if (!addr_is_home(a, home) || !(str_given(home->domain) || str_given(home->owner)))
		return true;
	addr_come_home(a, home);
	if (str_given(home->domain))
		return addr_set_domain(a, str_of(home->domain), e);
	if (!addr_one(str_of(home->owner), &owner, e))
		return false;
	owner.phrase = a->phrase;
	owner.whole = a->whole;
	*a = owner;
	return true;
}

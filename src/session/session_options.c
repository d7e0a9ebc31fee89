/* SPDX-License-Identifier: MIT */
#include "session/session_options.h"

bool session_prepare(const struct session_options *t, struct trust **ret, struct err *e)
{
	if (t->auth && !sasl_check(&t->secrets, e))
		return false;
	for (size_t i = 0; i < t->count; i++)
		if (t->servers[i].tls != SESSION_CLEAR)
			return (*ret = trust_load(&t->trust, e));
	return true;
}

bool session_check(const struct session_options *options, struct err *e)
{
	struct trust *trust = NULL;
	bool good = session_prepare(options, &trust, e);

	trust_free(trust);
	return good;
}

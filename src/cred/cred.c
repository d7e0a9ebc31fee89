/* SPDX-License-Identifier: MIT */
#include "cred/cred.h"

#include "sys/proc.h"

enum found { FOUND_NOTHING, FOUND_IT, FOUND_FAILURE };

static enum found configured(const struct cred_terms *terms, struct secret *ret, struct err *e)
{
	(void)e;
	if (!terms->password || !secret_is_set(terms->password))
		return FOUND_NOTHING;
	secret_copy(ret, terms->password);
	return FOUND_IT;
}

static enum found evaluated(const struct cred_terms *terms, struct secret *ret, struct err *e)
{
	deadline until = deadline_in((int64_t)CRED_HELPER_SECONDS * 1000);

	if (!terms->passwordeval || !terms->passwordeval[0])
		return FOUND_NOTHING;
	if (proc_first_line(terms->passwordeval, until, ret, e))
		return FOUND_IT;
	err_in(e, "passwordeval");
	err_hint(e, "try the command at a prompt; the first line it prints is the password");
	return FOUND_FAILURE;
}

bool cred_find(const struct cred_terms *terms, struct secret *ret, struct err *e)
{
	static enum found (*const sources[])(
		const struct cred_terms *terms, struct secret *ret, struct err *e) = {
		configured,
		evaluated,
	};

	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		enum found got = sources[i](terms, ret, e);
		if (got != FOUND_NOTHING)
			return got == FOUND_IT;
	}
	err_set(e, ERR_CONFIG, "auth is on and no password was found");
	return err_hint(e, "add a line: passwordeval COMMAND (or password SECRET, chmod 600)");
}

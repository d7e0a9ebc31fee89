/* SPDX-License-Identifier: MIT */
#include "sasl/saslprep.h"

#include <gsasl.h>
#include <string.h>

bool saslprep_check(const char *what, struct str text, struct err *e)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] == '\0' || text.p[i] == '\1' || text.p[i] == '\r' ||
			text.p[i] == '\n')
			return err_set(e, ERR_CONFIG,
				"the %s has a NUL, a control character or a line end in it", what);
	if (str_is_utf8(text))
		return true;
	err_set(e, ERR_CONFIG, "the %s is not UTF-8", what);
	return err_hint(e, "write it in UTF-8 (iconv -t UTF-8 converts): that is how AUTH carries "
			   "it (RFC 4616)");
}

static bool apply_saslprep(const char *what, const char *text, Gsasl_saslprep_flags flags,
	struct secret *ret, struct err *e)
{
	char *out = NULL;

	int rc = gsasl_saslprep(text, flags, &out, NULL);
	if (rc == GSASL_MALLOC_ERROR)
		return err_set(e, ERR_TEMPORARY, "GNU SASL: %s", gsasl_strerror(rc));
	if (rc != GSASL_OK) {
		err_set(e, ERR_CONFIG, "the %s has a character that this AUTH mechanism forbids",
			what);
		return err_hint(e,
			"SASLprep (RFC 4013) refuses it; choose another %s, or add the line auth "
			"plain",
			what);
	}
	bool good = secret_set(ret, out, strlen(out));
	mem_wipe(out, strlen(out));
	gsasl_free(out);
	if (good && ret->len)
		return true;
	err_set(e, ERR_CONFIG, "the %s is %s once prepared for AUTH", what,
		good ? "empty" : "too long");
	return err_hint(e,
		"SASLprep (RFC 4013) drops what cannot be seen; choose another %s, or add the line "
		"auth plain",
		what);
}

bool saslprep_text(const char *what, const char *text, struct secret *ret, struct err *e)
{
	return apply_saslprep(what, text, GSASL_ALLOW_UNASSIGNED, ret, e);
}

/* Releases of the library differ in which value of the flag allows unassigned code points. */
bool saslprep_query(const char *text, struct secret *ret, struct err *e)
{
	return apply_saslprep("password", text, GSASL_ALLOW_UNASSIGNED, ret, e) ||
	       apply_saslprep("password", text, 0, ret, e);
}

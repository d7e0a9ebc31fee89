/* SPDX-License-Identifier: MIT */
#include "smtp/refusal.h"

#include <string.h>

/* By enhanced status (RFC 3463, RFC 5248). Detail -1 matches any detail without an earlier row. */
static const struct {
	int subject, detail;
	enum err_kind kind;
} by_enhanced[] = {
	{ 0, -1, ERR_UNAVAILABLE },
	{ 1, 1, ERR_NOUSER },
	{ 1, 4, ERR_NOUSER },
	{ 1, 6, ERR_NOUSER },
	{ 1, 2, ERR_NOHOST },
	{ 1, 8, ERR_NOHOST },
	{ 1, 10, ERR_NOHOST },
	{ 1, 3, ERR_DATA },
	{ 1, 7, ERR_DATA },
	{ 1, 5, ERR_PROTOCOL },
	{ 1, 9, ERR_UNAVAILABLE },
	{ 2, 0, ERR_UNAVAILABLE },
	{ 2, 1, ERR_UNAVAILABLE },
	{ 2, 2, ERR_UNAVAILABLE },
	{ 2, 3, ERR_DATA },
	{ 2, 4, ERR_UNAVAILABLE },
	{ 3, 4, ERR_DATA },
	{ 3, 0, ERR_UNAVAILABLE },
	{ 3, 1, ERR_UNAVAILABLE },
	{ 3, 2, ERR_UNAVAILABLE },
	{ 3, 3, ERR_UNAVAILABLE },
	{ 3, 5, ERR_UNAVAILABLE },
	{ 4, 4, ERR_NOHOST },
	{ 4, 0, ERR_UNAVAILABLE },
	{ 4, 1, ERR_UNAVAILABLE },
	{ 4, 2, ERR_UNAVAILABLE },
	{ 4, 3, ERR_UNAVAILABLE },
	{ 4, 5, ERR_UNAVAILABLE },
	{ 4, 6, ERR_UNAVAILABLE },
	{ 4, 7, ERR_UNAVAILABLE },
	{ 5, 0, ERR_PROTOCOL },
	{ 5, 1, ERR_PROTOCOL },
	{ 5, 2, ERR_PROTOCOL },
	{ 5, 3, ERR_UNAVAILABLE },
	{ 5, 4, ERR_PROTOCOL },
	{ 5, 5, ERR_PROTOCOL },
	{ 5, 6, ERR_PROTOCOL },
	{ 6, 0, ERR_DATA },
	{ 6, 1, ERR_DATA },
	{ 6, 2, ERR_DATA },
	{ 6, 3, ERR_DATA },
	{ 6, 4, ERR_DATA },
	{ 6, 5, ERR_DATA },
	{ 6, 6, ERR_DATA },
	{ 6, 7, ERR_DATA },
	{ 6, 8, ERR_DATA },
	{ 6, 9, ERR_DATA },
	{ 7, 10, ERR_UNAVAILABLE },
	{ 7, -1, ERR_NOPERM },
};

/* By verb and code, if no enhanced status decides; any other 5yz is ERR_UNAVAILABLE. */
static const struct {
	enum verb verb;
	int code;
	enum err_kind kind;
} by_code[] = {
	{ VERB_MAIL, 501, ERR_DATA },
	{ VERB_MAIL, 553, ERR_DATA },
	{ VERB_MAIL, 502, ERR_PROTOCOL },
	{ VERB_MAIL, 503, ERR_PROTOCOL },
	{ VERB_MAIL, 555, ERR_PROTOCOL },
	{ VERB_RCPT, 550, ERR_NOUSER },
	{ VERB_RCPT, 551, ERR_NOUSER },
	{ VERB_RCPT, 553, ERR_NOUSER },
	{ VERB_RCPT, 501, ERR_DATA },
	{ VERB_RCPT, 502, ERR_PROTOCOL },
	{ VERB_RCPT, 503, ERR_PROTOCOL },
	{ VERB_RCPT, 555, ERR_PROTOCOL },
	{ VERB_RCPT, 521, ERR_NOHOST },
	{ VERB_RCPT, 556, ERR_NOHOST },
	{ VERB_DATA, 502, ERR_PROTOCOL },
	{ VERB_DATA, 503, ERR_PROTOCOL },
	{ VERB_DATA, 504, ERR_PROTOCOL },
	{ VERB_PROBE, 500, ERR_PROTOCOL },
	{ VERB_PROBE, 502, ERR_PROTOCOL },
	{ VERB_PROBE, 503, ERR_PROTOCOL },
	{ VERB_PROBE, 504, ERR_PROTOCOL },
	{ VERB_PROBE, 555, ERR_PROTOCOL },
	{ VERB_ETRN, 501, ERR_DATA },
	{ VERB_ETRN, 502, ERR_PROTOCOL },
	{ VERB_ETRN, 503, ERR_PROTOCOL },
	{ VERB_ETRN, 504, ERR_PROTOCOL },
};

static bool find_enhanced(const char *enhanced, enum err_kind *ret_kind)
{
	struct str rest = str_of(enhanced);
	uint64_t subject, detail;

	(void)str_cut(&rest, '.');
	if (!str_number(str_cut(&rest, '.'), &subject) || !str_number(rest, &detail))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(by_enhanced); i++) {
		if (by_enhanced[i].subject != (int)subject)
			continue;
		if (by_enhanced[i].detail != -1 && by_enhanced[i].detail != (int)detail)
			continue;
		*ret_kind = by_enhanced[i].kind;
		return true;
	}
	return false;
}

bool refusal_is_about_auth(int code)
{
	return code == 530 || code == 534 || code == 535 || code == 538;
}

static enum err_kind by_verb(enum verb v, int code)
{
	for (size_t i = 0; i < ARRAY_LEN(by_code); i++)
		if (by_code[i].verb == v && by_code[i].code == code)
			return by_code[i].kind;
	return ERR_UNAVAILABLE;
}

/* These codes mean unknown parameters, and servers use them for addresses that are not complete. */
static bool is_about_address(enum verb v, int code, const char *enhanced)
{
	return (v == VERB_MAIL || v == VERB_RCPT) &&
	       (code == 504 || strcmp(enhanced, "5.5.2") == 0 || strcmp(enhanced, "5.5.4") == 0);
}

enum err_kind refusal_kind(enum verb v, int code, const char *enhanced, bool after_size)
{
	enum err_kind kind;
	bool known;

	if (code < 500)
		return ERR_TEMPORARY;
	if (v == VERB_AUTH || refusal_is_about_auth(code))
		return ERR_NOPERM;
	if (str_eq(str_of(enhanced), STR("5.1.0"))) {
		if (v == VERB_MAIL)
			return ERR_DATA;
		if (v == VERB_RCPT || v == VERB_MESSAGE)
			return ERR_NOUSER;
	}
	known = find_enhanced(enhanced, &kind);
	if (known && kind != ERR_PROTOCOL)
		return kind;
	if (is_about_address(v, code, enhanced))
		return ERR_DATA;
	if (known)
		return kind;
	if (v == VERB_MAIL && code == 552 && after_size)
		return ERR_DATA;
	return by_verb(v, code);
}

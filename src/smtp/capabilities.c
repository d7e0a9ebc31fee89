/* SPDX-License-Identifier: MIT */
#include "smtp/capabilities.h"

#include <stddef.h>
#include <string.h>

static void take_size(struct capabilities *caps, struct str params)
{
	uint64_t n;

	caps->size = true;
	if (str_number(str_word(&params), &n))
		caps->size_max = n;
}

static void take_auth(struct capabilities *caps, struct str params)
{
	struct str mech;

	caps->auth = true;
	while ((mech = str_word(&params)).len) {
		size_t used = strlen(caps->mechs);
		if (mech.len + 1 > CAPABILITIES_MECHS_MAX - used ||
			capabilities_have_mech(caps, mech))
			continue;
		if (used)
			caps->mechs[used++] = ' ';
		memcpy(caps->mechs + used, mech.p, mech.len);
		caps->mechs[used + mech.len] = '\0';
	}
}

/* LIMITS name=value... (RFC 9422 section 4). Only RCPTMAX is used. */
static void take_limits(struct capabilities *caps, struct str params)
{
	struct str limit;
	uint64_t n;

	while ((limit = str_word(&params)).len) {
		struct str name = str_cut(&limit, '=');
		if (str_same(name, STR("RCPTMAX")) && limit.len <= 6 && str_number(limit, &n) && n)
			caps->rcpt_max = n;
	}
}

/* The keywords without parameters. */
static const struct {
	const char *word;
	size_t offset;
} flags[] = {
	{ "STARTTLS", offsetof(struct capabilities, starttls) },
	{ "PIPELINING", offsetof(struct capabilities, pipelining) },
	{ "8BITMIME", offsetof(struct capabilities, eightbit) },
	{ "SMTPUTF8", offsetof(struct capabilities, smtputf8) },
	{ "CHUNKING", offsetof(struct capabilities, chunking) },
	{ "DSN", offsetof(struct capabilities, dsn) },
	{ "REQUIRETLS", offsetof(struct capabilities, requiretls) },
	{ "ETRN", offsetof(struct capabilities, etrn) },
};

/* FNV-1a of one keyword in lower case; the order of keywords does not change their hash. */
static uint32_t hash_keyword(struct str word)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < word.len; i++)
		h = (h ^ (unsigned char)chr_lower(word.p[i])) * 16777619u;
	return h;
}

static void take_keyword(struct capabilities *caps, struct str line)
{
	struct str params = line;
	struct str word = str_word(&params);

	caps->keywords += hash_keyword(word);
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (str_same(word, str_of(flags[i].word)))
			*(bool *)((char *)caps + flags[i].offset) = true;
	if (str_same(word, STR("SIZE")))
		take_size(caps, params);
	else if (str_same(word, STR("LIMITS")))
		take_limits(caps, params);
	else if (str_same(word, STR("AUTH")))
		take_auth(caps, params);
	else if (str_starts_same(word, STR("AUTH="))) /* before RFC 2554; still seen */
		take_auth(caps, str_from(str_trim(line), 5));
}

void capabilities_parse(struct capabilities *ret, struct str text)
{
	*ret = (struct capabilities) { 0 };
	(void)str_cut(&text, '\n');
	while (text.len)
		take_keyword(ret, str_cut(&text, '\n'));
}

bool capabilities_have_mech(const struct capabilities *caps, struct str mech)
{
	struct str rest = str_of(caps->mechs), word;

	while ((word = str_word(&rest)).len)
		if (str_same(word, mech))
			return true;
	return false;
}

bool capabilities_suffice(
	const struct capabilities *caps, bool starttls, bool auth, bool tls, struct err *e)
{
	if (starttls ? caps->starttls : !auth || caps->auth)
		return true;
	if (starttls) {
		err_set(e, ERR_UNAVAILABLE, "the server does not offer STARTTLS");
		return err_hint(e,
			"nothing was sent; if the server has TLS from the start, add the "
			"lines port 465 and tls_starttls off to the account%s",
			auth ? ""
			     : "; only for a relay inside your own network, the line tls "
			       "off");
	}
	err_set(e, ERR_UNAVAILABLE, "the server does not offer AUTH%s", tls ? "" : " without TLS");
	if (!tls && caps->starttls)
		return err_hint(e, "the server offers STARTTLS: add the lines tls on and "
				   "tls_starttls on to the account");
	return err_hint(e,
		"correct the lines host NAME and port NUMBER (usually 465 or 587); for a "
		"relay without a login add the line auth off");
}

/* SPDX-License-Identifier: MIT */
#include "mail/caps.h"

#include <string.h>

static void take_size(struct caps *caps, struct str params)
{
	uint64_t n;

	caps->size = true;
	if (str_number(str_word(&params), &n))
		caps->size_max = n;
}

static void take_auth(struct caps *caps, struct str params)
{
	struct str mech;

	caps->auth = true;
	while ((mech = str_word(&params)).len) {
		size_t used = strlen(caps->mechs);
		if (mech.len + 1 > CAPS_MECHS_MAX - used || caps_have_mech(caps, mech))
			continue;
		if (used)
			caps->mechs[used++] = ' ';
		memcpy(caps->mechs + used, mech.p, mech.len);
		caps->mechs[used + mech.len] = '\0';
	}
}

static void take_keyword(struct caps *caps, struct str line)
{
	struct str params = line;
	struct str word = str_word(&params);

	if (str_same(word, STR("STARTTLS")))
		caps->starttls = true;
	else if (str_same(word, STR("PIPELINING")))
		caps->pipelining = true;
	else if (str_same(word, STR("8BITMIME")))
		caps->eightbit = true;
	else if (str_same(word, STR("SMTPUTF8")))
		caps->smtputf8 = true;
	else if (str_same(word, STR("SIZE")))
		take_size(caps, params);
	else if (str_same(word, STR("AUTH")))
		take_auth(caps, params);
	else if (str_starts_same(word, STR("AUTH="))) /* before RFC 2554; still seen */
		take_auth(caps, str_from(str_trim(line), 5));
}

void caps_parse(struct caps *ret, struct str text)
{
	*ret = (struct caps) { 0 };
	(void)str_cut(&text, '\n');
	while (text.len)
		take_keyword(ret, str_cut(&text, '\n'));
}

bool caps_have_mech(const struct caps *caps, struct str mech)
{
	struct str rest = str_of(caps->mechs), word;

	while ((word = str_word(&rest)).len)
		if (str_same(word, mech))
			return true;
	return false;
}

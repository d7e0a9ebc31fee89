/* SPDX-License-Identifier: MIT */
#include "conf/pattern.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/resolve.h"
#include "os/host.h"

#include <fnmatch.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATTERN_MAX = 4096, CANONICAL_SECONDS = 10 };

static bool unknown(struct err *e, char letter, const char *what)
{
	return err_set(e, ERR_CONFIG, "%%%c: %s is not known", letter, what);
}

static bool add_login(struct buf *out, struct err *e)
{
	static const char *const names[] = { "USER", "LOGNAME" };
	const char *login = NULL;

	for (size_t i = 0; i < ARRAY_LEN(names) && !(login && login[0]); i++)
		login = getenv(names[i]);
	if (!login || !login[0]) {
		const struct passwd *pw = getpwuid(getuid());
		login = pw ? pw->pw_name : NULL;
	}
	if (!login || !login[0])
		return unknown(e, 'U', "the login name");
	buf_add(out, str_of(login));
	return true;
}

static bool add_host(struct buf *out, struct err *e)
{
	const char *given = getenv("HOSTNAME");
	char own[HOST_NAME_OCTETS];

	if (!(given && given[0]) && !host_name(own))
		return unknown(e, 'H', "the name of this host");
	buf_add(out, str_of(given && given[0] ? given : own));
	return true;
}

/* Whether a name can be asked for: letters, digits, and what stands between them. */
static bool is_host_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!chr_is_alpha(name.p[i]) && !chr_is_digit(name.p[i]) &&
			!strchr(i ? "-._" : "_", name.p[i]) && (unsigned char)name.p[i] < 0x80)
			return false;
	return name.len > 0;
}

static bool add_canonical(struct buf *out, struct err *e)
{
	struct buf name CLEAN_UP(buf_done) = BUF_INIT(HOST_NAME_OCTETS);
	char canonical[HOST_NAME_OCTETS];
	deadline until = deadline_in((int64_t)CANONICAL_SECONDS * 1000);

	if (!add_host(&name, e))
		return false;
	if (name.over || !is_host_name(buf_str(&name))) {
		err_set(e, ERR_CONFIG,
			"%%C: what HOSTNAME holds in the environment is no host name");
		return err_hint(
			e, "correct it, or take it out of the environment (unset HOSTNAME)");
	}
	if (!resolve_canonical(buf_text(&name), until, canonical, sizeof(canonical), e))
		return err_in(e, "%%C");
	buf_add(out, str_of(canonical));
	return true;
}

static bool add_mailname(struct buf *out, struct err *e)
{
	char name[HOST_NAME_OCTETS];

	if (!host_mailname(name))
		return unknown(e, 'M', "/etc/mailname");
	buf_add(out, str_of(name));
	return true;
}

static bool add_letter(struct buf *out, char letter, const char *header_from, struct err *e)
{
	switch (letter) {
	case 'U':
		return add_login(out, e);
	case 'H':
		return add_host(out, e);
	case 'C':
		return add_canonical(out, e);
	case 'M':
		return add_mailname(out, e);
	case 'F':
		if (!header_from)
			return unknown(e, 'F', "the header's From address");
		buf_add(out, str_of(header_from));
		return true;
	case '%':
		buf_char(out, '%');
		return true;
	default:
		buf_fmt(out, "%%%c", letter);
		return true;
	}
}

char *pattern_expand(const char *text, const char *header_from, struct err *e)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(PATTERN_MAX);
	struct str rest = str_of(text);

	while (rest.len) {
		size_t n = str_find(rest, '%');
		buf_add(&out, str_head(rest, n));
		rest = str_from(rest, n);
		if (rest.len > 1 && !add_letter(&out, rest.p[1], header_from, e))
			return NULL;
		if (rest.len == 1)
			buf_char(&out, '%');
		rest = str_from(rest, 2);
	}
	if (out.over) {
		err_set(e, ERR_CONFIG, "longer than %d octets", (int)PATTERN_MAX);
		return NULL;
	}
	return mem_dup(buf_text(&out), out.len);
}

bool pattern_is_wild(struct str text)
{
	size_t set = str_find(text, '[');

	return str_find(text, '*') < text.len || str_find(text, '?') < text.len ||
	       (set < text.len && !(set && text.p[set - 1] == '@')); /* joe@[192.0.2.1] */
}

static bool matches_whole(const char *pattern, const char *sender)
{
	return str_same(str_of(pattern), str_of(sender)) ||
	       fnmatch(pattern, sender, FNM_CASEFOLD) == 0;
}

bool pattern_matches(const char *pattern, const char *sender)
{
	const char *plus = strchr(sender, '+'), *at = strrchr(sender, '@');

	if (matches_whole(pattern, sender))
		return true;
	if (!plus || !at || plus > at)
		return false;
	char *plain CLEAN_UP(mem_free_at) = mem_fmt("%.*s%s", (int)(plus - sender), sender, at);
	return matches_whole(pattern, plain);
}

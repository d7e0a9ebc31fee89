/* SPDX-License-Identifier: MIT */
#include "os/host.h"

#include "base/buf.h"
#include "os/file.h"

#include <unistd.h>

/* Letters, digits, hyphens and dots (RFC 952, RFC 1123 section 2.1). */
static bool keep_if_host_name(struct str name, char ret[HOST_NAME_OCTETS])
{
	bool good = name.len && name.len < HOST_NAME_OCTETS;

	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];
		good = good && (chr_is_alpha(c) || chr_is_digit(c) || c == '-' || c == '.');
	}
	text_fmt(ret, HOST_NAME_OCTETS, "%.*s", good ? (int)name.len : 0, name.p);
	return good;
}

bool host_name(char ret[HOST_NAME_OCTETS])
{
	char name[HOST_NAME_OCTETS] = "";

	if (gethostname(name, sizeof(name)) != 0)
		name[0] = '\0';
	name[sizeof(name) - 1] = '\0';
	return keep_if_host_name(str_of(name), ret);
}

bool host_public_name(char ret[HOST_NAME_OCTETS])
{
	static const char *const private[] = { ".local", ".localdomain", ".internal" };

	if (!host_name(ret))
		return false;
	struct str name = str_of(ret);
	bool good = str_find(name, '.') < name.len;
	for (size_t i = 0; i < ARRAY_LEN(private); i++)
		good = good && !str_ends_same(name, str_of(private[i]));
	if (!good)
		ret[0] = '\0';
	return good;
}

bool host_mailname(char ret[HOST_NAME_OCTETS])
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(4096);
	struct file_facts facts;
	struct err ignored;

	ret[0] = '\0';
	if (!file_read("/etc/mailname", &text, &facts, &ignored))
		return false;
	struct str rest = buf_str(&text);
	return keep_if_host_name(str_trim_lines(str_cut(&rest, '\n')), ret);
}

/* SPDX-License-Identifier: MIT */
#include "base/printable.h"

static bool is_unsafe(uint32_t code)
{
	return (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x2069) || code == 0x61c || code == 0xfeff;
}

void printable_add(struct buf *b, struct str foreign)
{
	while (foreign.len) {
		uint32_t code = 0;
		size_t n = str_utf8_char(foreign, &code);
		bool control = n && (code < 0x20 || (code >= 0x7f && code <= 0x9f));
		if (!n || control) {
			size_t octets = n ? n : 1;
			for (size_t i = 0; i < octets; i++)
				buf_fmt(b, "\\x%02X", (unsigned)(unsigned char)foreign.p[i]);
			foreign = str_from(foreign, octets);
			continue;
		}
		if (is_unsafe(code))
			buf_fmt(b, "\\u{%X}", (unsigned)code);
		else
			buf_bytes(b, foreign.p, n);
		foreign = str_from(foreign, n);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * What a proxy says in a SOCKS5 handshake: it ends within a few replies, no more is asked for than
 * there is room for, and what is refused has words. The first octet says whether there is a user.
 */
#include "fuzz.h"

#include "net/socks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secret password CLEAN_UP(secret_done) = { 0 };
	struct socks_options options = {
		.host = "mail.x.example", .port = 587, .password = &password
	};
	struct socks s CLEAN_UP(socks_done);
	struct err e;
	size_t at = 1;
	unsigned rounds = 0;

	options.user = size && data[0] & 1 ? "joe" : NULL;
	claim(secret_set(&password, "secret", 6) && socks_begin(&s, &options, &e));
	while (s.wanted && at + s.wanted <= size) {
		const unsigned char *bytes = data + at;
		claim(s.wanted <= SOCKS_WANTED_MAX && !s.out.over && rounds++ < 4);
		at += s.wanted;
		buf_wipe(&s.out);
		if (!socks_take(&s, bytes, &e)) {
			claim(e.what[0] && (e.kind == ERR_NETWORK || e.kind == ERR_NOPERM));
			return 0;
		}
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "tls/session_cache.h"

#include "base/buf.h"
#include "base/mem.h"
#include "os/private_cache.h"
#include "tls/hash.h"

#include <gnutls/gnutls.h>

enum { RECORD_OCTETS = 65536, HEAD_OCTETS = 256, NAME_OCTETS = 48 };

bool session_cache_digest(struct str text, char ret_key[SESSION_CACHE_KEY_OCTETS])
{
	unsigned char digest[HASH_MAX];

	if (!hash_digest(HASH_SHA_256, text, digest))
		return false;
	for (size_t i = 0; i < sizeof(digest); i++)
		text_fmt(ret_key + 2 * i, 3, "%02x", digest[i]);
	return true;
}

static void name_file(const struct session_cache *r, char ret_name[NAME_OCTETS])
{
	text_fmt(ret_name, NAME_OCTETS, "%.32s.session", r->key);
}

/*
 * "session 1 KEY", "verified SECONDS", "until SECONDS", "sha256 DIGEST", and the octets of that
 * digest, which is checked because GnuTLS trusts lengths in them and a file may be cut off.
 */
static bool read_head(const struct session_cache *r, struct str *text, time_t *ret_verified)
{
	uint64_t now = (uint64_t)time(NULL), verified, until;
	struct str first = str_cut(text, '\n');
	struct str second = str_cut(text, '\n'), third = str_cut(text, '\n');
	struct str fourth = str_cut(text, '\n');
	char digest[SESSION_CACHE_KEY_OCTETS];

	if (!str_starts(first, STR("session 1 ")) || !str_eq(str_from(first, 10), str_of(r->key)) ||
		!str_starts(second, STR("verified ")) || !str_starts(third, STR("until ")) ||
		!str_number(str_from(second, 9), &verified) ||
		!str_number(str_from(third, 6), &until) || !str_starts(fourth, STR("sha256 ")) ||
		!session_cache_digest(*text, digest) ||
		!str_eq(str_from(fourth, 7), str_of(digest)))
		return false;
	*ret_verified = (time_t)verified;
	/* Nor is one from the future valid: the clock was set back since. */
	return verified && verified <= now && now - verified < SESSION_CACHE_SECONDS && now < until;
}

void session_cache_offer(
	const struct session_cache *r, gnutls_session_t session, time_t *ret_verified)
{
	struct buf record CLEAN_UP(buf_wipe_done) = BUF_INIT(RECORD_OCTETS);
	char name[NAME_OCTETS];

	*ret_verified = 0;
	if (!r->folder)
		return;
	name_file(r, name);
	if (!private_cache_read(r->folder, name, SESSION_CACHE_SECONDS, &record) ||
		!private_cache_remove(r->folder, name))
		return;
	struct str data = buf_str(&record);
	if (!read_head(r, &data, ret_verified) ||
		gnutls_session_set_data(session, data.p, data.len) < 0)
		*ret_verified = 0;
}

/* Whether the session can be kept, is safe to resume, and needs no further waiting. */
static bool is_resumable(gnutls_session_t session)
{
	unsigned flags = gnutls_session_get_flags(session);

	if (gnutls_protocol_get_version(session) == GNUTLS_TLS1_3)
		return flags & GNUTLS_SFLAGS_SESSION_TICKET;
	return flags & GNUTLS_SFLAGS_EXT_MASTER_SECRET;
}

void session_cache_keep(
	const struct session_cache *r, gnutls_session_t session, time_t verified, time_t until)
{
	struct buf record CLEAN_UP(buf_wipe_done) = BUF_INIT(RECORD_OCTETS);
	char name[NAME_OCTETS], digest[SESSION_CACHE_KEY_OCTETS];
	gnutls_datum_t data = { NULL, 0 };

	if (!r->folder || !verified || !until || !is_resumable(session) ||
		gnutls_session_get_data2(session, &data) < 0)
		return;
	struct str octets = str_n((const char *)data.data, data.size);
	bool good = session_cache_digest(octets, digest);
	buf_reserve(&record, octets.len + HEAD_OCTETS);
	buf_fmt(&record, "session 1 %s\nverified %lld\nuntil %lld\nsha256 %s\n", r->key,
		(long long)verified, (long long)until, digest);
	buf_add(&record, octets);
	name_file(r, name);
	if (good && !record.over)
		(void)private_cache_write(r->folder, name, SESSION_CACHE_SECONDS, buf_str(&record));
	mem_wipe(data.data, data.size);
	gnutls_free(data.data);
}

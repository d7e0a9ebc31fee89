/* SPDX-License-Identifier: MIT */
#include "submit/known.h"

#include "base/mem.h"
#include "conf/search.h"
#include "sys/cache.h"

enum { TEXT_MAX = 4096, NAME_MAX_OCTETS = 32 };

static const char *const words[] = {
	[KNOWN_NOTHING] = "nothing",
	[KNOWN_FULL] = "full",
	[KNOWN_BASIC] = "basic",
};

/* All that a file says, but for the word itself; it is the file's whole beginning. */
static void write_key(const struct known_key *key, uint32_t keywords, struct buf *out)
{
	buf_fmt(out, "flights 1\nhost %s\nport %u\naccount %s\nkeywords %08x\n", key->host,
		key->port, key->account, (unsigned)keywords);
}

/* FNV-1a, 64 bits, of host, port and account. */
static void name_file(const struct known_key *key, char ret_name[NAME_MAX_OCTETS])
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	uint64_t h = 14695981039346656037ULL;

	write_key(key, 0, &text);
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.data[i]) * 1099511628211ULL;
	text_fmt(ret_name, NAME_MAX_OCTETS, "%016llx.flights", (unsigned long long)h);
}

static char *find_folder(void)
{
	return search_below("XDG_CACHE_HOME", ".cache/", "postrider");
}

enum known known_recall(const struct known_key *key, uint32_t keywords)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	struct buf wanted CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	char *folder CLEAN_UP(mem_free_at) = find_folder();
	char name[NAME_MAX_OCTETS];

	name_file(key, name);
	if (!folder || !cache_read(folder, name, KNOWN_SECONDS, &text))
		return KNOWN_NOTHING;
	write_key(key, keywords, &wanted);
	if (wanted.over || !str_starts(buf_str(&text), buf_str(&wanted)))
		return KNOWN_NOTHING;
	struct str word = str_trim_lines(str_from(buf_str(&text), wanted.len));
	if (str_eq(word, str_of(words[KNOWN_FULL])))
		return KNOWN_FULL;
	return str_eq(word, str_of(words[KNOWN_BASIC])) ? KNOWN_BASIC : KNOWN_NOTHING;
}

void known_remember(const struct known_key *key, uint32_t keywords, enum known what)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	char *folder CLEAN_UP(mem_free_at) = find_folder();
	char name[NAME_MAX_OCTETS];

	name_file(key, name);
	if (!folder)
		return;
	if (what == KNOWN_NOTHING) {
		cache_remove(folder, name);
		return;
	}
	write_key(key, keywords, &text);
	buf_fmt(&text, "%s\n", words[what]);
	if (!text.over)
		(void)cache_write(folder, name, buf_str(&text));
}

/* SPDX-License-Identifier: MIT */
#include "session/pipelining_memory.h"

#include "base/mem.h"
#include "conf/config_files.h"
#include "os/private_cache.h"

enum { TEXT_MAX = 4096, NAME_MAX_OCTETS = 32 };

static const char *const words[] = {
	[FLIGHTS_UNKNOWN] = "nothing",
	[FLIGHTS_FULL] = "full",
	[FLIGHTS_BASIC] = "basic",
};

/* All that a file says, but for the word itself; it is the file's whole beginning. */
static void write_key(const struct flights_terms *terms, uint32_t keywords, struct buf *out)
{
	buf_fmt(out, "flights 1\nhost %s\nport %u\naccount %s\nkeywords %08x\n", terms->host,
		terms->port, terms->account, (unsigned)keywords);
}

/* FNV-1a, 64 bits, of host, port and account. */
static void name_file(const struct flights_terms *terms, char ret_name[NAME_MAX_OCTETS])
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	uint64_t h = 14695981039346656037ULL;

	write_key(terms, 0, &text);
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.data[i]) * 1099511628211ULL;
	text_fmt(ret_name, NAME_MAX_OCTETS, "%016llx.flights", (unsigned long long)h);
}

static enum flights_known recall(const struct flights_terms *terms)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	struct buf wanted CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	char *folder CLEAN_UP(mem_free_at) = search_cache_folder();
	char name[NAME_MAX_OCTETS];

	name_file(terms, name);
	if (!folder || !cache_read(folder, name, FLIGHTS_SECONDS, &text))
		return FLIGHTS_UNKNOWN;
	write_key(terms, terms->keywords, &wanted);
	if (wanted.over || !str_starts(buf_str(&text), buf_str(&wanted)))
		return FLIGHTS_UNKNOWN;
	struct str word = str_trim_lines(str_from(buf_str(&text), wanted.len));
	if (str_eq(word, str_of(words[FLIGHTS_FULL])))
		return FLIGHTS_FULL;
	return str_eq(word, str_of(words[FLIGHTS_BASIC])) ? FLIGHTS_BASIC : FLIGHTS_UNKNOWN;
}

enum client_flights flights_choose(const struct flights_terms *terms)
{
	static const enum client_flights fixed[] = {
		[FLIGHTS_AUTO] = CLIENT_BASIC,
		[FLIGHTS_ALL] = CLIENT_FULL,
		[FLIGHTS_APART] = CLIENT_BASIC,
		[FLIGHTS_OFF] = CLIENT_ONE_BY_ONE,
	};
	static const enum client_flights learnt[] = {
		[FLIGHTS_UNKNOWN] = CLIENT_FIRST,
		[FLIGHTS_FULL] = CLIENT_FULL,
		[FLIGHTS_BASIC] = CLIENT_BASIC,
	};

	if (terms->set != FLIGHTS_AUTO || !terms->may_learn)
		return fixed[terms->set];
	return learnt[recall(terms)];
}

void flights_learn(const struct flights_terms *terms, enum flights_known what)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	char *folder CLEAN_UP(mem_free_at) = search_cache_folder();
	char name[NAME_MAX_OCTETS];

	if (!folder || terms->set != FLIGHTS_AUTO || !terms->may_learn)
		return;
	name_file(terms, name);
	if (what == FLIGHTS_UNKNOWN) {
		(void)cache_remove(folder, name);
		return;
	}
	write_key(terms, terms->keywords, &text);
	buf_fmt(&text, "%s\n", words[what]);
	if (!text.over)
		(void)cache_write(folder, name, buf_str(&text));
}

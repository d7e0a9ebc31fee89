/* SPDX-License-Identifier: MIT */
#include "session/pipelining_memory.h"

#include "base/mem.h"
#include "conf/config_files.h"
#include "os/private_cache.h"

enum { TEXT_MAX = 4096, NAME_MAX_OCTETS = 32 };

static const char *const words[] = {
	[PIPELINING_UNKNOWN] = "nothing",
	[PIPELINING_KNOWN_FULL] = "full",
	[PIPELINING_KNOWN_BASIC] = "basic",
};

/* Writes the beginning of a file: all except the word that says what is known. */
static void write_key(
	const struct pipelining_memory_options *options, uint32_t keywords, struct buf *out)
{
	buf_fmt(out, "flights 1\nhost %s\nport %u\naccount %s\nkeywords %08x\n", options->host,
		options->port, options->account, (unsigned)keywords);
}

/* FNV-1a, 64 bits, of host, port and account. */
static void name_file(
	const struct pipelining_memory_options *options, char ret_name[NAME_MAX_OCTETS])
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	uint64_t h = 14695981039346656037ULL;

	write_key(options, 0, &text);
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.data[i]) * 1099511628211ULL;
	text_fmt(ret_name, NAME_MAX_OCTETS, "%016llx.flights", (unsigned long long)h);
}

static enum pipelining_known recall(const struct pipelining_memory_options *options)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	struct buf wanted CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	char *folder CLEAN_UP(mem_free_at) = config_files_cache_folder();
	char name[NAME_MAX_OCTETS];

	name_file(options, name);
	if (!folder || !private_cache_read(folder, name, PIPELINING_MEMORY_SECONDS, &text))
		return PIPELINING_UNKNOWN;
	write_key(options, options->keywords, &wanted);
	if (wanted.over || !str_starts(buf_str(&text), buf_str(&wanted)))
		return PIPELINING_UNKNOWN;
	struct str word = str_trim_lines(str_from(buf_str(&text), wanted.len));
	if (str_eq(word, str_of(words[PIPELINING_KNOWN_FULL])))
		return PIPELINING_KNOWN_FULL;
	return str_eq(word, str_of(words[PIPELINING_KNOWN_BASIC])) ? PIPELINING_KNOWN_BASIC
								   : PIPELINING_UNKNOWN;
}

enum client_pipelining pipelining_memory_choose(const struct pipelining_memory_options *options)
{
	static const enum client_pipelining fixed[] = {
		[PIPELINING_AUTO] = PIPELINE_BASIC,
		[PIPELINING_FULL] = PIPELINE_ALL,
		[PIPELINING_BASIC] = PIPELINE_BASIC,
		[PIPELINING_OFF] = PIPELINE_OFF,
	};
	static const enum client_pipelining learnt[] = {
		[PIPELINING_UNKNOWN] = PIPELINE_TO_RCPT,
		[PIPELINING_KNOWN_FULL] = PIPELINE_ALL,
		[PIPELINING_KNOWN_BASIC] = PIPELINE_BASIC,
	};

	if (options->set != PIPELINING_AUTO || !options->may_learn)
		return fixed[options->set];
	return learnt[recall(options)];
}

void pipelining_memory_learn(
	const struct pipelining_memory_options *options, enum pipelining_known what)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	char *folder CLEAN_UP(mem_free_at) = config_files_cache_folder();
	char name[NAME_MAX_OCTETS];

	if (!folder || options->set != PIPELINING_AUTO || !options->may_learn)
		return;
	name_file(options, name);
	if (what == PIPELINING_UNKNOWN) {
		(void)private_cache_remove(folder, name);
		return;
	}
	write_key(options, options->keywords, &text);
	buf_fmt(&text, "%s\n", words[what]);
	if (!text.over)
		(void)private_cache_write(folder, name, buf_str(&text));
}

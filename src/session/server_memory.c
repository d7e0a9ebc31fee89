/* SPDX-License-Identifier: MIT */
#include "session/server_memory.h"

#include "base/mem.h"
#include "conf/config_files.h"
#include "os/private_cache.h"

enum { TEXT_MAX = 4096, NAME_MAX_OCTETS = 40 };

/* Writes the beginning of a file: all except the word that says what is known. */
static void write_key(const struct server_memory *about, uint32_t keywords, struct buf *out)
{
	buf_fmt(out, "%s 1\nhost %s\nport %u\n", about->kind, about->host, about->port);
	if (about->account)
		buf_fmt(out, "account %s\n", about->account);
	buf_fmt(out, "keywords %08x\n", (unsigned)keywords);
}

/* FNV-1a, 64 bits, of all but the keywords. */
static void name_file(const struct server_memory *about, char ret_name[NAME_MAX_OCTETS])
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	uint64_t h = 14695981039346656037ULL;

	write_key(about, 0, &text);
	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.data[i]) * 1099511628211ULL;
	text_fmt(ret_name, NAME_MAX_OCTETS, "%016llx.%s", (unsigned long long)h, about->kind);
}

size_t server_memory_read(const struct server_memory *about, const char *const *words, size_t count)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	struct buf wanted CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	char *folder CLEAN_UP(mem_free_at) = config_files_cache_folder();
	char name[NAME_MAX_OCTETS];

	name_file(about, name);
	if (!folder || !private_cache_read(folder, name, SERVER_MEMORY_SECONDS, &text))
		return 0;
	write_key(about, about->keywords, &wanted);
	if (wanted.over || !str_starts(buf_str(&text), buf_str(&wanted)))
		return 0;
	struct str word = str_trim_lines(str_from(buf_str(&text), wanted.len));
	for (size_t i = 0; i < count; i++)
		if (str_eq(word, str_of(words[i])))
			return i;
	return 0;
}

void server_memory_write(const struct server_memory *about, const char *word)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(TEXT_MAX);
	char *folder CLEAN_UP(mem_free_at) = config_files_cache_folder();
	char name[NAME_MAX_OCTETS];

	if (!folder)
		return;
	name_file(about, name);
	if (!word) {
		(void)private_cache_remove(folder, name);
		return;
	}
	write_key(about, about->keywords, &text);
	buf_fmt(&text, "%s\n", word);
	if (!text.over)
		(void)private_cache_write(folder, name, SERVER_MEMORY_SECONDS, buf_str(&text));
}

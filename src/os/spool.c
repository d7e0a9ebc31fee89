/* SPDX-License-Identifier: MIT */
#include "os/spool.h"

#include "base/mem.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void spool_init(struct spool *s)
{
	*s = (struct spool) { .memory = BUF_INIT(SPOOL_MEMORY), .fd = -1, .spare = -1 };
}

void spool_done(struct spool *s)
{
	file_close_at(&s->fd);
	file_close_at(&s->spare);
	buf_done(&s->memory);
	s->fd = s->spare = -1;
}

/* A file without a name; where the file system has none, one whose name is gone at once. */
static int nameless(const char *folder)
{
#ifdef O_TMPFILE
	int unnamed = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	if (unnamed >= 0)
		return unnamed;
#endif
	char *path CLEAN_UP(mem_free_at) = mem_fmt("%s/postrider-XXXXXX", folder);
	int fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

/* -1: nowhere. */
static int open_somewhere(const char **ret_folder)
{
	const char *folders[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };
	int fd = -1;

	errno = ENOENT;
	for (size_t i = 0; fd < 0 && i < ARRAY_LEN(folders); i++) {
		if (!folders[i] || !folders[i][0])
			continue;
		fd = nameless(folders[i]);
		*ret_folder = folders[i];
	}
	return fd;
}

void spool_reserve(struct spool *s)
{
	if (s->spare < 0)
		s->spare = open_somewhere(&s->folder);
}

void spool_follow(struct spool *s, struct spool *before)
{
	spool_init(s);
	s->fd = before->spare;
	s->folder = before->folder;
	before->spare = -1;
}

static bool open_file(struct spool *s, struct err *e)
{
	s->fd = open_somewhere(&s->folder);
	if (s->fd >= 0)
		return true;
	err_os(e, ERR_TEMPORARY, errno, "no temporary file can be made for this large message");
	return err_hint(
		e, "name a folder that can be written, in front of the command: TMPDIR=FOLDER");
}

static bool write_file(struct spool *s, struct str bytes, struct err *e)
{
	if (file_write_all(s->fd, bytes, e))
		return true;
	err_in(e, "temporary file in %s", s->folder);
	return err_hint(e, "make room there (df -h shows what there is), or name another folder in "
			   "front of the command: TMPDIR=FOLDER");
}

bool spool_write(struct spool *s, struct str bytes, struct err *e)
{
	if (s->fd < 0 && s->memory.len + bytes.len > SPOOL_MEMORY) {
		if (!open_file(s, e) || !write_file(s, buf_str(&s->memory), e))
			return false;
		buf_done(&s->memory);
	}
	if (s->fd >= 0 && !write_file(s, bytes, e))
		return false;
	if (s->fd < 0)
		buf_add(&s->memory, bytes);
	s->size += bytes.len;
	return true;
}

void spool_rewind(struct spool *s)
{
	s->at = 0;
}

bool spool_read(struct spool *s, char *to, size_t size, size_t *ret_n, struct err *e)
{
	*ret_n = size;
	if (s->fd < 0) {
		struct str rest = str_head(str_from(buf_str(&s->memory), s->at), size);
		if (rest.len)
			memcpy(to, rest.p, rest.len);
		*ret_n = rest.len;
	} else if (!file_read_at(s->fd, s->at, to, ret_n, e)) {
		e->kind = ERR_TEMPORARY;
		return err_in(e, "temporary file in %s", s->folder);
	} else if (!*ret_n && s->at < s->size) {
		return err_set(
			e, ERR_TEMPORARY, "temporary file in %s: it was cut short", s->folder);
	}
	s->at += *ret_n;
	return true;
}

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

void spool_done(struct spool *s)
{
	file_close_at(&s->fd);
	buf_done(&s->memory);
	mem_free(s->piece);
	s->piece = NULL;
}

/* Opens a file without a name or, if the file system lacks that, one that is unlinked at once. */
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

/* Fails with -1. */
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

static bool open_file(struct spool *s, struct err *e)
{
	int fd = open_somewhere(&s->folder);

	if (fd > 0) {
		s->fd = fd;
		return true;
	}
	err_os(e, ERR_TEMPORARY, errno, "no temporary file can be made for this large message");
	return err_hint(
		e, "name a folder that can be written, in front of the command: TMPDIR=FOLDER");
}

static bool write_file(struct spool *s, struct str bytes, struct err *e)
{
	if (file_write_all(s->fd, bytes, e))
		return true;
	err_in(e, "temporary file in %s", s->folder);
	return err_hint(e, "free some space (df -h shows how much there is), or set another folder "
			   "for the command: TMPDIR=FOLDER");
}

/* A text in memory is rewritten in memory, because files may no longer be opened then. */
static bool is_for_file(const struct spool *s, size_t more)
{
	return !s->fd && !s->rewriting && s->memory.len + more > SPOOL_MEMORY;
}

bool spool_write(struct spool *s, struct str bytes, struct err *e)
{
	if (is_for_file(s, bytes.len)) {
		if (!open_file(s, e) || !write_file(s, buf_str(&s->memory), e))
			return false;
		buf_done(&s->memory);
	}
	if (s->fd && !write_file(s, bytes, e))
		return false;
	if (!s->fd) {
		s->memory.limit = SIZE_MAX / 2;
		buf_add(&s->memory, bytes);
	}
	*(s->rewriting ? &s->added : &s->size) += bytes.len;
	return true;
}

static char *piece_of(struct spool *s)
{
	if (!s->piece)
		s->piece = mem_alloc(SPOOL_PIECE);
	return s->piece;
}

static bool read_piece(struct spool *s, uint64_t at, size_t n, struct str *ret, struct err *e)
{
	if (!file_read_at(s->fd, s->start + at, piece_of(s), &n, e)) {
		e->kind = ERR_TEMPORARY;
		return err_in(e, "temporary file in %s", s->folder);
	}
	*ret = str_n(s->piece, n);
	return n || err_set(e, ERR_TEMPORARY, "temporary file in %s: it was cut short", s->folder);
}

bool spool_at(struct spool *s, uint64_t at, struct str *ret, struct err *e)
{
	uint64_t left = at < s->size ? s->size - at : 0;
	size_t n = left < SPOOL_PIECE ? (size_t)left : SPOOL_PIECE;

	if (n && s->fd)
		return read_piece(s, at, n, ret, e);
	*ret = str_head(str_from(buf_str(&s->memory), s->start + at), n);
	if (n && s->rewriting) { /* the memory may move while the new text is written */
		memcpy(piece_of(s), ret->p, n);
		ret->p = s->piece;
	}
	return true;
}

void spool_rewrite_begin(struct spool *s)
{
	s->rewriting = true;
	s->added = 0;
}

void spool_rewrite_end(struct spool *s, bool keep)
{
	if (!s->fd && keep)
		buf_drop(&s->memory, s->size);
	else if (!s->fd)
		buf_cut(&s->memory, s->size);
	else if (keep)
		s->start += s->size;
	else
		(void)lseek(s->fd, (off_t)(s->start + s->size), SEEK_SET);
	if (keep)
		s->size = s->added;
	s->rewriting = false;
}

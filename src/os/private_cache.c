/* SPDX-License-Identifier: MIT */
#include "os/private_cache.h"

#include "base/log.h"
#include "base/mem.h"
#include "os/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	TRIES = 4,              /* at a name for the new file that nobody else uses */
	SWEPT = 256,            /* names that are looked at after one write */
	UNFINISHED = 24 * 3600, /* seconds after which nobody writes a new file any more */
};

/* Opens the folder if no one else can read or change it; otherwise -1. */
static int open_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 077))
		return fd;
	file_close_at(&fd);
	return -1;
}

/* Whether path is ours, and if it is a link, the link too: others must not choose the place. */
static bool is_ours(const char *path)
{
	struct stat link, st;

	return lstat(path, &link) == 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       link.st_uid == geteuid() && st.st_uid == geteuid();
}

/* Makes path if it is missing, in a folder that is ours; `above`: that folder too. */
static void make_folder(const char *path, bool above)
{
	const char *slash = strrchr(path, '/');
	char *parent CLEAN_UP(mem_free_at) = mem_dup(path, slash ? (size_t)(slash - path) : 0);

	if (above)
		make_folder(parent, false);
	if (is_ours(parent))
		(void)mkdir(path, 0700);
}

bool private_cache_make(const char *folder)
{
	make_folder(folder, false);
	return file_is_there(folder);
}

static bool is_fresh(const struct stat *st, unsigned max_age)
{
	time_t now = time(NULL);

	/* A time in the future means that the clock was set back: the age is unknown. */
	return st->st_mtime <= now + 60 && now - st->st_mtime <= (time_t)max_age;
}

bool private_cache_read(const char *folder, const char *name, unsigned max_age, struct buf *out)
{
	int dir CLEAN_UP(file_close_at) = open_folder(folder);
	int fd CLEAN_UP(file_close_at) = -1;
	size_t n = out->limit;
	struct err ignored;
	struct stat st;

	if (dir < 0)
		return false;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
		!is_fresh(&st, max_age))
		return false;
	buf_reserve(out, n);
	out->len = n; /* before it is read: what a failed read leaves is wiped as well */
	if (!file_read_at(fd, 0, out->data, &n, &ignored))
		return buf_wipe(out), false;
	out->len = n;
	out->data[n] = '\0';
	return true;
}

/* Opens a new file beside the old one, under another name. */
static int open_new(int dir, const char *name, char **ret_name)
{
	static unsigned counter;

	for (unsigned i = 0; i < TRIES; i++) {
		*ret_name = mem_fmt("%s.%ld-%u", name, (long)getpid(), counter++);
		int fd = openat(
			dir, *ret_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0)
			return fd;
		(void)unlinkat(dir, *ret_name, 0); /* of a process that is gone */
		mem_free(*ret_name);
		*ret_name = NULL;
	}
	return -1;
}

bool private_cache_prepare(const char *folder)
{
	int fd CLEAN_UP(file_close_at) = open_folder(folder);

	if (fd < 0) {
		make_folder(folder, true);
		fd = open_folder(folder);
	}
	if (fd < 0)
		log_note(
			"nothing is kept for later runs: %s is not a folder of ours alone", folder);
	return fd >= 0;
}

/* Whether an entry is of that kind: in use, or a new file that never became one. */
static bool is_of_kind(const char *entry, const char *kind, bool *ret_unfinished)
{
	const char *dot = strchr(entry, '.');
	size_t n = strlen(kind);

	if (!dot || strncmp(dot, kind, n) != 0)
		return false;
	*ret_unfinished = dot[n] == '.';
	return !dot[n] || *ret_unfinished;
}

static void sweep_entry(int dir, const char *entry, const char *kind, unsigned max_age)
{
	time_t now = time(NULL);
	bool unfinished;
	struct stat st;

	if (!is_of_kind(entry, kind, &unfinished) ||
		fstatat(dir, entry, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return;
	if (now - st.st_mtime > (time_t)(unfinished ? UNFINISHED : max_age))
		(void)unlinkat(dir, entry, 0);
}

/* Removes what is too old to be read again, of the kind of `name`. */
static void sweep(const char *folder, const char *name, unsigned max_age)
{
	const char *kind = strchr(name, '.');
	int fd = open_folder(folder);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		file_close_at(&fd);
		return;
	}
	for (unsigned i = 0; kind && i < SWEPT && (entry = readdir(dir)); i++)
		sweep_entry(fd, entry->d_name, kind, max_age);
	closedir(dir);
}

bool private_cache_write(const char *folder, const char *name, unsigned max_age, struct str bytes)
{
	char *fresh CLEAN_UP(mem_free_at) = NULL;
	struct err ignored;

	make_folder(folder, true);
	int dir CLEAN_UP(file_close_at) = open_folder(folder);
	int fd CLEAN_UP(file_close_at) = dir < 0 ? -1 : open_new(dir, name, &fresh);
	if (fd < 0)
		return false;
	bool good = file_write_all(fd, bytes, &ignored) && renameat(dir, fresh, dir, name) == 0;
	if (!good)
		(void)unlinkat(dir, fresh, 0);
	sweep(folder, name, max_age);
	return good;
}

bool private_cache_remove(const char *folder, const char *name)
{
	int dir CLEAN_UP(file_close_at) = open_folder(folder);

	return dir >= 0 && unlinkat(dir, name, 0) == 0;
}

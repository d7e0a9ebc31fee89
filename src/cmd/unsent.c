/* SPDX-License-Identifier: MIT */
#include "cmd/unsent.h"

#include "base/clock.h"
#include "base/mem.h"
#include "conf/config_files.h"
#include "os/file.h"
#include "os/interrupt.h"
#include "os/private_cache.h"
#include "ui/print.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum {
	TYPED_MAX = 64 << 20, /* octets that are kept */
	TRIES = 100,          /* at a name that nobody else uses */
};

void unsent_init(struct unsent *u)
{
	*u = (struct unsent) { .typed = BUF_INIT(TYPED_MAX) };
}

void unsent_done(struct unsent *u)
{
	buf_done(&u->typed);
	mem_free(u->folder);
	u->folder = NULL;
}

/* Makes the folder, and those above it that are missing; false if there is none of ours alone. */
static bool make_folder(const char *folder)
{
	char *path CLEAN_UP(mem_free_at) = mem_str(folder);

	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		bool good = private_cache_make(path);
		*slash = '/';
		if (!good)
			return false;
	}
	return private_cache_prepare(folder);
}

void unsent_prepare(struct unsent *u)
{
	char *folder = u->typed.len ? config_files_below(NULL, ".local/state/", "postrider") : NULL;

	if (folder && !make_folder(folder)) {
		mem_free(folder);
		folder = NULL;
	}
	u->folder = folder;
}

/* Opens a new file; -1 if there is no room for one. *ret is its path. */
static int open_new_file(const char *folder, char **ret)
{
	char date[CLOCK_DATE_MAX];
	int fd = -1;

	clock_date(time(NULL), "%Y-%m-%dT%H:%M:%S", date, sizeof(date));
	for (unsigned i = 0; i < TRIES && fd < 0; i++) {
		mem_free(*ret);
		*ret = i ? mem_fmt("%s/unsent-%s-%u", folder, date, i)
			 : mem_fmt("%s/unsent-%s", folder, date);
		fd = open(*ret, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

/* Writes the text into a new file and returns its path, which the caller frees; NULL with *e. */
static char *write_text(const char *folder, struct str text, struct err *e)
{
	char *path = NULL;
	int fd = open_new_file(folder, &path);

	if (fd < 0)
		err_os(e, ERR_TEMPORARY, errno, "%s", path);
	bool good = fd >= 0 && (file_write_all(fd, text, e) || err_in(e, "%s", path));
	if (good && fsync(fd) != 0)
		good = err_os(e, ERR_TEMPORARY, errno, "%s", path);
	if (fd >= 0 && close(fd) != 0 && good)
		good = err_os(e, ERR_TEMPORARY, errno, "%s", path);
	if (good)
		return path;
	if (fd >= 0)
		(void)unlink(path);
	mem_free(path);
	return NULL;
}

void unsent_keep(const struct unsent *u, enum disposition disposition)
{
	struct err e;

	if (!u->folder || disposition == DISPOSITION_DONE || interrupt_signal() == SIGINT)
		return;
	char *path CLEAN_UP(mem_free_at) = write_text(u->folder, buf_str(&u->typed), &e);
	if (path)
		print_line("%s typed is kept in %s",
			u->typed.over ? "the beginning of what was" : "what was", path);
	else
		print_line("what was typed cannot be kept: %s", e.what);
}

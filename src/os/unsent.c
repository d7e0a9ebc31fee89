/* SPDX-License-Identifier: MIT */
#include "os/unsent.h"

#include "base/clock.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/private_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { TRIES = 100 }; /* at a name that nobody else uses */

bool unsent_prepare(const char *folder)
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

char *unsent_keep(const char *folder, struct str text, struct err *e)
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

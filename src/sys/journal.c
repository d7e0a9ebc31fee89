/* SPDX-License-Identifier: MIT */
#include "sys/journal.h"

#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

static const struct {
	const char *name;
	int facility;
} facilities[] = {
	{ "LOG_MAIL", LOG_MAIL },
	{ "LOG_USER", LOG_USER },
	{ "LOG_DAEMON", LOG_DAEMON },
	{ "LOG_LOCAL0", LOG_LOCAL0 },
	{ "LOG_LOCAL1", LOG_LOCAL1 },
	{ "LOG_LOCAL2", LOG_LOCAL2 },
	{ "LOG_LOCAL3", LOG_LOCAL3 },
	{ "LOG_LOCAL4", LOG_LOCAL4 },
	{ "LOG_LOCAL5", LOG_LOCAL5 },
	{ "LOG_LOCAL6", LOG_LOCAL6 },
	{ "LOG_LOCAL7", LOG_LOCAL7 },
};

bool journal_append(const char *path, struct str line, struct err *e)
{
	struct stat st;
	int fd CLEAN_UP(file_close_at) = open(path,
		O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		0600);

	if (fd < 0)
		return err_os(e, ERR_IO, errno, "%s", path);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1)
		return err_set(e, ERR_IO, "%s: not a regular file with one name", path);
	return file_write_all(fd, line, e) || err_in(e, "%s", path);
}

static int find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(facilities); i++)
		if (strcmp(facilities[i].name, name) == 0)
			return facilities[i].facility;
	return -1;
}

bool journal_knows(const char *facility)
{
	return find(facility) >= 0;
}

void journal_syslog(const char *facility, bool failure, const char *text)
{
	int found = find(facility);

	openlog("postrider", LOG_PID | LOG_NDELAY, found < 0 ? LOG_MAIL : found);
	syslog(failure ? LOG_ERR : LOG_INFO, "%s", text);
	closelog();
}

/* SPDX-License-Identifier: MIT */
#include "os/log_sink.h"

#include "base/clock.h"
#include "os/file.h"
#include "os/poll.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

enum { WAIT_MS = 1000, PACKET_MAX = 32768 };

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

int log_sink_open(const char *path, struct err *e)
{
	struct stat st;
	int fd = open(path,
		O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		0600);

	if (fd < 0) {
		err_os(e, ERR_IO, errno, "%s", path);
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
		return fd;
	err_set(e, ERR_IO, "%s: not a regular file with one name", path);
	close(fd);
	return -1;
}

bool log_sink_append(int fd, struct str line, struct err *e)
{
	return file_write_all(fd, line, e);
}

static int find_facility(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(facilities); i++)
		if (strcmp(facilities[i].name, name) == 0)
			return facilities[i].facility;
	return -1;
}

bool log_sink_knows(const char *facility)
{
	return find_facility(facility) >= 0;
}

/* "<priority>time tag[pid]: text" (RFC 3164 section 4.1), as local loggers read it. */
static void write_packet(struct buf *out, int priority, const char *text)
{
	char date[64];

	clock_date(time(NULL), "%b %e %H:%M:%S", date, sizeof(date));
	buf_fmt(out, "<%d>%s postrider[%ld]: %s", priority, date, (long)getpid(), text);
}

bool log_sink_syslog(const char *facility, bool failure, const char *text, struct err *e)
{
	static const struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = _PATH_LOG };
	struct buf packet CLEAN_UP(buf_done) = BUF_INIT(PACKET_MAX);
	int fd CLEAN_UP(file_close_at) =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	deadline until = deadline_in(WAIT_MS);
	unsigned ready;

	write_packet(&packet, find_facility(facility) | (failure ? LOG_ERR : LOG_INFO), text);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
		return err_os(e, ERR_IO, errno, "%s", _PATH_LOG);
	if (!poll_fd(fd, POLL_WRITE, until, &ready, e))
		return false;
	if (send(fd, packet.data, packet.len, MSG_NOSIGNAL) < 0)
		return err_os(e, ERR_IO, errno, "%s", _PATH_LOG);
	return true;
}

/* SPDX-License-Identifier: MIT */
#include "os/file.h"

#include "base/mem.h"
#include "os/interrupt.h"
#include "os/poll.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PIECE = 16384, /* octets read at once */
	KERNEL_FILE_OCTETS =
		65536, /* what the kernel says is the size of a file that it makes up */
};

void file_secure_std(void)
{
	int fd;

	do
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

bool file_is_there(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0;
}

void file_close_at(int *fd)
{
	if (*fd > 0)
		close(*fd);
	*fd = 0;
}

/* Whether EINTR came from a signal that does not end the run. */
static bool is_passing_signal(void)
{
	return errno == EINTR && !interrupt_is_due();
}

int file_open(const char *path, struct err *e)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	while (fd < 0 && is_passing_signal());
	if (fd < 0)
		err_os(e, ERR_NOINPUT, errno, "%s", path);
	return fd;
}

static bool is_standard_input(const char *path)
{
	return path[0] == '-' && !path[1];
}

bool file_check_input(const char *path, struct err *e)
{
	struct stat st;

	if (is_standard_input(path))
		return true;
	if (stat(path, &st) != 0 || faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0) {
		err_os(e, ERR_NOINPUT, errno, "%s", path);
		return err_hint_about(e,
			"is the name spelt right, and may you read it? look with: ls -ld ", path,
			"");
	}
	if (!S_ISDIR(st.st_mode))
		return true;
	err_set(e, ERR_NOINPUT, "%s: it is a folder", path);
	return err_hint_about(e,
		"name a file; a folder can be packed into one first: tar -czf NAME.tar.gz ", path,
		"");
}

static bool refuse_device(const char *path, struct err *e)
{
	return err_set(e, ERR_NOINPUT, "%s: it is a device, whose contents may never end", path);
}

bool file_check_attachment(const char *path, struct err *e)
{
	struct stat st;

	if (!file_check_input(path, e))
		return false;
	if (is_standard_input(path) || stat(path, &st) != 0 ||
		!(S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)))
		return true;
	refuse_device(path, e);
	return err_hint(e, "copy what is to be sent into a file, and attach that");
}

bool file_size(int fd, uint64_t *ret)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	if (st.st_size <= 0 || (!st.st_blocks && st.st_size <= KERNEL_FILE_OCTETS))
		return false;
	*ret = (uint64_t)st.st_size;
	return true;
}

/*
 * Waits until a FIFO has a writer, which may take days. open() would wait too, but would miss a
 * signal that came just before it.
 */
static bool await_writer(int fd, const char *path, struct err *e)
{
	struct stat st;
	unsigned ready;

	if (fstat(fd, &st) != 0)
		return err_os(e, ERR_NOINPUT, errno, "%s", path);
	if (S_ISFIFO(st.st_mode) && !poll_fd(fd, POLL_READ, DEADLINE_NEVER, &ready, e))
		return false;
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) == 0 ||
	       err_os(e, ERR_NOINPUT, errno, "%s", path);
}

int file_open_input(const char *path, struct err *e)
{
	int fd;

	if (!file_check_input(path, e))
		return -1;
	if (!is_standard_input(path)) {
		fd = file_open(path, e);
		if (fd < 0 || await_writer(fd, path, e))
			return fd;
		file_close_at(&fd);
		return -1;
	}
	fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		err_os(e, ERR_NOINPUT, errno, "%s", path);
	return fd;
}

/*
 * After an interruption, or if another process made the shared descriptor non-blocking, waits until
 * fd is ready. Reading a message has no deadline.
 */
static bool is_passing(int fd, unsigned want)
{
	int os_errno = errno;
	unsigned ready;
	struct err ignored;

	if (is_passing_signal() ||
		(os_errno == EAGAIN && poll_fd(fd, want, DEADLINE_NEVER, &ready, &ignored)))
		return true;
	errno = os_errno;
	return false;
}

bool file_read_some(int fd, char *to, size_t size, size_t *ret_n, struct err *e)
{
	ssize_t n;

	do
		n = read(fd, to, size);
	while (n < 0 && is_passing(fd, POLL_READ));
	if (n < 0)
		return err_os(e, ERR_IO, errno, "read");
	*ret_n = (size_t)n;
	return true;
}

bool file_read_at(int fd, uint64_t at, char *to, size_t *n, struct err *e)
{
	ssize_t got;

	do
		got = pread(fd, to, *n, (off_t)at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_os(e, ERR_IO, errno, "read");
	*n = (size_t)got;
	return true;
}

bool file_write_all(int fd, struct str bytes, struct err *e)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.p, bytes.len);
		if (n < 0 && is_passing(fd, POLL_WRITE))
			continue;
		if (n < 0)
			return err_os(e, ERR_TEMPORARY, errno, "write");
		bytes = str_from(bytes, (size_t)n);
	}
	return true;
}

/* A pipe that is ready takes this much without blocking (POSIX: _POSIX_PIPE_BUF). */
enum { READY_OCTETS = 512 };

bool file_write_within(int fd, struct str bytes, unsigned seconds, struct err *e)
{
	unsigned ready;

	while (bytes.len) {
		struct str part = str_head(bytes, READY_OCTETS);
		if (!poll_fd(fd, POLL_WRITE, deadline_in((int64_t)seconds * 1000), &ready, e))
			return false;
		if (!ready)
			return err_set(e, ERR_TIMEOUT, "nothing was read for %u s", seconds);
		if (!file_write_all(fd, part, e))
			return false;
		bytes = str_from(bytes, part.len);
	}
	return true;
}

/* Whether reading it may never end, or have an effect; /dev/null is as good as an empty file. */
static bool is_device(int fd)
{
	struct stat st, null;

	if (fstat(fd, &st) != 0 || !(S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)))
		return false;
	return stat("/dev/null", &null) != 0 || st.st_rdev != null.st_rdev;
}

/* Reads some octets of a file, or of a FIFO whose writer may be slow. */
static bool read_until(int fd, deadline until, char *piece, size_t *ret_n, struct err *e)
{
	unsigned ready;
	ssize_t n;

	while ((n = read(fd, piece, PIECE)) < 0) {
		if (errno != EINTR && errno != EAGAIN)
			return err_os(e, ERR_IO, errno, "read");
		if (!poll_fd(fd, POLL_READ, until, &ready, e))
			return false;
		/* Some descriptors are always said to be ready. */
		if (!ready || deadline_passed(until))
			return err_set(e, ERR_IO, "nothing came in time");
	}
	*ret_n = (size_t)n;
	return true;
}

/* Growing would leave copies of secrets behind. */
static void reserve_all(int fd, struct buf *out)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_size > 0 && (uint64_t)st.st_size < out->limit)
		buf_reserve(out, (size_t)st.st_size);
}

bool file_read(const char *path, struct buf *out, struct file_facts *ret, struct err *e)
{
	char piece[PIECE] ATTR_UNINITIALIZED;
	size_t n = 0;

	*ret = (struct file_facts) { 0 };
	int fd CLEAN_UP(file_close_at) = file_open(path, e);
	if (fd < 0) {
		ret->missing =
			e->os == ENOENT || e->os == ENOTDIR ||
			(e->os == EACCES && faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) != 0);
		if (e->os == EACCES)
			file_permissions_hint(path, e);
		return false;
	}
	if (is_device(fd))
		return refuse_device(path, e);
	file_permissions_get(fd, ret);
	reserve_all(fd, out);
	deadline until = deadline_in((int64_t)FILE_FIFO_SECONDS * 1000);
	do {
		if (!read_until(fd, until, piece, &n, e)) {
			err_become(e, ERR_NOINPUT);
			return err_in(e, "%s", path);
		}
		buf_bytes(out, piece, n);
		mem_wipe(piece, n);
	} while (n && !out->over);
	if (out->over)
		return err_set(e, ERR_NOINPUT, "%s: larger than %zu octets", path, out->limit);
	return true;
}

bool file_read_for(const char *setting, const char *path, struct buf *out, struct file_facts *ret,
	struct err *e)
{
	if (file_read(path, out, ret, e))
		return true;
	if (e->os) {
		struct err why = *e;
		err_os(e, ERR_CONFIG, why.os, "%s %s", setting, path);
		return why.hint[0] ? err_hint(e, "%s", why.hint) : false;
	}
	err_become(e, ERR_CONFIG);
	return err_in(e, "%s", setting);
}

/* SPDX-License-Identifier: MIT */
/*
 * probe - what a process may still do, tried from inside.
 *
 * Loaded before the program (LD_PRELOAD). The first time it waits for the network with
 * no_new_privs set, each word of $PROBE is tried, and the results are written to descriptor
 * $PROBE_FD, a line each: the word, and "yes" or the reason why not.
 *
 *   read:PATH write:PATH make:PATH list:PATH exec:PATH connect:PORT abstract:NAME signal:PID
 *
 * With $PROBE_LATER the clock is that many seconds ahead.
 */
/* glibc would have a poll() of its own inline. */
#undef _FORTIFY_SOURCE

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* A child tries: where it can, it is another program then. */
static int try_exec(const char *path)
{
	char *argv[] = { (char *)(size_t)path, NULL };
	int status = 0;

	signal(SIGCHLD, SIG_DFL);
	pid_t pid = fork();
	if (!pid) {
		execv(path, argv);
		_exit(errno);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

static int try_connect(const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int failed = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 ? 0 : errno;

	close(fd);
	return failed;
}

/* A socket of a server that has no place among the files. */
static int try_abstract(const char *name)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(to.sun_path + 1, name, strnlen(name, sizeof(to.sun_path) - 1));
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	int failed = connect(fd, (struct sockaddr *)&to, len) == 0 ? 0 : errno;
	close(fd);
	return failed;
}

static int try_signal(const char *pid)
{
	return kill((pid_t)atoi(pid), 0) == 0 ? 0 : errno;
}

static int try_word(const char *word)
{
	const char *what = strchr(word, ':') + 1;

	switch (word[0]) {
	case 'r':
		return try_open(what, O_RDONLY);
	case 'w':
		return try_open(what, O_WRONLY);
	case 'm':
		return try_open(what, O_WRONLY | O_CREAT);
	case 'l':
		return try_open(what, O_RDONLY | O_DIRECTORY);
	case 'e':
		return try_exec(what);
	case 'a':
		return try_abstract(what);
	case 's':
		return try_signal(what);
	default:
		return try_connect(what);
	}
}

static void probe(void)
{
	static bool done;
	char *words = getenv("PROBE"), *rest = NULL;
	const char *fd = getenv("PROBE_FD");

	if (done || !words || !fd || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return;
	done = true;
	words = strdup(words);
	for (char *w = strtok_r(words, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
		int failed = try_word(w);
		dprintf(atoi(fd), "%s %s\n", w, failed ? strerrorname_np(failed) : "yes");
	}
	free(words);
}

time_t time(time_t *to)
{
	const char *later = getenv("PROBE_LATER");
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += later ? atoi(later) : 0;
	if (to)
		*to = now.tv_sec;
	return now.tv_sec;
}

/* Whatever is waited for. */
int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	int (*real)(struct pollfd *, nfds_t, int);

	*(void **)&real = dlsym(RTLD_NEXT, "poll");
	probe();
	return real(fds, n, timeout);
}

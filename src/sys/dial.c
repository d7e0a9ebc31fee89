/* SPDX-License-Identifier: MIT */
#include "sys/dial.h"

#include "base/buf.h"
#include "base/mem.h"
#include "sys/wait.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* Names that mean this machine (RFC 6761 section 6.3). */
static bool is_local_name(const char *host)
{
	struct str name = str_chop(str_of(host), '.');

	return str_same(name, STR("localhost")) || str_ends_same(name, STR(".localhost"));
}

bool dial_is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (is_local_name(host))
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool explain_lookup(const char *host, int failed, struct err *e)
{
	err_set(e, ERR_NETWORK, "host %s: %s", host,
		failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
	return err_hint(e, "is the name spelt right (host), and is the network up?");
}

/*
 * Names are looked up by libc, in a thread of its own, because it knows no deadline. A look-up that
 * takes too long is left alone, with its memory: the run is over then.
 */
static bool look_up(struct gaicb *job, deadline until, struct err *e)
{
	const struct gaicb *jobs[] = { job };
	struct gaicb *start[] = { job };
	int failed = getaddrinfo_a(GAI_NOWAIT, start, 1, NULL);

	if (failed)
		return explain_lookup(job->ar_name, failed, e);
	while ((failed = gai_error(job)) == EAI_INPROGRESS) {
		int left = deadline_left(until);
		struct timespec wait = { .tv_sec = left / 1000,
			.tv_nsec = (long)(left % 1000) * 1000000 };
		if (!left) {
			err_set(e, ERR_TIMEOUT, "host %s: the name server did not answer in time",
				job->ar_name);
			return err_hint(e, "is the network up, and /etc/resolv.conf right?");
		}
		(void)gai_suspend(jobs, 1, left < 0 ? NULL : &wait);
	}
	return !failed || explain_lookup(job->ar_name, failed, e);
}

struct lookup_terms {
	const char *host;
	unsigned port;
	int flags; /* of getaddrinfo() */
};

struct lookup {
	struct addrinfo hints;
	struct gaicb job;
	char host[NI_MAXHOST], service[16];
};

static bool resolve(
	const struct lookup_terms *terms, deadline until, struct addrinfo **ret, struct err *e)
{
	const char *host = terms->host;
	struct lookup *l = mem_alloc(sizeof(*l));

	l->hints = (struct addrinfo) { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST };
	text_fmt(l->host, sizeof(l->host), "%s", host);
	text_fmt(l->service, sizeof(l->service), "%u", terms->port);
	/* No resolver is asked where localhost is: secrets may go there in clear. */
	if (getaddrinfo(is_local_name(host) ? NULL : host, l->service, &l->hints, ret) == 0) {
		mem_free(l);
		return true;
	}
	l->hints.ai_flags = AI_NUMERICSERV | terms->flags;
	l->job = (struct gaicb) {
		.ar_name = l->host, .ar_service = l->service, .ar_request = &l->hints
	};
	if (!look_up(&l->job, until, e)) {
		if (e->kind != ERR_TIMEOUT)
			mem_free(l);
		return false;
	}
	*ret = l->job.ar_result;
	mem_free(l);
	return true;
}

static void address_text(const struct sockaddr *sa, socklen_t len, char to[DIAL_ADDRESS_MAX])
{
	if (getnameinfo(sa, len, to, DIAL_ADDRESS_MAX, NULL, 0, NI_NUMERICHOST))
		text_fmt(to, DIAL_ADDRESS_MAX, "unknown");
}

/* RFC 5321 section 4.1.3. A scope (%eth0) means nothing to the other side. */
static void local_literal(int fd, char to[DIAL_ADDRESS_MAX])
{
	struct sockaddr_storage ss = { 0 };
	socklen_t len = sizeof(ss);
	char text[DIAL_ADDRESS_MAX];

	if (getsockname(fd, (struct sockaddr *)&ss, &len) != 0)
		len = 0;
	address_text((struct sockaddr *)&ss, len, text);
	text[strcspn(text, "%")] = '\0';
	text_fmt(to, DIAL_ADDRESS_MAX, "[%s%.60s]", ss.ss_family == AF_INET6 ? "IPv6:" : "", text);
}

/* One non-blocking connect and the wait for its end. */
static bool try_address(int fd, const struct addrinfo *ai, deadline until, struct err *e)
{
	unsigned ready;
	int failed = 0;
	socklen_t len = sizeof(failed);

	if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return true;
	if (errno != EINPROGRESS)
		return err_os(e, ERR_NETWORK, errno, "cannot connect");
	if (!wait_fd(fd, WAIT_WRITE, until, &ready, e))
		return false;
	if (!ready)
		return err_set(e, ERR_TIMEOUT, "no answer to the connection attempt");
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &len) != 0 || failed)
		return err_os(e, ERR_NETWORK, failed ? failed : errno, "cannot connect");
	return true;
}

static bool connect_to(
	const struct addrinfo *ai, deadline until, struct dial_result *ret, struct err *e)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	address_text(ai->ai_addr, ai->ai_addrlen, ret->peer);
	if (fd < 0)
		return err_os(e, errno == EAFNOSUPPORT ? ERR_NETWORK : ERR_OS, errno,
			"socket for %s", ret->peer);
	if (!try_address(fd, ai, until, e)) {
		close(fd);
		return err_in(e, "%s", ret->peer);
	}
	local_literal(fd, ret->local);
	ret->stream = stream_of_socket(fd);
	return true;
}

/* Each address gets its share of the time that is left; the first failure is the one told. */
static bool try_all(
	const struct addrinfo *list, deadline until, struct dial_result *ret, struct err *e)
{
	struct err later;
	int left = 0;

	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next)
		left++;
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next, left--) {
		int ms = deadline_left(until);
		deadline share = ms < 0 ? DEADLINE_NEVER : deadline_in(ms / left);
		if (connect_to(ai, share, ret, ai == list ? e : &later))
			return true;
	}
	return false;
}

bool dial_canonical(const char *host, deadline until, char *ret, size_t size, struct err *e)
{
	const struct lookup_terms terms = { .host = host, .flags = AI_CANONNAME };
	struct addrinfo *found;

	if (!resolve(&terms, until, &found, e))
		return false;
	text_fmt(ret, size, "%s", found->ai_canonname ? found->ai_canonname : host);
	freeaddrinfo(found);
	return true;
}

bool dial(const char *host, unsigned port, deadline until, struct dial_result *ret, struct err *e)
{
	const struct lookup_terms terms = { .host = host, .port = port };
	struct addrinfo *list;

	if (!resolve(&terms, until, &list, e))
		return false;
	bool done = try_all(list, until, ret, e);
	freeaddrinfo(list);
	if (done)
		return true;
	err_in(e, "host %s, port %u", host, port);
	return err_hint(e, "is the server up, is the port right, does a firewall block it?");
}

/* --- Unix sockets --- */

static bool explain_socket(const char *path, int failed, struct err *e)
{
	if (failed == EAGAIN) {
		err_set(e, ERR_TIMEOUT, "socket %s: the server did not take the connection in time",
			path);
		return err_hint(e, "is the server overloaded, or has it stopped?");
	}
	err_os(e, ERR_NETWORK, failed, "socket %s: cannot connect", path);
	if (failed == EACCES || failed == EPERM)
		return err_hint(e, "this user needs the right to write to it, and to enter the "
				   "folders above");
	if (failed == ENOENT || failed == ENOTDIR)
		return err_hint(e, "is the path spelt right (socket), and is the server up?");
	return err_hint(e, "is the server up, and is this its socket?");
}

/*
 * A server whose queue is full cannot be polled for: a blocking connect waits for it, and the time
 * for sending is its limit.
 */
static bool connect_socket(int fd, const struct sockaddr_un *to, deadline until)
{
	int left = deadline_left(until);
	struct timeval limit = { .tv_sec = left / 1000, .tv_usec = (left % 1000) * 1000 };

	if (left == 0) {
		errno = EAGAIN;
		return false;
	}
	if (left > 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0)
		return false;
	return connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0;
}

bool dial_socket(const char *path, deadline until, struct dial_result *ret, struct err *e)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(to.sun_path)) {
		err_set(e, ERR_CONFIG, "socket %s: the path of a socket has at most %zu octets",
			path, sizeof(to.sun_path) - 1);
		return err_hint(e, "make a symbolic link with a shorter path, and name that");
	}
	text_fmt(to.sun_path, sizeof(to.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_os(e, ERR_OS, errno, "socket for %s", path);
	if (!connect_socket(fd, &to, until)) {
		int failed = errno;
		close(fd);
		return explain_socket(path, failed, e);
	}
	text_fmt(ret->peer, sizeof(ret->peer), "%s", path);
	text_fmt(ret->local, sizeof(ret->local), "localhost");
	ret->stream = stream_of_socket(fd);
	return true;
}

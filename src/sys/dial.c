/* SPDX-License-Identifier: MIT */
#include "sys/dial.h"

#include "base/buf.h"
#include "sys/wait.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Names that mean this machine (RFC 6761 section 6.3). */
static bool is_local_name(const char *host)
{
	struct str name = str_of(host);

	if (name.len && name.p[name.len - 1] == '.')
		name.len--;
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

static bool resolve(const char *host, unsigned port, struct addrinfo **ret, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	char service[16];

	text_fmt(service, sizeof(service), "%u", port);
	/* No resolver is asked where localhost is: secrets may go there in clear. */
	int failed = getaddrinfo(is_local_name(host) ? NULL : host, service, &hints, ret);
	if (!failed)
		return true;
	err_set(e, ERR_NETWORK, "host %s: %s", host,
		failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
	return err_hint(e, "is the name spelt right (host), and is the network up?");
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
		return err_os(e, ERR_OS, errno, "socket for %s", ret->peer);
	if (!try_address(fd, ai, until, e)) {
		close(fd);
		return err_in(e, "%s", ret->peer);
	}
	local_literal(fd, ret->local);
	ret->stream = stream_of_socket(fd);
	return true;
}

bool dial(const char *host, unsigned port, deadline until, struct dial_result *ret, struct err *e)
{
	struct addrinfo *list;
	bool done = false;
	int left = 0;

	if (!resolve(host, port, &list, e))
		return false;
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next)
		left++;
	for (const struct addrinfo *ai = list; ai && !done; ai = ai->ai_next, left--)
		done = connect_to(ai, deadline_in(deadline_left(until) / left), ret, e);
	freeaddrinfo(list);
	if (done)
		return true;
	err_in(e, "host %s, port %u", host, port);
	return err_hint(e, "is the server up, is the port right, does a firewall block it?");
}

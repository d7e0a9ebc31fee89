/* SPDX-License-Identifier: MIT */
#include "net/dial.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/happy_eyeballs.h"
#include "net/tunnel.h"
#include "os/poll.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

bool dial_is_local(const struct dial_options *t)
{
	if (t->tunnel)
		return false;
	return t->socket || (!t->proxy && resolve_is_loopback(t->host));
}

/* RFC 5321 section 4.1.3. A scope (%eth0) means nothing to the other side. */
static void local_literal(int fd, char to[DIAL_ADDRESS_MAX])
{
	struct sockaddr_storage ss = { 0 };
	struct addrinfo local = { .ai_addr = (struct sockaddr *)&ss, .ai_addrlen = sizeof(ss) };
	char text[RESOLVE_TEXT_MAX];

	if (getsockname(fd, local.ai_addr, &local.ai_addrlen) != 0)
		local.ai_addrlen = 0;
	resolve_text(&local, text);
	text[strcspn(text, "%")] = '\0';
	text_fmt(to, DIAL_ADDRESS_MAX, "[%s%.60s]", ss.ss_family == AF_INET6 ? "IPv6:" : "", text);
}

/* --- TCP --- */

/* Our own source addresses, at most one of each family. */
struct sources {
	struct addrinfo *v4, *v6;
};

static void sources_done(struct sources *s)
{
	if (s->v4)
		resolve_free(s->v4);
	if (s->v6)
		resolve_free(s->v6);
}

static bool read_sources(const char *list, struct sources *ret, struct err *e)
{
	struct str rest = str_of(list);

	while (rest.len) {
		struct str text = str_cut(&rest, '\n');
		char *address CLEAN_UP(mem_free_at) = mem_dup(text.p, text.len);
		enum resolve_family family = resolve_literal(address);
		struct addrinfo **to = family == RESOLVE_IPV6 ? &ret->v6 : &ret->v4;
		const struct resolve_options options = { .host = address };
		if (!family || *to)
			return err_set(e, ERR_CONFIG, "source_ip %s: %s", address,
				family ? "there is one of its family already"
				       : "this is no IP address");
		*to = resolve(&options, DEADLINE_NEVER, e);
		if (!*to)
			return err_in(e, "source_ip");
	}
	return true;
}

/* If there are source addresses, a family without one is not tried. */
static enum resolve_family choose_family(const struct dial_options *t, const struct sources *s)
{
	if (t->family || !s->v4 == !s->v6)
		return t->family;
	return s->v4 ? RESOLVE_IPV4 : RESOLVE_IPV6;
}

bool dial_check(const struct dial_options *t, struct err *e)
{
	struct sources from CLEAN_UP(sources_done) = { 0 };

	if (t->socket || t->tunnel || !t->sources)
		return true;
	if (!read_sources(t->sources, &from, e))
		return false;
	if ((t->family != RESOLVE_IPV6 || from.v6) && (t->family != RESOLVE_IPV4 || from.v4))
		return true;
	err_set(e, ERR_CONFIG, "address_family asks for %s, and no source_ip is of that family",
		t->family == RESOLVE_IPV6 ? "IPv6" : "IPv4");
	return err_hint(
		e, "add a line source_ip ADDRESS of that family, or the line address_family any");
}

/* Adds a hint to *e if no server could be connected to. */
static void explain_silence(const struct dial_options *t, struct err *e)
{
	if (e->os == ENETUNREACH || e->os == ENETDOWN)
		err_hint(e, "is the network up? ip route shows the ways out of this machine");
	else if (t->proxy)
		err_hint(e, "is the proxy up, and are the lines proxy_host NAME and proxy_port "
			    "NUMBER right?");
	else
		err_hint(e, "is the server up, and does no firewall block it? usual are the lines "
			    "port 465 and tls_starttls off, or port 587 and tls_starttls on");
}

static int connect_by_tcp(const struct dial_options *t, deadline until,
	char ret_peer[DIAL_ADDRESS_MAX], struct err *e)
{
	struct sources from CLEAN_UP(sources_done) = { 0 };
	struct resolve_options where = { .host = t->proxy ? t->proxy : t->host,
		.port = t->proxy ? t->proxy_port : t->port };
	const struct addrinfo *winner;

	if (!read_sources(t->sources, &from, e))
		return -1;
	where.family = choose_family(t, &from);
	struct addrinfo *list = resolve(&where, until, e);
	if (!list)
		return -1;
	struct happy_eyeballs_options options = {
		.to = list, .from_v4 = from.v4, .from_v6 = from.v6
	};
	int fd = happy_eyeballs(&options, until, &winner, e);
	if (fd >= 0)
		resolve_text(winner, ret_peer);
	resolve_free(list);
	if (fd >= 0)
		return fd;
	err_in(e, "%s %s, port %u", t->proxy ? "proxy_host" : "host", where.host, where.port);
	if (!e->hint[0])
		explain_silence(t, e);
	return -1;
}

static bool dial_host(
	const struct dial_options *t, deadline until, struct dial_result *ret, struct err *e)
{
	int fd = connect_by_tcp(t, until, ret->peer, e);

	if (fd < 0)
		return false;
	local_literal(fd, ret->local);
	ret->stream = stream_of_socket(fd);
	return true;
}

/* --- SOCKS --- */

static bool wait_for(struct stream *s, bool to_write, deadline until, struct err *e)
{
	unsigned ready;

	if (!stream_wait(s, to_write, until, &ready, e))
		return false;
	if (ready)
		return true;
	err_set(e, ERR_TIMEOUT, "it did not answer in time");
	return err_hint(e, "can the proxy reach the host? without the line proxy_host it is "
			   "connected to directly");
}

static bool write_all(struct stream *s, struct buf *out, deadline until, struct err *e)
{
	while (out->len) {
		size_t n = 0;
		enum stream_got got = stream_write(s, buf_str(out), &n, e);
		if (got == STREAM_FAIL || (got == STREAM_AGAIN && !wait_for(s, true, until, e)))
			return false;
		buf_drop(out, n);
	}
	buf_wipe(out);
	return true;
}

static bool read_exactly(
	struct stream *s, unsigned char *to, size_t wanted, deadline until, struct err *e)
{
	size_t have = 0;

	while (have < wanted) {
		size_t n = 0;
		enum stream_got got = stream_read(s, (char *)to + have, wanted - have, &n, e);
		if (got == STREAM_EOF)
			return err_set(e, ERR_NETWORK, "it closed the connection");
		if (got == STREAM_FAIL || (got == STREAM_AGAIN && !wait_for(s, false, until, e)))
			return false;
		have += n;
	}
	return true;
}

static bool shake_hands(
	struct stream *s, const struct socks_options *options, deadline until, struct err *e)
{
	struct socks engine CLEAN_UP(socks_done);
	unsigned char bytes[SOCKS_WANTED_MAX];

	if (!socks_begin(&engine, options, e))
		return false;
	while (engine.wanted)
		if (!write_all(s, &engine.out, until, e) ||
			!read_exactly(s, bytes, engine.wanted, until, e) ||
			!socks_take(&engine, bytes, e))
			return false;
	return true;
}

static bool dial_proxy(
	const struct dial_options *t, deadline until, struct dial_result *ret, struct err *e)
{
	const struct socks_options options = {
		.host = t->host,
		.port = t->port,
		.user = t->proxy_user,
		.password = t->proxy_password,
	};
	char peer[DIAL_ADDRESS_MAX];
	int64_t since = clock_now();
	int fd = connect_by_tcp(t, until, peer, e);

	if (fd < 0)
		return false;
	struct stream *s = stream_of_socket(fd);
	if (!shake_hands(s, &options, until, e)) {
		stream_close(s, false);
		err_in(e, "host %s, port %u, by the proxy %s", t->host, t->port, t->proxy);
		return e->hint[0]
			       ? false
			       : err_hint(e,
					 "the proxy is what could not connect: correct the lines "
					 "host NAME and port NUMBER, or take out proxy_host");
	}
	log_detail("the proxy %s has connected (%lld ms)", peer, (long long)(clock_now() - since));
	text_fmt(ret->peer, sizeof(ret->peer), "proxy %.60s", peer);
	text_fmt(ret->local, sizeof(ret->local), "localhost");
	ret->stream = s;
	return true;
}

/* --- tunnels --- */

static bool dial_tunnel(const char *command, struct dial_result *ret, struct err *e)
{
	log_detail("running the tunnel: %s", command);
	ret->stream = tunnel_open(command, e);
	if (!ret->stream)
		return err_in(e, "tunnel");
	text_fmt(ret->peer, sizeof(ret->peer), "tunnel");
	text_fmt(ret->local, sizeof(ret->local), "localhost");
	return true;
}

/* --- Unix sockets --- */

static bool explain_socket(const char *path, int failed, struct err *e)
{
	if (failed == EAGAIN) {
		err_set(e, ERR_TIMEOUT, "socket %s: the server did not take the connection in time",
			path);
		return err_hint(e, "is the server overloaded, or has it stopped? ss -xlp lists the "
				   "sockets and who listens");
	}
	err_os(e, ERR_NETWORK, failed, "socket %s: cannot connect", path);
	if (failed == EACCES || failed == EPERM)
		return err_hint_about(e,
			"this user needs the right to write to it and to enter the folders above: "
			"namei -l ",
			path, " shows them");
	if (failed == ENOENT || failed == ENOTDIR)
		return err_hint(e, "check the path (line socket) and that the server is up; ss -xl "
				   "lists the sockets");
	return err_hint(e, "check that the server is up and that this is its socket (line socket); "
			   "ss -xl lists the sockets");
}

/*
 * If the server's queue is full, poll() cannot wait for it. A blocking connect() does, limited by
 * the socket's send timeout.
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

static bool dial_socket(const char *path, deadline until, struct dial_result *ret, struct err *e)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(to.sun_path)) {
		err_set(e, ERR_CONFIG, "socket %s: the path of a socket has at most %zu octets",
			path, sizeof(to.sun_path) - 1);
		return err_hint(e, "make a symbolic link with a shorter path (ln -s), and write "
				   "that: socket LINK");
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

bool dial(const struct dial_options *t, deadline until, struct dial_result *ret, struct err *e)
{
	if (t->socket)
		return dial_socket(t->socket, until, ret, e);
	if (t->tunnel)
		return dial_tunnel(t->tunnel, ret, e);
	return t->proxy ? dial_proxy(t, until, ret, e) : dial_host(t, until, ret, e);
}

/* SPDX-License-Identifier: MIT */
/*
 * sink - a smarthost that costs next to nothing, for measuring clients: takes every message from
 * everybody and throws it away. Prints its port, then serves one connection after another until it
 * is killed, or 300 s after the last one came.
 *
 *   sink [-s|-c] [-n] [-r] CERTIFICATE KEY
 *
 * TLS from the first octet, with session tickets; -s: STARTTLS; -c: no TLS, and LMTP as well, with
 * one reply to each message. The replies to all commands that came together leave together; -n:
 * each is written by itself, and Nagle's algorithm is on; -r: every recipient is refused.
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 262144, REPLIES = 16384, SECONDS = 300 };

struct peer {
	int fd;
	gnutls_session_t tls; /* NULL before STARTTLS */
	size_t from, to;      /* what was read and is not taken yet, in in[] */
	size_t replied;       /* what waits to be written, in out[] */
	bool by_itself;       /* each reply */
	char in[PIECE], out[REPLIES];
};

struct offer {
	gnutls_certificate_credentials_t cred;
	gnutls_datum_t tickets; /* the key of them */
	bool starttls, clear, nagle, refuses;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- octets --- */

static ssize_t receive(struct peer *p, char *to, size_t size)
{
	ssize_t n;

	if (!p->tls)
		return read(p->fd, to, size);
	do
		n = gnutls_record_recv(p->tls, to, size);
	while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
	return n;
}

static bool flush(struct peer *p)
{
	size_t done = 0;

	while (done < p->replied) {
		size_t left = p->replied - done;
		ssize_t n = p->tls ? gnutls_record_send(p->tls, p->out + done, left)
				   : write(p->fd, p->out + done, left);
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	p->replied = 0;
	return true;
}

static bool put(struct peer *p, const char *text)
{
	size_t len = strlen(text);

	if (p->replied + len > sizeof(p->out) && !flush(p))
		return false;
	memcpy(p->out + p->replied, text, len);
	p->replied += len;
	return !p->by_itself || flush(p);
}

/* Reads more behind what is there. All replies are out before this waits. */
static bool fill(struct peer *p)
{
	if (!flush(p))
		return false;
	memmove(p->in, p->in + p->from, p->to - p->from);
	p->to -= p->from;
	p->from = 0;
	ssize_t n = receive(p, p->in + p->to, sizeof(p->in) - p->to);
	if (n <= 0)
		return false;
	p->to += (size_t)n;
	return true;
}

/* One line with its end; NULL when there will be none. */
static const char *take_line(struct peer *p)
{
	for (;;) {
		char *line = p->in + p->from;
		char *end = memchr(line, '\n', p->to - p->from);
		if (end) {
			p->from += (size_t)(end - line) + 1;
			return line;
		}
		if (!fill(p))
			return NULL;
	}
}

/* --- the message --- */

/*
 * By DATA. A dot alone on a line is its end, and the client waits behind it: so it can only be the
 * last thing that was read.
 */
static bool take_data(struct peer *p)
{
	static const char end[] = "\r\n.\r\n";
	char tail[4] = "\r\n";
	size_t kept = 2;

	if (!flush(p))
		return false;
	for (;;) {
		memcpy(p->in, tail, kept);
		ssize_t n = receive(p, p->in + kept, sizeof(p->in) - kept);
		if (n <= 0)
			return false;
		size_t all = kept + (size_t)n;
		p->from = p->to = 0;
		if (all >= 5 && memcmp(p->in + all - 5, end, 5) == 0)
			return true;
		kept = all < sizeof(tail) ? all : sizeof(tail);
		memcpy(tail, p->in + all - kept, kept);
	}
}

/* RFC 3030: the octets follow the command at once. */
static bool take_chunk(struct peer *p, const char *command)
{
	unsigned long left = strtoul(command + 4, NULL, 10);

	while (left > 0) {
		size_t here = p->to - p->from;
		size_t used = left < here ? left : here;
		p->from += used;
		left -= used;
		if (left > 0 && !fill(p))
			return false;
	}
	return put(p, "250 ok\r\n");
}

/* --- the session --- */

static bool start_tls(struct peer *p, const struct offer *offer)
{
	int rc;

	if (!flush(p))
		return false;
	gnutls_init(&p->tls, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
	gnutls_set_default_priority(p->tls);
	gnutls_credentials_set(p->tls, GNUTLS_CRD_CERTIFICATE, offer->cred);
	gnutls_session_ticket_enable_server(p->tls, &offer->tickets);
	gnutls_transport_set_int(p->tls, p->fd);
	do
		rc = gnutls_handshake(p->tls);
	while (rc < 0 && !gnutls_error_is_fatal(rc));
	p->from = p->to = 0;
	return rc >= 0;
}

#define KEYWORDS "250-sink\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-8BITMIME\r\n250-SIZE 0\r\n"

static bool hello(struct peer *p, const struct offer *offer)
{
	return put(p, offer->starttls && !p->tls ? KEYWORDS "250 STARTTLS\r\n"
						 : KEYWORDS "250 AUTH PLAIN\r\n");
}

/* AUTH PLAIN, with its initial response or without. */
static bool authenticate(struct peer *p, const char *line)
{
	bool has_initial = line[5 + strcspn(line + 5, " \r\n")] == ' ';

	return (has_initial || (put(p, "334 \r\n") && take_line(p))) && put(p, "235 yes\r\n");
}

/* False ends the connection. */
static bool obey(struct peer *p, const char *line, const struct offer *offer)
{
	if (strncasecmp(line, "EHLO", 4) == 0 || strncasecmp(line, "LHLO", 4) == 0)
		return hello(p, offer);
	if (strncasecmp(line, "STAR", 4) == 0)
		return put(p, "220 go\r\n") && start_tls(p, offer);
	if (strncasecmp(line, "AUTH", 4) == 0)
		return authenticate(p, line);
	if (strncasecmp(line, "BDAT", 4) == 0)
		return take_chunk(p, line);
	if (strncasecmp(line, "DATA", 4) == 0)
		return put(p, "354 go\r\n") && take_data(p) && put(p, "250 ok\r\n");
	if (strncasecmp(line, "RCPT", 4) == 0 && offer->refuses)
		return put(p, "550 5.1.1 this user is not known here, so nothing is taken\r\n");
	if (strncasecmp(line, "QUIT", 4) == 0) {
		(void)(put(p, "221 bye\r\n") && flush(p));
		return false;
	}
	return put(p, "250 ok\r\n");
}

static void serve(struct peer *p, const struct offer *offer)
{
	const char *line;

	if ((!offer->starttls && !offer->clear && !start_tls(p, offer)) || !put(p, "220 sink\r\n"))
		return;
	do
		line = take_line(p);
	while (line && obey(p, line, offer));
}

static int listen_on_loopback(bool nodelay)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t len = sizeof(any);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = nodelay;

	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 8))
		die("listen");
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on))) /* accept() inherits it */
		die("TCP_NODELAY");
	if (getsockname(fd, (struct sockaddr *)&any, &len))
		die("getsockname");
	printf("port=%u\n", ntohs(any.sin_port));
	fflush(stdout);
	return fd;
}

static void run(int listener, const struct offer *offer)
{
	static struct peer peer;

	for (;;) {
		alarm(SECONDS);
		peer.tls = NULL;
		peer.by_itself = offer->nagle;
		peer.from = peer.to = peer.replied = 0;
		peer.fd = accept(listener, NULL, NULL);
		if (peer.fd < 0)
			die("accept");
		serve(&peer, offer);
		if (peer.tls)
			gnutls_deinit(peer.tls);
		close(peer.fd);
	}
}

int main(int argc, char **argv)
{
	struct offer offer = { .starttls = false };
	int option;

	while ((option = getopt(argc, argv, "sncr")) != -1) {
		if (option == '?')
			return 64;
		if (option == 's')
			offer.starttls = true;
		else if (option == 'c')
			offer.clear = true;
		else if (option == 'r')
			offer.refuses = true;
		else
			offer.nagle = true;
	}
	if (argc - optind != 2)
		return 64;
	signal(SIGPIPE, SIG_IGN);
	if (gnutls_certificate_allocate_credentials(&offer.cred) < 0 ||
		gnutls_certificate_set_x509_key_file(
			offer.cred, argv[optind], argv[optind + 1], GNUTLS_X509_FMT_PEM) < 0)
		die("certificate");
	if (gnutls_session_ticket_key_generate(&offer.tickets) < 0)
		die("tickets");
	run(listen_on_loopback(!offer.nagle), &offer);
}

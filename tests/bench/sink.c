/* SPDX-License-Identifier: MIT */
/*
 * sink - a smarthost that costs next to nothing, for measuring clients: implicit TLS, AUTH PLAIN
 * answered with yes, DATA thrown away. Prints its port, serves COUNT connections one after another,
 * then ends; after 300 s it ends anyway.
 *
 *   sink CERTIFICATE KEY COUNT
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 262144, SECONDS = 300 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int listen_on_loopback(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t len = sizeof(any);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 8))
		die("listen");
	if (getsockname(fd, (struct sockaddr *)&any, &len))
		die("getsockname");
	printf("port=%u\n", ntohs(any.sin_port));
	fflush(stdout);
	return fd;
}

static bool put(gnutls_session_t tls, const char *text)
{
	return gnutls_record_send(tls, text, strlen(text)) == (ssize_t)strlen(text);
}

static ssize_t get(gnutls_session_t tls, char *to, size_t size)
{
	ssize_t n;

	do
		n = gnutls_record_recv(tls, to, size);
	while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
	return n;
}

/*
 * The message. A dot alone on a line is its end, and the client waits behind it: so it can only be
 * the last thing that was read.
 */
static bool swallow(gnutls_session_t tls, char *piece)
{
	static const char end[] = "\r\n.\r\n";
	char tail[8] = "\r\n";
	size_t kept = 2;

	for (;;) {
		memcpy(piece, tail, kept);
		ssize_t n = get(tls, piece + kept, PIECE - 8);
		if (n <= 0)
			return false;
		size_t all = kept + (size_t)n;
		if (all >= 5 && memcmp(piece + all - 5, end, 5) == 0)
			return true;
		kept = all < 4 ? all : 4;
		memcpy(tail, piece + all - kept, kept);
	}
}

static const char *answer(const char *line)
{
	static const struct {
		const char *verb, *reply;
	} rows[] = {
		{ "EHLO", "250-sink\r\n250-PIPELINING\r\n250-SIZE 0\r\n250-8BITMIME\r\n"
			  "250 AUTH PLAIN\r\n" },
		{ "AUTH", "235 yes\r\n" },
		{ "DATA", "354 go\r\n" },
		{ "QUIT", "221 bye\r\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncasecmp(line, rows[i].verb, 4) == 0)
			return rows[i].reply;
	return "250 ok\r\n";
}

/* Answers each complete line in piece; what is left of it comes to the front. */
static bool answer_lines(gnutls_session_t tls, char *piece, size_t *len, char *body)
{
	char *end;

	while ((end = memchr(piece, '\n', *len))) {
		size_t used = (size_t)(end - piece) + 1;
		const char *reply = answer(piece);
		bool data = strncmp(reply, "354", 3) == 0;
		if (!put(tls, reply) || strncmp(reply, "221", 3) == 0)
			return false;
		if (data && (!swallow(tls, body) || !put(tls, "250 ok\r\n")))
			return false;
		*len -= used;
		memmove(piece, piece + used, *len);
	}
	return true;
}

static void serve(gnutls_session_t tls)
{
	static char piece[PIECE], body[PIECE];
	size_t len = 0;
	int rc;

	do
		rc = gnutls_handshake(tls);
	while (rc < 0 && !gnutls_error_is_fatal(rc));
	if (rc < 0 || !put(tls, "220 sink\r\n"))
		return;
	for (;;) {
		ssize_t n = get(tls, piece + len, sizeof(piece) - len);
		if (n <= 0)
			return;
		len += (size_t)n;
		if (!answer_lines(tls, piece, &len, body))
			return;
	}
}

int main(int argc, char **argv)
{
	gnutls_certificate_credentials_t cred;

	if (argc != 4)
		return 64;
	alarm(SECONDS);
	if (gnutls_certificate_allocate_credentials(&cred) < 0 ||
		gnutls_certificate_set_x509_key_file(cred, argv[1], argv[2], GNUTLS_X509_FMT_PEM) <
			0)
		die("certificate");
	int listener = listen_on_loopback();
	for (int left = atoi(argv[3]); left > 0; left--) {
		gnutls_session_t tls;
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			die("accept");
		gnutls_init(&tls, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
		gnutls_set_default_priority(tls);
		gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, cred);
		gnutls_transport_set_int(tls, fd);
		serve(tls);
		gnutls_deinit(tls);
		close(fd);
	}
	gnutls_certificate_free_credentials(cred);
	return 0;
}

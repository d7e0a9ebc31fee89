/* SPDX-License-Identifier: MIT */
/*
 * odd_key - a TLS server that shows a certificate of any key, without having that key.
 *
 *   odd_key CERTIFICATE OCTETS PRIORITIES
 *
 * CERTIFICATE is a file in DER, OCTETS the size of a signature with its RSA key; every signature is
 * as many octets of nonsense. Prints the port, takes one connection on 127.0.0.1, and ends with it.
 */
#include <arpa/inet.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HANDSHAKE_MS = 60000 };

static unsigned octets;

static int sign(gnutls_privkey_t key, gnutls_sign_algorithm_t algorithm, void *ctx, unsigned flags,
	const gnutls_datum_t *hash, gnutls_datum_t *ret)
{
	(void)key;
	(void)algorithm;
	(void)ctx;
	(void)flags;
	(void)hash;
	ret->data = gnutls_malloc(octets);
	ret->size = octets;
	memset(ret->data, 0x55, octets);
	return 0;
}

static int describe(gnutls_privkey_t key, unsigned what, void *ctx)
{
	(void)key;
	(void)ctx;
	if (what == GNUTLS_PRIVKEY_INFO_PK_ALGO)
		return GNUTLS_PK_RSA;
	if (what & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO)
		return 1;
	return what & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS ? (int)octets * 8 : -1;
}

static void check(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "odd_key: %s: %s\n", what, gnutls_strerror(rc));
	exit(1);
}

static gnutls_certificate_credentials_t load(const char *path)
{
	gnutls_certificate_credentials_t ret;
	gnutls_pcert_st *cert = calloc(1, sizeof(*cert));
	gnutls_privkey_t key;
	gnutls_datum_t der;

	check(gnutls_load_file(path, &der), path);
	check(gnutls_certificate_allocate_credentials(&ret), "credentials");
	gnutls_certificate_set_flags(ret, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	check(gnutls_pcert_import_x509_raw(cert, &der, GNUTLS_X509_FMT_DER, 0), "certificate");
	check(gnutls_privkey_init(&key), "key");
	check(gnutls_privkey_import_ext4(key, NULL, NULL, sign, NULL, NULL, describe, 0), "key");
	check(gnutls_certificate_set_key(ret, NULL, 0, cert, 1, key), "certificate and key");
	gnutls_free(der.data);
	return ret;
}

static int take_connection(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) || listen(fd, 1) ||
		getsockname(fd, (struct sockaddr *)&at, &size))
		exit(1);
	printf("%u\n", ntohs(at.sin_port));
	fflush(stdout);
	return accept(fd, NULL, NULL);
}

int main(int argc, char **argv)
{
	gnutls_session_t session;
	int rc;

	if (argc != 4)
		return 2;
	octets = (unsigned)strtoul(argv[2], NULL, 10);
	gnutls_certificate_credentials_t credentials = load(argv[1]);
	check(gnutls_init(&session, GNUTLS_SERVER), "session");
	check(gnutls_priority_set_direct(session, argv[3], NULL), "priorities");
	check(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials), "credentials");
	int fd = take_connection();
	gnutls_transport_set_int(session, fd);
	gnutls_handshake_set_timeout(session, HANDSHAKE_MS);
	do
		rc = gnutls_handshake(session);
	while (rc < 0 && !gnutls_error_is_fatal(rc));
	fprintf(stderr, "odd_key: %s\n", gnutls_strerror(rc));
	return 0;
}

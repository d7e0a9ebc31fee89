/* SPDX-License-Identifier: MIT */
/*
 * verdicts - what our code says of certificates, and what GnuTLS says with all authorities loaded.
 *
 *   verdicts < LIST
 *
 * Each line of LIST has a host, an SRVName ("-": none) and three files in PEM: the chain that a
 * server shows, its key, and the trusted authorities. For each line one is printed: 1 or 0 for our
 * verdict after a handshake, 1 or 0 for GnuTLS's on the chain (without the name, which is ours to
 * judge) with all authorities, and with any of them alone; then our words.
 */
#include "net/stream.h"
#include "tls/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HANDSHAKE_MS = 30000, LINE = 4096, SHOWN_MAX = 16 };

struct row {
	char *host, *service, *chain, *key, *trust;
};

static void check(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "verdicts: %s: %s\n", what, gnutls_strerror(rc));
	exit(1);
}

/* --- our verdict --- */

static void serve(int fd, const struct row *row)
{
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session;
	int rc;

	check(gnutls_certificate_allocate_credentials(&credentials), "credentials");
	check(gnutls_certificate_set_x509_key_file(
		      credentials, row->chain, row->key, GNUTLS_X509_FMT_PEM),
		row->chain);
	check(gnutls_init(&session, GNUTLS_SERVER), "session");
	check(gnutls_set_default_priority(session), "priorities");
	check(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials), "credentials");
	gnutls_transport_set_int(session, fd);
	gnutls_handshake_set_timeout(session, HANDSHAKE_MS);
	do
		rc = gnutls_handshake(session);
	while (rc < 0 && !gnutls_error_is_fatal(rc));
	_exit(0);
}

static bool is_ours(const struct row *row, struct err *e)
{
	const struct trust_options options = { .trust_file = row->trust, .check = true };
	const struct trust_goal goal = { .host = row->host,
		.service = strcmp(row->service, "-") != 0 ? row->service : NULL };
	char text[TLS_TEXT_MAX];
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		exit(1);
	pid_t server = fork();
	if (!server) {
		close(ends[0]);
		serve(ends[1], row);
	}
	close(ends[1]);
	struct stream *lower = stream_of_socket(ends[0]);
	struct trust *trust = trust_load(&options, e);
	struct stream *s = NULL;
	if (trust) {
		trust_set_goal(trust, &goal);
		s = tls_start(lower, trust, deadline_in(HANDSHAKE_MS), text, e);
	}
	stream_close(s ? s : lower, false);
	trust_free(trust);
	(void)waitpid(server, NULL, 0);
	return s != NULL;
}

/* --- GnuTLS's --- */

static gnutls_x509_crt_t *load(const char *path, unsigned *ret_count)
{
	gnutls_x509_crt_t *certs;
	gnutls_datum_t pem;

	check(gnutls_load_file(path, &pem), path);
	check(gnutls_x509_crt_list_import2(&certs, ret_count, &pem, GNUTLS_X509_FMT_PEM, 0), path);
	gnutls_free(pem.data);
	return certs;
}

static void unload(gnutls_x509_crt_t *certs, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		gnutls_x509_crt_deinit(certs[i]);
	gnutls_free(certs);
}

static bool is_good(const char *path, const gnutls_x509_crt_t *authorities, unsigned count)
{
	char purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
	gnutls_typed_vdata_st data = { .type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)purpose };
	gnutls_x509_trust_list_t list;
	unsigned shown, status;
	gnutls_x509_crt_t *chain = load(path, &shown), used[SHOWN_MAX];

	for (unsigned i = 0; i < shown && i < SHOWN_MAX; i++)
		used[i] = chain[i]; /* they are put in order there */
	check(gnutls_x509_trust_list_init(&list, 0), "list");
	check(gnutls_x509_trust_list_add_cas(list, authorities, count, 0), "authorities");
	check(gnutls_x509_trust_list_verify_crt2(list, used, shown, &data, 1,
		      GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM) |
			      GNUTLS_VERIFY_DO_NOT_ALLOW_X509_V1_CA_CRT,
		      &status, NULL),
		path);
	gnutls_x509_trust_list_deinit(list, 0);
	unload(chain, shown);
	return status == 0;
}

static void judge(const struct row *row)
{
	unsigned count;
	gnutls_x509_crt_t *authorities = load(row->trust, &count);
	bool alone = false;
	struct err e = { 0 };

	bool all = is_good(row->chain, authorities, count);
	for (unsigned i = 0; i < count; i++)
		alone |= is_good(row->chain, &authorities[i], 1);
	unload(authorities, count);
	bool ours = is_ours(row, &e);
	printf("%d %d %d %s\n", ours, all, alone, ours ? "" : e.what);
}

int main(void)
{
	char line[LINE];

	signal(SIGPIPE, SIG_IGN);
	check(gnutls_global_init(), "GnuTLS");
	while (fgets(line, sizeof(line), stdin)) {
		struct row row = { .host = strtok(line, " \n") };
		row.service = strtok(NULL, " \n");
		row.chain = strtok(NULL, " \n");
		row.key = strtok(NULL, " \n");
		row.trust = strtok(NULL, " \n");
		if (!row.trust)
			return 2;
		judge(&row);
	}
	gnutls_global_deinit();
	return 0;
}

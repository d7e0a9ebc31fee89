/* SPDX-License-Identifier: MIT */
#include "tls/ca_lookup.h"

#include "base/mem.h"
#include "os/file.h"
#include "tls/distinguished_name.h"
#include "tls/pem.h"
#include "tls/x509.h"

#include <gnutls/x509.h>
#include <sys/stat.h>

enum {
	FILE_OCTETS = 64 << 20, /* octets of a file of authorities */
	HASHED_OCTETS = 65536,  /* octets of one authority's own file */
	HASHED_FILES = 16,      /* files with the same hash */
	PEEK_OCTETS = 384,      /* hold the subject of most certificates */
	CERT_OCTETS = 65535,
	PATH_OCTETS = 64,
};

static const char hashed_folder[] = "/etc/ssl/certs";

/* Where distributions keep the bundle. */
#define BUNDLES                                                                \
	"/etc/ssl/certs/ca-certificates.crt",       /* Debian, Arch, Gentoo */ \
		"/etc/pki/tls/certs/ca-bundle.crt", /* Fedora */               \
		"/etc/ssl/ca-bundle.pem",           /* SUSE */                 \
		"/etc/ssl/cert.pem"                 /* Alpine, the BSDs */
static const char *const bundles[] = { BUNDLES };

struct authorities {
	struct buf pem;     /* the text of a file of authorities */
	const char *bundle; /* the system's bundle; NULL: it has none, or a file is used */
	bool shortage;      /* a file was there, and the machine lacked what it takes to read it */
};

/* A search: what to find, and where to add it. */
struct quest {
	const struct str *names;
	size_t count;
	gnutls_x509_trust_list_t list;
	bool hashed; /* in the folder, where links are made to whatever lies there */
	bool *shortage;
};

/* --- looking --- */

static bool is_wanted(const struct quest *q, struct str subject)
{
	for (size_t i = 0; i < q->count; i++)
		if (str_eq(subject, q->names[i]))
			return true;
	return false;
}

static void add_authority(const struct quest *q, struct str der)
{
	gnutls_datum_t datum = { (unsigned char *)(uintptr_t)der.p, (unsigned)der.len };
	gnutls_x509_crt_t crt;

	if (gnutls_x509_crt_init(&crt) < 0)
		return;
	if (gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER) < 0 ||
		(q->hashed && gnutls_x509_crt_get_ca_status(crt, NULL) <= 0))
		gnutls_x509_crt_deinit(crt);
	else /* the list's, also where it has it already */
		(void)gnutls_x509_trust_list_add_cas(q->list, &crt, 1, GNUTLS_TL_NO_DUPLICATES);
}

/* Decodes only the beginning of a certificate, which holds the subject of most. */
static bool peek(struct str base64, struct buf *head, struct buf *all, struct str *ret)
{
	return (pem_decode(base64, head) && x509_peek_subject(buf_str(head), ret)) ||
	       (pem_decode(base64, all) && x509_peek_subject(buf_str(all), ret));
}

static void find_in(const struct quest *q, struct str pem)
{
	struct buf head CLEAN_UP(buf_done) = BUF_INIT(PEEK_OCTETS);
	struct buf all CLEAN_UP(buf_done) = BUF_INIT(CERT_OCTETS);
	struct str base64, subject;

	while (pem_next(&pem, &base64))
		if (peek(base64, &head, &all, &subject) && is_wanted(q, subject) &&
			pem_decode(base64, &all))
			add_authority(q, buf_str(&all));
}

/* *ret_there: the file exists. */
static void find_in_file(const struct quest *q, const char *path, size_t limit, bool *ret_there)
{
	struct buf pem CLEAN_UP(buf_done) = BUF_INIT(limit);
	struct file_facts facts;
	struct err e;

	*ret_there = file_read(path, &pem, &facts, &e);
	if (*ret_there)
		find_in(q, buf_str(&pem));
	else
		*q->shortage |= e.kind == ERR_TEMPORARY;
}

static void find_hashed(const struct quest *q)
{
	for (size_t i = 0; i < q->count; i++) {
		uint32_t hash;
		bool there = distinguished_name_hash(q->names[i], &hash);
		for (unsigned n = 0; there && n < HASHED_FILES; n++) {
			char path[PATH_OCTETS];
			text_fmt(
				path, sizeof(path), "%s/%08x.%u", hashed_folder, (unsigned)hash, n);
			find_in_file(q, path, HASHED_OCTETS, &there);
		}
	}
}

bool ca_lookup_find(struct authorities *a, const struct str *names, size_t count,
	enum ca_lookup_effort effort, gnutls_x509_trust_list_t list)
{
	const bool quick = effort == CA_LOOKUP_QUICK;
	const struct quest q = { names, count, list, a->bundle && quick, &a->shortage };
	bool ignored;

	if (!a->bundle) {
		if (quick)
			find_in(&q, buf_str(&a->pem));
		return false;
	}
	if (quick)
		find_hashed(&q);
	else
		find_in_file(&q, a->bundle, FILE_OCTETS, &ignored);
	return quick;
}

bool ca_lookup_is_short(const struct authorities *a)
{
	return a->shortage;
}

/* --- opening --- */

static bool has_certificate(struct str pem)
{
	struct buf der CLEAN_UP(buf_done) = BUF_INIT(CERT_OCTETS);
	struct str base64;
	struct x509 cert;

	while (pem_next(&pem, &base64))
		if (pem_decode(base64, &der) && x509_read(buf_str(&der), &cert))
			return true;
	return false;
}

static bool open_file(struct authorities *a, const char *path, struct err *e)
{
	struct file_facts facts;

	if (file_read_for("tls_trust_file", path, &a->pem, &facts, e)) {
		if (has_certificate(buf_str(&a->pem)))
			return true;
		err_set(e, ERR_CONFIG, "tls_trust_file %s: no certificate can be read from it",
			path);
	}
	return err_hint(e, "name a file that can be read and has certificates in PEM form (BEGIN "
			   "CERTIFICATE): tls_trust_file FILE");
}

static bool open_system(struct authorities *a, gnutls_x509_trust_list_t list, struct err *e)
{
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(bundles); i++)
		if (stat(bundles[i], &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
			a->bundle = bundles[i];
			return true;
		}
	if (gnutls_x509_trust_list_add_system_trust(list, 0, 0) > 0)
		return true;
	err_set(e, ERR_CONFIG, "this system has no trusted certificate authorities");
	return err_hint(
		e, "install the package ca-certificates, or add the line tls_trust_file FILE");
}

struct authorities *ca_lookup_open(const char *path, gnutls_x509_trust_list_t list, struct err *e)
{
	struct authorities *a = mem_alloc(sizeof(*a));

	a->pem = BUF_INIT(FILE_OCTETS);
	if (path ? open_file(a, path, e) : open_system(a, list, e))
		return a;
	ca_lookup_free(a);
	return NULL;
}

const char *ca_lookup_bundle(const struct authorities *a)
{
	return a->bundle;
}

void ca_lookup_free(struct authorities *a)
{
	if (a)
		buf_done(&a->pem);
	mem_free(a);
}

const char *const *ca_lookup_paths(void)
{
	static const char *const paths[] = {
		hashed_folder,
		BUNDLES, /* each may be a link to anywhere */
		"/etc/pki/tls/certs",
		"/etc/pki/ca-trust",
		"/etc/ca-certificates",
		"/usr/share/ca-certificates", /* where links lead */
		"/usr/local/share/ca-certificates",
		"/usr/share/pki",
		"/var/lib/ca-certificates",
		NULL,
	};

	return paths;
}

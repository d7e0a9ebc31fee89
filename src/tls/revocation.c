/* SPDX-License-Identifier: MIT */
#include "tls/revocation.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "os/file.h"
#include "tls/distinguished_name.h"

#include <gnutls/gnutls.h>
#include <gnutls/ocsp.h>
#include <gnutls/x509.h>

enum {
	FILE_OCTETS = 64 << 20,
	SCOPE_OCTETS = 65536,
	OID_OCTETS = 64,
	STAPLE_SECONDS = 15 * 24 * 3600, /* how long one without an end is believed, as in GnuTLS */
};

static const char revoked[] = "it, or one in its chain, was revoked";

/* --- lists --- */

struct revocation_lists {
	const char *path;
	gnutls_x509_crl_t *at;
	unsigned count;
};

static void note_old(gnutls_x509_crl_t crl, const char *path)
{
	time_t next = gnutls_x509_crl_get_next_update(crl);
	char date[CLOCK_DATE_MAX];

	if (next == (time_t)-1 || next >= time(NULL))
		return;
	clock_date_5322(next, date);
	log_warning("tls_crl_file %s: a newer one has been due since %s", path, date);
}

struct revocation_lists *revocation_load(const char *path, struct err *e)
{
	struct buf pem CLEAN_UP(buf_done) = BUF_INIT(FILE_OCTETS);
	struct revocation_lists lists = { .path = path };
	struct file_facts facts;

	if (!file_read_for("tls_crl_file", path, &pem, &facts, e))
		return NULL;
	gnutls_datum_t data = { (unsigned char *)pem.data, (unsigned)pem.len };
	if (!pem.len ||
		gnutls_x509_crl_list_import2(
			&lists.at, &lists.count, &data, GNUTLS_X509_FMT_PEM, 0) < 0 ||
		!lists.count) {
		err_set(e, ERR_CONFIG, "tls_crl_file %s: no list of revoked certificates in it",
			path);
		(void)err_hint(e, "it must be in PEM form (BEGIN X509 CRL): openssl crl -inform "
				  "DER -in OLD -out NEW converts it");
		return NULL;
	}
	for (unsigned i = 0; i < lists.count; i++)
		note_old(lists.at[i], path);
	struct revocation_lists *ret = mem_alloc(sizeof(*ret));
	*ret = lists;
	return ret;
}

void revocation_free(struct revocation_lists *lists)
{
	if (!lists)
		return;
	for (unsigned i = 0; i < lists->count; i++)
		gnutls_x509_crl_deinit(lists->at[i]);
	gnutls_free(lists->at);
	mem_free(lists);
}

/* What a list is about, where that is less than all: the extensions that say so. */
static void add_scope(gnutls_x509_crl_t crl, struct buf *out)
{
	char oid[OID_OCTETS];
	size_t size = sizeof(oid);

	for (unsigned i = 0; gnutls_x509_crl_get_extension_oid(crl, i, oid, &size) >= 0; i++) {
		bool part = str_eq(str_of(oid), STR("2.5.29.28"));
		bool change = str_eq(str_of(oid), STR("2.5.29.27"));
		gnutls_datum_t value = { 0 };
		size = sizeof(oid);
		if (!part && !change)
			continue;
		if (gnutls_x509_crl_get_extension_data2(crl, i, &value) >= 0)
			buf_bytes(out, (const char *)value.data, value.size);
		buf_char(out, part ? 'p' : 'c');
		gnutls_free(value.data);
	}
}

static bool have_same_scope(gnutls_x509_crl_t a, gnutls_x509_crl_t b)
{
	struct buf one CLEAN_UP(buf_done) = BUF_INIT(SCOPE_OCTETS);
	struct buf other CLEAN_UP(buf_done) = BUF_INIT(SCOPE_OCTETS);

	add_scope(a, &one);
	add_scope(b, &other);
	return !one.over && !other.over && str_eq(buf_str(&one), buf_str(&other));
}

static bool has_name(gnutls_x509_crl_t crl, const struct path_cert *authority)
{
	gnutls_datum_t name;

	if (gnutls_x509_crl_get_raw_issuer_dn(crl, &name) < 0)
		return false;
	bool same = str_eq(str_n((const char *)name.data, name.size), authority->read.subject);
	gnutls_free(name.data);
	return same;
}

/* Dates do not matter here. */
static bool is_list_of(gnutls_x509_crl_t crl, const struct path_cert *authority)
{
	const unsigned bad = GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA |
			     GNUTLS_CERT_SIGNATURE_FAILURE | GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE;
	unsigned status = 0;

	return gnutls_x509_crl_verify(
		       crl, &authority->crt, 1, GNUTLS_VERIFY_ALLOW_BROKEN, &status) >= 0 &&
	       !(status & bad);
}

/* By a newer list, which must be in force. */
static bool is_replaced(
	const struct revocation_lists *lists, const bool *theirs, gnutls_x509_crl_t crl)
{
	time_t from = gnutls_x509_crl_get_this_update(crl);
	time_t latest = time(NULL) + REVOCATION_CLOCK_SECONDS;

	for (unsigned i = 0; i < lists->count; i++) {
		time_t other = gnutls_x509_crl_get_this_update(lists->at[i]);
		if (theirs[i] && other > from && other <= latest &&
			have_same_scope(lists->at[i], crl))
			return true;
	}
	return false;
}

static void warn_of_foreign(const struct revocation_lists *lists, const struct path_cert *authority)
{
	struct buf name CLEAN_UP(buf_done) = BUF_INIT(200);

	distinguished_name_title(authority->read.subject, &name);
	log_warning(
		"tls_crl_file %s: the list of \"%s\" is not signed with that authority's key, and "
		"is not used",
		lists->path, buf_text(&name));
}

static bool is_on_list(const struct revocation_lists *lists, const struct path_cert *cert,
	const struct path_cert *authority)
{
	bool *theirs CLEAN_UP(mem_free_at) = mem_alloc(lists->count * sizeof(*theirs));
	bool named = false, signed_one = false, found = false;

	for (unsigned i = 0; i < lists->count; i++) {
		bool same = has_name(lists->at[i], authority);
		theirs[i] = same && is_list_of(lists->at[i], authority);
		named |= same;
		signed_one |= theirs[i];
	}
	if (named && !signed_one)
		warn_of_foreign(lists, authority);
	for (unsigned i = 0; i < lists->count && !found; i++)
		found = theirs[i] && !is_replaced(lists, theirs, lists->at[i]) &&
			gnutls_x509_crt_check_revocation(cert->crt, &lists->at[i], 1) != 0;
	return found;
}

const char *revocation_by_lists(const struct revocation_lists *lists, const struct path *path)
{
	for (size_t i = 0; lists && i + 1 < path->count; i++)
		if (is_on_list(lists, path->certs[i], path->certs[i + 1]))
			return revoked;
	return NULL;
}

/* --- staples --- */

const char revocation_from_the_future[] =
	"the server's proof that it is not revoked is from the future";
static const char no_proof[] = "the server's proof that it is not revoked does not hold";
static const char proof_missing[] =
	"it requires proof that it is not revoked (OCSP), and the server sent none";

/* Entry i of the response; *ret_good: it says that the certificate is not revoked. */
static const char *check_entry(gnutls_ocsp_resp_t response, unsigned i, bool *ret_good)
{
	time_t from, until, now = time(NULL);
	unsigned status;

	if (gnutls_ocsp_resp_get_single(
		    response, i, NULL, NULL, NULL, NULL, &status, &from, &until, NULL, NULL) < 0)
		return no_proof;
	if (status == GNUTLS_OCSP_CERT_REVOKED)
		return revoked;
	if (status != GNUTLS_OCSP_CERT_GOOD)
		return NULL; /* as if nothing had been said */
	if (from == (time_t)-1 || from > now + REVOCATION_CLOCK_SECONDS)
		return revocation_from_the_future;
	if (until == (time_t)-1 ? now - from > STAPLE_SECONDS : until < now)
		return "the server's proof that it is not revoked is too old";
	*ret_good = true;
	return NULL;
}

static const char *check_entries(
	gnutls_ocsp_resp_t response, const struct path_cert *cert, bool *ret_good)
{
	unsigned status;

	for (unsigned i = 0;; i++) {
		/* It says that there is no such entry only if it is asked for something. */
		if (gnutls_ocsp_resp_get_single(response, i, NULL, NULL, NULL, NULL, &status, NULL,
			    NULL, NULL, NULL) < 0)
			return NULL;
		const char *why = gnutls_ocsp_resp_check_crt(response, i, cert->crt) >= 0
					  ? check_entry(response, i, ret_good)
					  : NULL;
		if (why)
			return why;
	}
}

static const char *check_response(const gnutls_datum_t *der, const struct path_cert *cert,
	const struct path_cert *authority, bool *ret_good)
{
	gnutls_ocsp_resp_t response;
	unsigned bad = 0;
	const char *why = NULL;

	if (gnutls_ocsp_resp_init(&response) < 0)
		return no_proof;
	if (gnutls_ocsp_resp_import(response, der) < 0)
		why = no_proof;
	else if (gnutls_ocsp_resp_get_status(response) != GNUTLS_OCSP_RESP_SUCCESSFUL)
		why = NULL; /* "try later": nothing was said */
	else if (gnutls_ocsp_resp_verify_direct(response, authority->crt, &bad, 0) < 0 || bad)
		why = no_proof;
	else
		why = check_entries(response, cert, ret_good);
	gnutls_ocsp_resp_deinit(response);
	return why;
}

const char *revocation_by_staples(gnutls_session_t session, const struct path *path)
{
	for (size_t i = 0; i + 1 < path->count; i++) {
		const struct path_cert *cert = path->certs[i];
		gnutls_datum_t staple;
		bool good = false;
		const char *why = NULL;
		/* There is one for each only in TLS 1.3. */
		if (gnutls_ocsp_status_request_get2(session, (unsigned)cert->number, &staple) >=
				0 &&
			staple.size)
			why = check_response(&staple, cert, path->certs[i + 1], &good);
		if (why)
			return why;
		if (i == 0 && cert->read.must_staple && !good)
			return proof_missing;
	}
	return NULL;
}

/* SPDX-License-Identifier: MIT */
#include "tls/path.h"

#include "base/mem.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

enum {
	CERT_OCTETS = 65535,
	STEPS_MAX = 4096, /* where authorities have signed each other in circles */
	/* For the question who signed what, and no other. */
	SIGNED = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS |
		 GNUTLS_VERIFY_ALLOW_BROKEN | GNUTLS_VERIFY_DO_NOT_ALLOW_X509_V1_CA_CRT,
};

/* A trusted authority, and as sets of bits which of those shown it signed, and which it is. */
struct anchor {
	struct path_cert cert;
	struct buf der;
	uint32_t signs, is;
};

struct paths {
	struct path_cert shown[PATH_SHOWN_MAX];
	uint32_t signers[PATH_SHOWN_MAX]; /* of each, those shown that signed it */
	size_t shown_count;
	struct anchor *anchors;
	size_t anchor_count;
	struct path found[PATHS_MAX];
	size_t count;
	unsigned steps;
};

static uint32_t bit(size_t i)
{
	return (uint32_t)1 << i;
}

static gnutls_x509_crt_t import(struct str der)
{
	gnutls_datum_t datum = { (unsigned char *)(uintptr_t)der.p, (unsigned)der.len };
	gnutls_x509_crt_t crt;

	if (gnutls_x509_crt_init(&crt) < 0)
		return NULL;
	if (gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER) >= 0)
		return crt;
	gnutls_x509_crt_deinit(crt);
	return NULL;
}

static bool may_be_signed_by(const struct path_cert *cert, const struct path_cert *by)
{
	return cert->crt && by->crt && str_eq(cert->read.issuer, by->read.subject);
}

static bool is_signed_by(const struct path_cert *cert, const struct path_cert *by)
{
	const unsigned bad = GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA |
			     GNUTLS_CERT_SIGNATURE_FAILURE;
	unsigned status = 0;

	return may_be_signed_by(cert, by) &&
	       gnutls_x509_crt_verify(cert->crt, &by->crt, 1, SIGNED, &status) >= 0 &&
	       !(status & bad);
}

/* --- the trusted authorities that may be of use --- */

static bool is_named(const struct paths *p, const struct x509 *authority)
{
	for (size_t i = 0; i < p->shown_count; i++)
		if (str_eq(p->shown[i].read.issuer, authority->subject) ||
			str_eq(p->shown[i].read.subject, authority->subject))
			return true;
	return false;
}

static void relate(const struct paths *p, struct anchor *a)
{
	for (size_t i = 0; i < p->shown_count; i++)
		if (str_eq(p->shown[i].read.whole, a->cert.read.whole))
			a->is |= bit(i);
		else if (may_be_signed_by(&p->shown[i], &a->cert))
			a->signs |= bit(i);
}

/* How many have the name of its issuer, among the shown and the trusted. */
static size_t count_issuers(const struct paths *p, size_t at)
{
	size_t n = 0;

	for (size_t i = 0; i < p->shown_count; i++)
		n += i != at && may_be_signed_by(&p->shown[at], &p->shown[i]);
	for (size_t i = 0; i < p->anchor_count; i++)
		n += (p->anchors[i].signs & bit(at)) != 0;
	return n;
}

/*
 * Whether the path may go on there. A signature is computed only to tell issuers of one name apart:
 * those of the path that is taken are all checked when it is judged.
 */
static bool leads_to(const struct paths *p, size_t at, const struct path_cert *issuer)
{
	return may_be_signed_by(&p->shown[at], issuer) &&
	       (count_issuers(p, at) == 1 || is_signed_by(&p->shown[at], issuer));
}

/* Takes back what only the name said. What is counted for one shown says nothing of another. */
static void tell_apart(struct paths *p)
{
	for (size_t i = 0; i < p->shown_count; i++) {
		bool several = count_issuers(p, i) > 1;
		for (size_t k = 0; several && k < p->anchor_count; k++)
			if (p->anchors[k].signs & bit(i) &&
				!is_signed_by(&p->shown[i], &p->anchors[k].cert))
				p->anchors[k].signs &= ~bit(i);
	}
}

/* Takes the certificate over. */
static void add_anchor(struct paths *p, gnutls_x509_crt_t crt)
{
	struct anchor a = { .cert.crt = crt, .der = BUF_INIT(CERT_OCTETS) };
	gnutls_datum_t der = { 0 };

	if (gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) >= 0)
		buf_bytes(&a.der, (const char *)der.data, der.size);
	gnutls_free(der.data);
	if (x509_read(buf_str(&a.der), &a.cert.read) && is_named(p, &a.cert.read)) {
		relate(p, &a);
		p->anchors = mem_grow(p->anchors, (p->anchor_count + 1) * sizeof(a));
		p->anchors[p->anchor_count++] = a;
	} else {
		gnutls_x509_crt_deinit(crt);
		buf_done(&a.der);
	}
}

static void add_anchors(struct paths *p, gnutls_x509_trust_list_t trusted)
{
	gnutls_x509_trust_list_iter_t at = NULL;
	gnutls_x509_crt_t crt;

	while (gnutls_x509_trust_list_iter_get_ca(trusted, &at, &crt) >= 0)
		add_anchor(p, crt);
	gnutls_x509_trust_list_iter_deinit(at);
	tell_apart(p);
}

/* --- signatures among those shown --- */

/* Marks what one of them has signed; returns the set. */
static uint32_t mark_signed(struct paths *p, size_t by)
{
	uint32_t set = 0;

	for (size_t i = 0; i < p->shown_count; i++)
		if (i != by && leads_to(p, i, &p->shown[by])) {
			p->signers[i] |= bit(by);
			set |= bit(i);
		}
	return set;
}

static void mark_all(struct paths *p)
{
	uint32_t vouched = 0, done = 0;

	for (size_t i = 0; i < p->anchor_count; i++) {
		vouched |= p->anchors[i].signs | p->anchors[i].is;
		done |= p->anchors[i].is; /* each of these begins with the anchor's own */
	}
	size_t i = 0;
	while (i < p->shown_count) {
		if (vouched & ~done & bit(i)) {
			done |= bit(i);
			vouched |= mark_signed(p, i);
			i = 0; /* an earlier one may be vouched for now */
		} else {
			i++;
		}
	}
}

/* --- the walk --- */

static void keep(struct paths *p, const struct path *way, const struct path_cert *end)
{
	if (p->count == PATHS_MAX)
		return;
	struct path *path = &p->found[p->count++];
	*path = *way;
	path->certs[path->count++] = end;
}

/* From a certificate upwards, by those that are not on the way yet; as deep as there are any. */
static void walk(struct paths *p, size_t at, uint32_t left, struct path *way)
{
	if (p->steps++ > STEPS_MAX)
		return;
	way->certs[way->count++] = &p->shown[at];
	for (size_t i = 0; i < p->anchor_count; i++)
		if (p->anchors[i].signs & bit(at))
			keep(p, way, &p->anchors[i].cert);
	for (size_t i = 0; i < p->shown_count; i++)
		if (p->signers[at] & left & bit(i))
			walk(p, i, left & ~bit(i), way);
	way->count--;
}

struct paths *path_find(const struct x509 *shown, size_t count, gnutls_x509_trust_list_t trusted)
{
	struct paths *p = mem_alloc(sizeof(*p));
	struct path way = { 0 };

	for (size_t i = 0; i < count && i < PATH_SHOWN_MAX; i++)
		p->shown[p->shown_count++] =
			(struct path_cert) { shown[i], import(shown[i].whole), i };
	add_anchors(p, trusted);
	mark_all(p);
	for (size_t i = 0; i < p->anchor_count; i++)
		if (p->anchors[i].is & bit(0))
			keep(p, &way, &p->anchors[i].cert);
	if (p->shown_count)
		walk(p, 0, ~bit(0), &way);
	return p;
}

void path_free(struct paths *paths)
{
	if (!paths)
		return;
	for (size_t i = 0; i < paths->shown_count; i++)
		if (paths->shown[i].crt)
			gnutls_x509_crt_deinit(paths->shown[i].crt);
	for (size_t i = 0; i < paths->anchor_count; i++) {
		gnutls_x509_crt_deinit(paths->anchors[i].cert.crt);
		buf_done(&paths->anchors[i].der);
	}
	mem_free(paths->anchors);
	mem_free(paths);
}

size_t path_count(const struct paths *paths)
{
	return paths->count;
}

const struct path *path_get(const struct paths *paths, size_t i)
{
	must(i < paths->count);
	return &paths->found[i];
}

/* --- verdicts --- */

static unsigned ask(
	gnutls_x509_trust_list_t list, gnutls_x509_crt_t *certs, size_t count, unsigned flags)
{
	char purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
	gnutls_typed_vdata_st data[] = {
		{ .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)purpose },
	};
	unsigned status;

	if (gnutls_x509_trust_list_verify_crt2(
		    list, certs, (unsigned)count, data, ARRAY_LEN(data), flags, &status, NULL) < 0)
		return GNUTLS_CERT_INVALID;
	return status;
}

unsigned path_status(const struct path *path, unsigned flags)
{
	gnutls_x509_crt_t certs[PATH_SHOWN_MAX + 1];
	gnutls_x509_crt_t anchor = path->certs[path->count - 1]->crt;
	gnutls_x509_trust_list_t list;
	unsigned status = GNUTLS_CERT_INVALID;

	for (size_t i = 0; i < path->count; i++)
		certs[i] = path->certs[i]->crt;
	if (gnutls_x509_trust_list_init(&list, 0) < 0)
		return status;
	if (gnutls_x509_trust_list_add_cas(list, &anchor, 1, 0) == 1)
		status = ask(list, certs, path->count > 1 ? path->count - 1 : 1, flags);
	gnutls_x509_trust_list_deinit(list, 0); /* the certificate is ours */
	return status;
}

unsigned path_status_of_all(
	const struct paths *paths, gnutls_x509_trust_list_t trusted, unsigned flags)
{
	gnutls_x509_crt_t certs[PATH_SHOWN_MAX];
	size_t count = 0;

	for (size_t i = 0; i < paths->shown_count; i++)
		if (paths->shown[i].crt)
			certs[count++] = paths->shown[i].crt;
	return count ? ask(trusted, certs, count, flags) : GNUTLS_CERT_INVALID;
}

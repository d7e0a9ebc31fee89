/* SPDX-License-Identifier: MIT */
#include "tls/verify.h"

#include "base/clock.h"
#include "base/log.h"
#include "tls/pins.h"

#include <gnutls/gnutls.h>
#include <gnutls/ocsp.h>
#include <gnutls/x509.h>
#include <string.h>

enum { ANCHOR_OCTETS = 65535 };

/* The certificates that the server sent; the first is its own. */
struct chain {
	struct x509 certs[VERIFY_CHAIN_MAX];
	size_t count;
};

static bool refuse_chain(struct err *e, const char *why)
{
	err_set(e, ERR_CERTIFICATE, "the server's certificate is not acceptable: %s", why);
	return false;
}

/* Reads a certificate that was shown, unless its key would take too long to compute with. */
static bool read_shown(const gnutls_datum_t *shown, struct x509 *ret, struct err *e)
{
	if (!x509_read(str_n((const char *)shown->data, shown->size), ret))
		return refuse_chain(e, "it cannot be read");
	return x509_modulus_octets(ret) <= VERIFY_KEY_BITS / 8 ||
	       refuse_chain(e, "a key in its chain is larger than any that is needed");
}

bool verify_key_sizes(gnutls_session_t session, struct err *e)
{
	unsigned count = 0;
	const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &count);
	struct x509 cert;

	for (unsigned i = 0; i < count; i++)
		if (!read_shown(&shown[i], &cert, e))
			return false;
	return true;
}

static bool read_chain(gnutls_session_t session, struct chain *ret, struct err *e)
{
	unsigned count = 0;
	const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &count);

	*ret = (struct chain) { .count = count };
	if (!shown || !count)
		return refuse_chain(e, "there is none");
	if (count > VERIFY_CHAIN_MAX)
		return refuse_chain(e, "its chain is longer than any that is needed");
	for (size_t i = 0; i < count; i++)
		if (!read_shown(&shown[i], &ret->certs[i], e))
			return false;
	return true;
}

/* --- pins --- */

static bool is_pinned_key(const struct trust_options *t)
{
	return !t->fingerprints || !t->fingerprints[0];
}

static void note_pinned(const struct x509 *leaf)
{
	time_t now = time(NULL);
	char date[CLOCK_DATE_MAX];

	if (now >= leaf->from && now <= leaf->until)
		return;
	clock_date_5322(now < leaf->from ? leaf->from : leaf->until, date);
	log_note("the server's certificate is pinned, and so believed; %s %s",
		now < leaf->from ? "it is not valid before" : "it expired on", date);
}

static bool check_pin(const struct trust_options *t, const struct x509 *leaf, struct err *e)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(200);

	if (pins_match(t->fingerprints, t->pins, leaf)) {
		note_pinned(leaf);
		return true;
	}
	pins_line(leaf, is_pinned_key(t), &line);
	refuse_chain(e, is_pinned_key(t) ? "its key is not one that tls_pin names"
					 : "it is not one that tls_fingerprint names");
	return err_hint(e,
		"only if whoever runs the server confirms that this is its own, write: %s",
		buf_text(&line));
}

/* --- why not --- */

/* A clock before this day cannot be right: it is older than this program. */
static const time_t first_day = 1793491200; /* 2026-11-01 */

/* Not the certificate is wrong but the clock, and a later attempt may succeed. */
static bool refuse_clock(struct err *e, const char *what, const char *when)
{
	char here[CLOCK_DATE_MAX];

	clock_date_5322(time(NULL), here);
	err_set(e, ERR_TEMPORARY, "the server's certificate is not acceptable: %s%s", what, when);
	return err_hint(e,
		"the clock here says %s: set it (timedatectl set-ntp true), and run the same "
		"command again",
		here);
}

/* It has expired, or `early`: it is not yet valid. */
static bool refuse_date(struct err *e, const char *what, time_t when, bool early)
{
	char there[CLOCK_DATE_MAX], here[CLOCK_DATE_MAX];

	clock_date_5322(when, there);
	if (early || time(NULL) < first_day)
		return refuse_clock(e, what, there);
	clock_date_5322(time(NULL), here);
	err_set(e, ERR_CERTIFICATE, "the server's certificate is not acceptable: %s%s", what,
		there);
	return err_hint(e,
		"the clock here says %s (run: date); if that is right, whoever runs the server "
		"must "
		"renew the certificate",
		here);
}

/* Names the first certificate that is out of its dates, or else the authority. */
static bool refuse_dates(const struct chain *chain, bool early, struct err *e)
{
	time_t now = time(NULL);

	for (size_t i = 0; i < chain->count; i++) {
		const struct x509 *c = &chain->certs[i];
		if (now > c->until)
			return refuse_date(e, i ? "one in its chain expired on " : "it expired on ",
				c->until, false);
		if (now < c->from)
			return refuse_date(e,
				i ? "one in its chain is not valid before "
				  : "it is not valid before ",
				c->from, true);
	}
	if (early || now < first_day)
		return refuse_clock(e, "the authority that signed it is not valid yet", "");
	refuse_chain(e, "the authority that signed it has expired");
	return err_hint(e, "bring the package ca-certificates up to date, or the file of the line "
			   "tls_trust_file");
}

static bool refuse_name(const struct x509 *leaf, const struct trust_goal *goal, struct err *e)
{
	struct buf names CLEAN_UP(buf_done) = BUF_INIT(300);
	size_t shown = 0, count = x509_list_names(leaf, &shown, &names);

	if (!count)
		return refuse_chain(e, "it names no host in a subjectAltName");
	err_set(e, ERR_CERTIFICATE,
		"the server's certificate is not acceptable: it is for %s%s, not %s",
		buf_text(&names), count > shown ? " and others" : "", goal->host);
	if (goal->name_hint)
		return err_hint(e, "%s", goal->name_hint);
	if (count > 1 || strchr(buf_text(&names), '*'))
		return err_hint(e, "write the line host NAME (or tls_host_override NAME) with the "
				   "name that the provider gives "
				   "for submission");
	return err_hint(e,
		"correct the line host NAME; or, only if whoever runs the server confirms that %s "
		"is its name, write: tls_host_override %s",
		buf_text(&names), buf_text(&names));
}

static bool refuse_stranger(const struct x509 *leaf, struct err *e)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(200);

	pins_line(leaf, false, &line);
	refuse_chain(e, "it is signed by nobody who is trusted here");
	return err_hint(e,
		"write tls_trust_file FILE with the authority that signed it; or, only if whoever "
		"runs the server confirms it: %s",
		buf_text(&line));
}

static bool explain_status(const struct chain *chain, unsigned status, struct err *e)
{
	static const struct {
		unsigned bits;
		const char *why;
	} rows[] = {
		{ GNUTLS_CERT_PURPOSE_MISMATCH, "it is not for servers" },
		{ GNUTLS_CERT_REVOKED, "it, or one in its chain, was revoked" },
		{ GNUTLS_CERT_MISSING_OCSP_STATUS,
			"it wants proof that it is not revoked, and the server showed none" },
		{ GNUTLS_CERT_INVALID_OCSP_STATUS | GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED |
				GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE,
			"the server's proof that it is not revoked does not hold" },
		{ GNUTLS_CERT_INSECURE_ALGORITHM, "a signature or key in its chain is too weak" },
		{ GNUTLS_CERT_SIGNER_NOT_CA, "it is signed by one who is no authority" },
		{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
			"an authority in its chain may not sign it" },
	};

	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
		return refuse_stranger(&chain->certs[0], e);
	if (status & (GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED))
		return refuse_dates(chain, status & GNUTLS_CERT_NOT_ACTIVATED, e);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (status & rows[i].bits)
			return refuse_chain(e, rows[i].why);
	return refuse_chain(e, "its chain of signatures does not hold");
}

/* --- the chain --- */

static void add_name(struct str *names, size_t *count, struct str name)
{
	for (size_t i = 0; i < *count; i++)
		if (str_eq(names[i], name))
			return;
	names[(*count)++] = name;
}

/* Asks GnuTLS about chain, dates, purpose and revocation; status 0 is good. */
static bool ask_gnutls(gnutls_session_t session, unsigned *ret_status)
{
	char purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
	gnutls_typed_vdata_st data[] = {
		{ .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)purpose },
	};

	return gnutls_certificate_verify_peers(session, data, ARRAY_LEN(data), ret_status) == 0;
}

static bool check_chain(const struct trust *trust, const struct chain *chain,
	gnutls_session_t session, struct err *e)
{
	struct str names[2 * VERIFY_CHAIN_MAX];
	unsigned status = 0;
	size_t count = 0;

	/* A chain may come in any order, end anywhere, and have the authority itself in it. */
	for (size_t i = 0; i < chain->count; i++) {
		add_name(names, &count, chain->certs[i].issuer);
		add_name(names, &count, chain->certs[i].subject);
	}
	bool more = trust_find_authorities(trust, names, count, CA_LOOKUP_QUICK);
	bool told = ask_gnutls(session, &status);
	if (told && status && more) { /* an authority of the same name may hide the right one */
		(void)trust_find_authorities(trust, names, count, CA_LOOKUP_WHOLE);
		told = ask_gnutls(session, &status);
	}
	if (!told)
		return refuse_chain(e, "it cannot be verified");
	return !status || explain_status(chain, status, e);
}

/* Whether any entry of a stapled response says that the certificate was revoked. */
static bool is_revoked(gnutls_ocsp_resp_t response, gnutls_x509_crt_t crt)
{
	unsigned status;

	for (unsigned i = 0;; i++) {
		if (gnutls_ocsp_resp_get_single(response, i, NULL, NULL, NULL, NULL, &status, NULL,
			    NULL, NULL, NULL) < 0)
			return false; /* the last was read */
		if (status == GNUTLS_OCSP_CERT_REVOKED &&
			gnutls_ocsp_resp_check_crt(response, i, crt) >= 0)
			return true;
	}
}

/* GnuTLS checks only one entry of the response. */
static bool check_staple(const struct x509 *leaf, gnutls_session_t session, struct err *e)
{
	gnutls_datum_t der = { (unsigned char *)(uintptr_t)leaf->whole.p,
		(unsigned)leaf->whole.len };
	gnutls_ocsp_resp_t response = NULL;
	gnutls_x509_crt_t crt = NULL;
	gnutls_datum_t staple;
	bool revoked = false;

	if (gnutls_ocsp_status_request_get(session, &staple) < 0)
		return true;
	if (gnutls_ocsp_resp_init(&response) >= 0 && gnutls_x509_crt_init(&crt) >= 0 &&
		gnutls_ocsp_resp_import(response, &staple) >= 0 &&
		gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) >= 0)
		revoked = is_revoked(response, crt);
	if (crt)
		gnutls_x509_crt_deinit(crt);
	if (response)
		gnutls_ocsp_resp_deinit(response);
	return !revoked || refuse_chain(e, "it was revoked");
}

/* The certificate that an authority which the server need not show has issued. */
static const struct x509 *top_of(const struct chain *chain)
{
	const struct x509 *top = &chain->certs[0];

	for (size_t step = 0; step < chain->count; step++) {
		size_t i = 0;
		while (i < chain->count &&
			(&chain->certs[i] == top || !str_eq(chain->certs[i].subject, top->issuer)))
			i++;
		if (i == chain->count || str_eq(top->subject, top->issuer))
			break;
		top = &chain->certs[i];
	}
	return top;
}

/* The trusted authority counts like those that the server shows. */
static bool check_anchor(const struct trust *trust, const struct chain *chain, struct err *e)
{
	struct buf der CLEAN_UP(buf_done) = BUF_INIT(ANCHOR_OCTETS);
	struct x509 anchor;

	return !trust_constrained_issuer(trust, top_of(chain), &anchor, &der) ||
	       x509_allows(&anchor, &chain->certs[0], trust_goal(trust)->host) ||
	       refuse_chain(e, "the authority that signed its chain may not sign for these names");
}

/* Checks what GnuTLS does not. */
static bool check_ourselves(const struct chain *chain, const struct trust_goal *goal, struct err *e)
{
	const char *host = goal->host;
	const struct x509 *leaf = &chain->certs[0];

	if (!x509_is_for(leaf, host) &&
		!(goal->service && x509_is_for_service(leaf, goal->service)))
		return refuse_name(leaf, goal, e);
	for (size_t i = 0; i < chain->count; i++) {
		if (x509_has_weak_curve(&chain->certs[i]))
			return refuse_chain(e, "a key in its chain is too weak");
		if (i && !x509_allows(&chain->certs[i], leaf, host))
			return refuse_chain(
				e, "an authority in its chain may not sign for these names");
	}
	return true;
}

bool verify_server(const struct trust *trust, gnutls_session_t session, struct err *e)
{
	const struct trust_options *t = trust_options(trust);
	struct chain chain;

	if (!read_chain(session, &chain, e))
		return false;
	if (trust_is_pinned(t))
		return check_pin(t, &chain.certs[0], e);
	return check_chain(trust, &chain, session, e) &&
	       check_ourselves(&chain, trust_goal(trust), e) && check_anchor(trust, &chain, e) &&
	       check_staple(&chain.certs[0], session, e);
}

/* --- sessions --- */

bool verify_again(const struct trust *trust, gnutls_session_t session, struct err *e)
{
	const struct trust_options *t = trust_options(trust);
	time_t now = time(NULL);
	struct chain chain;

	if (!read_chain(session, &chain, e))
		return false;
	if (trust_is_pinned(t))
		return check_pin(t, &chain.certs[0], e);
	for (size_t i = 0; i < chain.count; i++)
		if (now > chain.certs[i].until || now < chain.certs[i].from)
			return refuse_dates(&chain, false, e);
	return check_ourselves(&chain, trust_goal(trust), e);
}

time_t verify_until(const struct trust *trust, gnutls_session_t session)
{
	struct err ignored;
	struct chain chain;

	if (!read_chain(session, &chain, &ignored))
		return 0;
	if (trust_is_pinned(trust_options(trust)))
		return time(NULL) + SESSION_CACHE_SECONDS;
	time_t until = chain.certs[0].until;
	for (size_t i = 0; i < chain.count; i++) {
		if (chain.certs[i].must_staple)
			return 0;
		if (chain.certs[i].until < until)
			until = chain.certs[i].until;
	}
	return until;
}

void verify_describe(gnutls_session_t session, struct buf *out)
{
	struct err ignored;
	struct chain chain;
	char date[CLOCK_DATE_MAX];

	if (!read_chain(session, &chain, &ignored))
		return;
	buf_add(out, STR("; certificate by "));
	x509_title(chain.certs[0].issuer, out);
	clock_date(chain.certs[0].until, "%Y-%m-%d", date, sizeof(date));
	buf_fmt(out, " until %s", date);
}

/* SPDX-License-Identifier: MIT */
#include "sys/trust.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <unistd.h>

/* Nothing is initialised in runs that need no TLS. */
GNUTLS_SKIP_GLOBAL_INIT

enum { NAMES_SHOWN = 3 }; /* of a certificate, in an error */

struct trust {
	struct trust_terms terms;
	char *host; /* without a dot at its end */
	gnutls_certificate_credentials_t cred;
};

static bool load_authorities(struct trust *trust, struct err *e)
{
	const char *path = trust->terms.trust_file;
	int n = path ? gnutls_certificate_set_x509_trust_file(
			       trust->cred, path, GNUTLS_X509_FMT_PEM)
		     : gnutls_certificate_set_x509_system_trust(trust->cred);

	if (n > 0)
		return true;
	if (!path) {
		err_set(e, ERR_CONFIG, "this system has no trusted certificate authorities");
		return err_hint(e, "install the package ca-certificates, or set tls_trust_file");
	}
	if (access(path, R_OK) != 0)
		err_os(e, ERR_CONFIG, errno, "tls_trust_file %s", path);
	else
		err_set(e, ERR_CONFIG, "tls_trust_file %s: no certificate can be read from it",
			path);
	return err_hint(e, "it must be a readable file of certificates in PEM form");
}

struct names {
	struct buf shown;
	unsigned count;
	const char *hint; /* what to do where none fits, or NULL */
};

static void names_done(struct names *n)
{
	buf_done(&n->shown);
}

/* The names a certificate is for, in its subjectAltName. */
static void read_names(gnutls_x509_crt_t crt, struct names *ret)
{
	for (unsigned i = 0;; i++) {
		char text[256] = "";
		size_t size = sizeof(text) - 1;
		int type = gnutls_x509_crt_get_subject_alt_name(crt, i, text, &size, NULL);
		if (type < 0 && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
			return; /* the last was read */
		if (type == GNUTLS_SAN_IPADDRESS) {
			char address[INET6_ADDRSTRLEN] = "";
			inet_ntop(size == 4 ? AF_INET : AF_INET6, text, address, sizeof(address));
			memcpy(text, address, sizeof(address));
		} else if (type != GNUTLS_SAN_DNSNAME) {
			continue;
		}
		if (ret->count++ < NAMES_SHOWN) {
			if (ret->count > 1)
				buf_add(&ret->shown, STR(", "));
			buf_printable(&ret->shown, str_of(text));
		}
	}
}

static bool refuse(struct err *e, const char *why)
{
	err_set(e, ERR_CERTIFICATE, "the server's certificate is not acceptable: %s", why);
	return false;
}

static bool refuse_dates(struct err *e, const char *what, time_t when)
{
	char there[CLOCK_DATE_MAX], here[CLOCK_DATE_MAX];

	clock_date_5322(when, there);
	clock_date_5322(time(NULL), here);
	err_set(e, ERR_CERTIFICATE, "the server's certificate is not acceptable: %s %s", what,
		there);
	return err_hint(e,
		"the clock here says %s; if that is right, the certificate must be renewed", here);
}

static bool refuse_name(struct err *e, const char *host, const struct names *names)
{
	const char *hint = names->hint;

	if (!names->count)
		return refuse(e, "it names no host in a subjectAltName");
	err_set(e, ERR_CERTIFICATE,
		"the server's certificate is not acceptable: it is for %s%s, not %s",
		buf_text(&names->shown), names->count > NAMES_SHOWN ? " and others" : "", host);
	return err_hint(
		e, "%s", hint ? hint : "set host (or tls_host_override) to the server's own name");
}

static bool explain_status(const char *host, gnutls_x509_crt_t crt, unsigned status,
	const struct names *names, struct err *e)
{
	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND) {
		refuse(e, "it is signed by nobody who is trusted here");
		return err_hint(
			e, "set tls_trust_file to the file of the authority that signed it");
	}
	if (status & GNUTLS_CERT_EXPIRED)
		return refuse_dates(e, "it expired on", gnutls_x509_crt_get_expiration_time(crt));
	if (status & GNUTLS_CERT_NOT_ACTIVATED)
		return refuse_dates(
			e, "it is not valid before", gnutls_x509_crt_get_activation_time(crt));
	if (status & GNUTLS_CERT_UNEXPECTED_OWNER || !status)
		return refuse_name(e, host, names);
	if (status & GNUTLS_CERT_PURPOSE_MISMATCH)
		return refuse(e, "it is not for servers");
	if (status & GNUTLS_CERT_REVOKED)
		return refuse(e, "it was revoked");
	if (status & GNUTLS_CERT_INSECURE_ALGORITHM)
		return refuse(e, "its signature or key is too weak");
	return refuse(e, "its chain of signatures does not hold");
}

/* Host names as text; addresses as octets, of which *ret_size tells how many. */
bool trust_is_address(const char *host, unsigned char octets[16], unsigned *ret_size)
{
	*ret_size = inet_pton(AF_INET, host, octets) == 1    ? 4
		    : inet_pton(AF_INET6, host, octets) == 1 ? 16
							     : 0;
	return *ret_size > 0;
}

/* Chain, dates, purpose and name: GnuTLS's verdict; 0 is good. */
static bool verify_chain(gnutls_session_t session, const char *host, unsigned *ret_status)
{
	char *name CLEAN_UP(mem_free_at) = mem_str(host);
	char purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
	unsigned char octets[16];
	unsigned size;
	bool address = trust_is_address(host, octets, &size);
	gnutls_typed_vdata_st data[] = {
		{ .type = address ? GNUTLS_DT_IP_ADDRESS : GNUTLS_DT_DNS_HOSTNAME,
			.data = address ? octets : (unsigned char *)name,
			.size = size },
		{ .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)purpose },
	};

	return gnutls_certificate_verify_peers(session, data, ARRAY_LEN(data), ret_status) == 0;
}

/* What GnuTLS verifies, and that a name stands in a SAN at all. */
static bool verify_leaf(const struct trust_terms *terms, gnutls_session_t session,
	gnutls_x509_crt_t crt, struct err *e)
{
	struct names names CLEAN_UP(names_done) = {
		.shown = BUF_INIT(300),
		.hint = terms->name_hint,
	};
	const char *host = terms->host;
	unsigned status = 0;

	read_names(crt, &names);
	if (!verify_chain(session, host, &status))
		return refuse(e, "it cannot be verified");
	if (!status && names.count)
		return true;
	return explain_status(host, crt, status, &names, e);
}

bool trust_verify(const struct trust *trust, gnutls_session_t session, struct err *e)
{
	unsigned count = 0;
	gnutls_x509_crt_t crt;

	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
	if (!chain || !count || gnutls_x509_crt_init(&crt) < 0)
		return refuse(e, "there is none");
	bool good = gnutls_x509_crt_import(crt, &chain[0], GNUTLS_X509_FMT_DER) < 0
			    ? refuse(e, "it cannot be read")
			    : verify_leaf(&trust->terms, session, crt, e);
	gnutls_x509_crt_deinit(crt);
	return good;
}

struct trust *trust_load(const struct trust_terms *terms, struct err *e)
{
	struct trust *trust = mem_alloc(sizeof(*trust));

	trust->terms = *terms;
	/* The dot of the root is in no certificate (RFC 6066 section 3). */
	struct str host = str_chop(str_of(terms->host), '.');
	trust->host = mem_dup(host.p, host.len);
	trust->terms.host = trust->host;
	if (gnutls_global_init() < 0 || gnutls_certificate_allocate_credentials(&trust->cred) < 0) {
		err_set(e, ERR_SOFTWARE, "GnuTLS does not start");
		mem_free(trust->host);
		mem_free(trust);
		return NULL;
	}
	if (terms->check && !load_authorities(trust, e)) {
		trust_free(trust);
		return NULL;
	}
	return trust;
}

void trust_free(struct trust *trust)
{
	if (!trust)
		return;
	gnutls_certificate_free_credentials(trust->cred);
	gnutls_global_deinit();
	mem_free(trust->host);
	mem_free(trust);
}

const struct trust_terms *trust_terms(const struct trust *trust)
{
	return &trust->terms;
}

struct gnutls_certificate_credentials_st *trust_credentials(const struct trust *trust)
{
	return trust->cred;
}

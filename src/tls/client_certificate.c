/* SPDX-License-Identifier: MIT */
#include "tls/client_certificate.h"

#include "base/mem.h"
#include "os/file.h"
#include "os/terminal.h"
#include "tls/hash.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

enum { FILE_OCTETS = 1 << 20, URL_OCTETS = 8192, PIN_SECONDS = 120 };

bool client_certificate_is_url(const char *where)
{
	return str_starts_same(str_of(where), STR("pkcs11:"));
}

/* --- files --- */

static bool read_key(const char *path, struct buf *out, struct err *e)
{
	struct file_facts facts;

	if (!file_read_for("tls_key_file", path, out, &facts, e))
		return false;
	if (!file_permissions_check(path, &facts, true, e))
		return err_in(e, "tls_key_file");
	if (!strstr(buf_text(out), "ENCRYPTED"))
		return true;
	err_set(e, ERR_CONFIG,
		"tls_key_file %s: the key is encrypted, and there is no terminal to ask for its "
		"password",
		path);
	return err_hint_about(e, "run: (umask 077; openssl pkey -in ", path,
		" -out NEW), and write tls_key_file NEW; or keep the key in a PKCS#11 token");
}

static bool explain_key_failure(int failed, struct err *e)
{
	switch (failed) {
	case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
		return err_set(e, ERR_CONFIG,
			"tls_key_file: this is not the key of the certificate in tls_cert_file");
	case GNUTLS_E_PKCS11_PIN_ERROR:
	case GNUTLS_E_PKCS11_PIN_EXPIRED:
	case GNUTLS_E_PKCS11_PIN_LOCKED:
		err_set(e, ERR_CONFIG, "tls_key_file: the token does not open: %s",
			gnutls_strerror(failed));
		return err_hint(e, "the URL may name a file that has the PIN: "
				   "pkcs11:...?pin-source=file:/PATH");
	case GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE:
		err_set(e, ERR_CONFIG,
			"tls_cert_file, tls_key_file: no token here has what the URL names");
		return err_hint(e, "p11tool --list-all lists certificates, with --login keys too");
	default:
		return err_set(e, hash_failure(failed, ERR_CONFIG),
			"tls_cert_file, tls_key_file: %s", gnutls_strerror(failed));
	}
}

static bool holds_certificates(const gnutls_datum_t *pem)
{
	gnutls_x509_crt_t *crts = NULL;
	unsigned count = 0;
	int rc = gnutls_x509_crt_list_import2(&crts, &count, pem, GNUTLS_X509_FMT_PEM, 0);

	for (unsigned i = 0; rc >= 0 && i < count; i++)
		gnutls_x509_crt_deinit(crts[i]);
	gnutls_free(crts);
	return rc >= 0 && count > 0;
}

/* Names the file that is not what it should be. */
static bool explain_file_failure(
	int failed, const gnutls_datum_t *shown, const char *cert, const char *key, struct err *e)
{
	if (failed == GNUTLS_E_CERTIFICATE_KEY_MISMATCH || failed == GNUTLS_E_MEMORY_ERROR)
		return explain_key_failure(failed, e);
	if (!holds_certificates(shown)) {
		err_set(e, ERR_CONFIG, "tls_cert_file %s: it holds no certificate in PEM form",
			cert);
		return err_hint_about(
			e, "openssl x509 -noout -subject -in ", cert, " shows what it holds");
	}
	err_set(e, ERR_CONFIG,
		"tls_key_file %s: it holds no private key in PEM form that can be used", key);
	return err_hint_about(e, "openssl pkey -noout -in ", key, " shows whether it holds one");
}

static bool load_files(
	gnutls_certificate_credentials_t cred, const char *cert, const char *key, struct err *e)
{
	struct buf certs CLEAN_UP(buf_done) = BUF_INIT(FILE_OCTETS);
	struct buf secret CLEAN_UP(buf_wipe_done) = BUF_INIT(FILE_OCTETS);
	struct file_facts facts;

	if (!file_read_for("tls_cert_file", cert, &certs, &facts, e) || !read_key(key, &secret, e))
		return false;
	gnutls_datum_t shown = { (unsigned char *)certs.data, (unsigned)certs.len };
	gnutls_datum_t kept = { (unsigned char *)secret.data, (unsigned)secret.len };
	int rc = gnutls_certificate_set_x509_key_mem2(
		cred, &shown, &kept, GNUTLS_X509_FMT_PEM, NULL, 0);
	return rc >= 0 || explain_file_failure(rc, &shown, cert, key, e);
}

/* --- tokens --- */

/* Removes pin-source from the URL and returns it, to be freed; NULL if it has none. */
static char *take_source(struct buf *url)
{
	static const char name[] = "pin-source=";
	char *at = strstr(url->data, name);

	if (!at)
		return NULL;
	struct str rest = str_of(at + sizeof(name) - 1);
	struct str value = str_cut(&rest, '&');
	char *source = mem_dup(value.p, value.len);
	char *more = mem_dup(rest.p, rest.len);
	buf_cut(url, (size_t)(at - url->data));
	buf_add(url, str_of(more));
	mem_free(more);
	return source;
}

/* Reads the first line of a file that must be protected like a password file. */
static bool read_pin(const char *source, struct secret *ret, struct err *e)
{
	struct buf text CLEAN_UP(buf_wipe_done) = BUF_INIT(SECRET_MAX);
	struct file_facts facts;
	bool local = str_starts(str_of(source), STR("file:"));
	const char *path = source + (local ? 5 : 0);

	path += str_starts(str_of(path), STR("///")) ? 2 : 0;
	if (!file_read_for("tls_key_file: pin-source", path, &text, &facts, e))
		return false;
	if (!file_permissions_check(path, &facts, true, e))
		return err_in(e, "tls_key_file: pin-source");
	struct str rest = buf_str(&text);
	struct str line = str_chop(str_cut(&rest, '\n'), '\r');
	return secret_set(ret, line.p, line.len);
}

static bool find_pin(struct buf *url, struct secret *ret, struct err *e)
{
	char *source CLEAN_UP(mem_free_at) = take_source(url);

	if (source)
		return read_pin(source, ret, e);
	if (strstr(url->data, "pin-value=") || !terminal_is_there())
		return true;
	return terminal_ask("PIN of the token that has the TLS key: ", PIN_SECONDS, ret, e) ||
	       err_in(e, "tls_key_file");
}

/* Makes the URL with the PIN in it, so that GnuTLS does not ask for the PIN. */
static bool add_pin(const char *given, struct buf *url, struct err *e)
{
	struct secret pin CLEAN_UP(secret_done) = { 0 };

	buf_reserve(url, URL_OCTETS);
	buf_add(url, str_of(given));
	if (!client_certificate_is_url(given))
		return true;
	if (!find_pin(url, &pin, e))
		return false;
	if (!secret_is_set(&pin))
		return true;
	char last = url->data[url->len - 1];
	if (last != '?' && last != '&')
		buf_char(url, strchr(url->data, '?') ? '&' : '?');
	buf_add(url, STR("pin-value="));
	for (size_t i = 0; i < pin.len; i++)
		buf_fmt(url, "%%%02X", (unsigned)(unsigned char)pin.bytes[i]);
	return true;
}

static bool load_urls(
	gnutls_certificate_credentials_t cred, const char *cert, const char *key, struct err *e)
{
	struct buf secret CLEAN_UP(buf_wipe_done) = BUF_INIT(FILE_OCTETS);
	struct buf url CLEAN_UP(buf_wipe_done) = BUF_INIT(URL_OCTETS);

	if ((!client_certificate_is_url(key) && !read_key(key, &secret, e)) ||
		!add_pin(key, &url, e))
		return false;
	int rc = gnutls_certificate_set_x509_key_file2(
		cred, cert, buf_text(&url), GNUTLS_X509_FMT_PEM, NULL, 0);
	return rc >= 0 || explain_key_failure(rc, e);
}

bool client_certificate_load(
	gnutls_certificate_credentials_t cred, const char *cert, const char *key, struct err *e)
{
	return client_certificate_is_url(cert) || client_certificate_is_url(key)
		       ? load_urls(cred, cert, key, e)
		       : load_files(cred, cert, key, e);
}

/* SPDX-License-Identifier: MIT */
#include "tls/x509.h"

#include "base/mem.h"
#include "base/printable.h"
#include "tls/der.h"
#include "tls/distinguished_name.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <string.h>

enum {
	NAMES_SHOWN = 3,
	NAME_SHOWN_OCTETS = 80,
	EXTENSIONS_COMPARED = 64,
	HOST_OCTETS = 256,
	EMPTY_NAME = 2
};

/* --- the certificate (RFC 5280 section 4.1) --- */

/* Certificate ::= SEQUENCE { tbs SEQUENCE { [0] version, serial, algorithm, issuer, ... */
static bool enter_certificate(struct str *s, struct str *ret_issuer)
{
	struct der serial, algorithm, issuer;

	if (!der_enter(s, DER_SEQUENCE) || !der_enter(s, DER_SEQUENCE) ||
		!der_skip(s, DER_CONTEXT_OF(0)) || !der_next(s, &serial) ||
		!der_take(s, DER_SEQUENCE, &algorithm) || !der_take(s, DER_SEQUENCE, &issuer))
		return false;
	*ret_issuer = issuer.whole;
	return true;
}

bool x509_peek_subject(struct str beginning, struct str *ret)
{
	struct der validity, subject;
	struct str issuer;

	if (!enter_certificate(&beginning, &issuer) ||
		!der_take(&beginning, DER_SEQUENCE, &validity) ||
		!der_take(&beginning, DER_SEQUENCE, &subject))
		return false;
	*ret = subject.whole;
	return true;
}

/* Is 24 (status_request) in the list of TLS features? */
static bool wants_staple(struct str value)
{
	struct der list, feature;

	if (!der_take(&value, DER_SEQUENCE, &list))
		return true; /* to be on the safe side */
	while (list.body.len)
		if (!der_next(&list.body, &feature) || str_eq(feature.body, STR("\5")))
			return true;
	return false;
}

/* Extension ::= SEQUENCE { OID, critical BOOLEAN DEFAULT FALSE, value OCTET STRING } */
static bool read_extension(struct str s, struct x509 *ret)
{
	struct der oid, value, content;

	if (!der_take(&s, DER_OID, &oid) || !der_skip(&s, DER_BOOLEAN) ||
		!der_take(&s, DER_OCTET_STRING, &value))
		return false;
	struct str inside = value.body;
	if (str_eq(oid.body, STR("\x2b\x06\x01\x05\x05\x07\x01\x18"))) {
		ret->must_staple = wants_staple(inside);
		return true;
	}
	bool names = str_eq(oid.body, STR("\x55\x1d\x11"));
	if (!names && !str_eq(oid.body, STR("\x55\x1d\x1e")))
		return true;
	if (!der_take(&inside, DER_SEQUENCE, &content))
		return false;
	*(names ? &ret->names : &ret->constraints) = content.body;
	return true;
}

/* Reads what follows the key: two unique identifiers, which are not in use, and extensions. */
static bool read_extensions(struct str s, struct x509 *ret)
{
	struct der extensions, extension;

	if (!der_skip(&s, DER_CONTEXT(1)) || !der_skip(&s, DER_CONTEXT(2)))
		return false;
	if (!s.len)
		return true;
	if (!der_take(&s, DER_CONTEXT_OF(3), &extensions))
		return false;
	s = extensions.body;
	if (!der_take(&s, DER_SEQUENCE, &extensions))
		return false;
	ret->extensions = extensions.body;
	while (extensions.body.len)
		if (!der_take(&extensions.body, DER_SEQUENCE, &extension) ||
			!read_extension(extension.body, ret))
			return false;
	return true;
}

static bool read_validity(struct str s, struct x509 *ret)
{
	struct der from, until;

	return der_next(&s, &from) && der_time(&from, &ret->from) && der_next(&s, &until) &&
	       der_time(&until, &ret->until);
}

bool x509_read(struct str der, struct x509 *ret)
{
	struct der whole, tbs, validity, subject, key;
	struct str s = der;

	*ret = (struct x509) { .whole = der };
	if (!der_take(&s, DER_SEQUENCE, &whole) || s.len)
		return false;
	s = whole.body;
	if (!der_take(&s, DER_SEQUENCE, &tbs))
		return false;
	/* These two elements are known to be whole, so nothing below reads beyond their ends. */
	s = str_head(der, (size_t)(tbs.whole.p - der.p) + tbs.whole.len);
	if (!enter_certificate(&s, &ret->issuer) || !der_take(&s, DER_SEQUENCE, &validity) ||
		!read_validity(validity.body, ret) || !der_take(&s, DER_SEQUENCE, &subject) ||
		!der_take(&s, DER_SEQUENCE, &key))
		return false;
	ret->subject = subject.whole;
	ret->key = key.whole;
	return read_extensions(s, ret);
}

/* --- keys --- */

struct key {
	struct str oid, parameters, bits; /* bits: without the count of unused ones */
};

/* SubjectPublicKeyInfo ::= SEQUENCE { SEQUENCE { OID, parameters }, BIT STRING } */
static bool read_public_key(const struct x509 *cert, struct key *ret)
{
	struct der info, algorithm, oid, bits;
	struct str s = cert->key;

	if (!der_take(&s, DER_SEQUENCE, &info) || !der_take(&info.body, DER_SEQUENCE, &algorithm) ||
		!der_take(&algorithm.body, DER_OID, &oid) ||
		!der_take(&info.body, DER_BIT_STRING, &bits) || bits.body.len < 2)
		return false;
	*ret = (struct key) { oid.body, algorithm.body, str_from(bits.body, 1) };
	return true;
}

static const struct str ec_key = { "\x2a\x86\x48\xce\x3d\x02\x01", 7 };
static const struct str dsa_key = { "\x2a\x86\x48\xce\x38\x04\x01", 7 };

bool x509_has_weak_curve(const struct x509 *cert)
{
	struct key key;

	if (!read_public_key(cert, &key))
		return true;
	if (!str_eq(key.oid, ec_key))
		return false;
	/* The point is a head, and one coordinate (compressed) or two. */
	size_t octets = key.bits.len - 1;
	return (key.bits.p[0] == 4 ? octets / 2 : octets) < 32;
}

size_t x509_modulus_octets(const struct x509 *cert)
{
	static const struct str rsa = { "\x2a\x86\x48\x86\xf7\x0d\x01\x01", 8 }; /* and one more */
	struct key key;
	struct der all, modulus;

	if (!read_public_key(cert, &key))
		return SIZE_MAX;
	bool is_rsa = str_starts(key.oid, rsa);
	if (!is_rsa && !str_eq(key.oid, dsa_key))
		return 0;
	if (!der_take(is_rsa ? &key.bits : &key.parameters, DER_SEQUENCE, &all) ||
		!der_take(&all.body, DER_INTEGER, &modulus))
		return SIZE_MAX;
	while (modulus.body.len && !modulus.body.p[0])
		modulus.body = str_from(modulus.body, 1);
	return modulus.body.len;
}

static bool has_extension_twice(const struct x509 *cert)
{
	struct str rest = cert->extensions;
	struct der one, oid;
	struct str seen[EXTENSIONS_COMPARED];
	size_t count = 0;

	while (rest.len && count < EXTENSIONS_COMPARED) {
		if (!der_take(&rest, DER_SEQUENCE, &one) || !der_take(&one.body, DER_OID, &oid))
			return false;
		for (size_t i = 0; i < count; i++)
			if (str_eq(seen[i], oid.body))
				return true;
		seen[count++] = oid.body;
	}
	return false;
}

/* TLS 1.3 has no DSA, and of the curves of certificates those of NIST (RFC 8446 section 4.2.3). */
static bool has_foreign_key(const struct key *key)
{
	static const struct str curves[] = { { "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10 },
		{ "\x06\x05\x2b\x81\x04\x00\x22", 7 }, { "\x06\x05\x2b\x81\x04\x00\x23", 7 } };
	static const struct str rsa = { "\x2a\x86\x48\x86\xf7\x0d\x01\x01", 8 }; /* and one more */
	static const struct str edwards = { "\x2b\x65", 2 };                     /* and one more */

	if (!str_eq(key->oid, ec_key))
		return !str_starts(key->oid, rsa) && !str_starts(key->oid, edwards);
	for (size_t i = 0; i < ARRAY_LEN(curves); i++)
		if (str_eq(key->parameters, curves[i]))
			return false;
	return true;
}

const char *x509_flaw(struct str der)
{
	struct x509 cert;
	struct key key;

	if (!x509_read(der, &cert) || !read_public_key(&cert, &key))
		return "it cannot be read";
	if (has_extension_twice(&cert))
		return "it has an extension twice";
	return has_foreign_key(&key) ? "its key is of a kind that TLS does not use" : NULL;
}

/* --- names --- */

#define DNS_NAME DER_CONTEXT(2)
#define OTHER_NAME DER_CONTEXT_OF(0)
#define IP_ADDRESS DER_CONTEXT(7)
#define MAILBOX DER_CONTEXT(1)
#define URI DER_CONTEXT(6)
#define DIRECTORY_NAME DER_CONTEXT_OF(4)

bool x509_is_address(const char *host, unsigned char octets[16], unsigned *ret_size)
{
	*ret_size = inet_pton(AF_INET, host, octets) == 1    ? 4
		    : inet_pton(AF_INET6, host, octets) == 1 ? 16
							     : 0;
	return *ret_size > 0;
}

/* RFC 9525 section 6.3 */
static bool name_matches(struct str pattern, struct str host)
{
	if (!str_starts(pattern, STR("*.")))
		return str_same(pattern, host);
	pattern = str_from(pattern, 2);
	size_t label = str_find(host, '.');
	return label > 0 && label < host.len && str_find(pattern, '.') < pattern.len &&
	       str_same(pattern, str_from(host, label + 1));
}

bool x509_is_for(const struct x509 *cert, const char *host)
{
	unsigned char octets[16];
	unsigned size;
	bool address = x509_is_address(host, octets, &size);
	struct str wanted = address ? str_n((const char *)octets, size) : str_of(host);
	struct str rest = cert->names;
	struct der name;

	while (wanted.len && rest.len && der_next(&rest, &name)) {
		if (address ? name.tag == IP_ADDRESS && str_eq(name.body, wanted)
			    : name.tag == DNS_NAME && name_matches(name.body, wanted))
			return true;
	}
	return false;
}

/* AnotherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT IA5String } */
static bool is_srv_name(const struct der *name)
{
	static const struct str srv_name = { "\x2b\x06\x01\x05\x05\x07\x08\x07", 8 };
	struct str s = name->body;
	struct der type;

	return name->tag == OTHER_NAME && der_take(&s, DER_OID, &type) &&
	       str_eq(type.body, srv_name);
}

static bool read_srv_name(const struct der *name, struct str *ret)
{
	struct str s = name->body;
	struct der type, value, text;

	if (!is_srv_name(name) || !der_next(&s, &type) ||
		!der_take(&s, DER_CONTEXT_OF(0), &value) || s.len ||
		!der_take(&value.body, DER_IA5, &text) || value.body.len)
		return false;
	*ret = text.body;
	return true;
}

bool x509_is_for_service(const struct x509 *cert, const char *service)
{
	struct str rest = cert->names, text;
	struct der name;

	while (rest.len && der_next(&rest, &name))
		if (read_srv_name(&name, &text) && str_same(text, str_of(service)))
			return true;
	return false;
}

/* --- names that look right --- */

/* Whether the text is the address, in any of its spellings. */
static bool spells_address(const char *text, struct str address)
{
	unsigned char octets[16];
	unsigned size;

	return x509_is_address(text, octets, &size) &&
	       str_eq(str_n((const char *)octets, size), address);
}

static bool is_whole_label_star(struct str pattern)
{
	struct str rest = str_from(pattern, 2);

	return str_starts(pattern, STR("*.")) && str_find(rest, '.') < rest.len &&
	       str_find(rest, '*') == rest.len;
}

static void copy_visible(struct str name, struct buf *out)
{
	for (size_t i = 0; i < name.len; i++)
		if (!chr_is_ctl(name.p[i]) && name.p[i] != ' ')
			buf_char(out, name.p[i]);
}

static enum x509_slip dns_slip(struct str name, const char *host, struct str address)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(HOST_OCTETS);

	copy_visible(name, &text);
	if (text.over)
		return X509_NO_SLIP;
	if (address.len && spells_address(buf_text(&text), address))
		return X509_ADDRESS_AS_NAME;
	if (!str_is_ascii(name))
		return str_find_same(str_of(host), STR("xn--")) < strlen(host) ? X509_NOT_ASCII
									       : X509_NO_SLIP;
	if (str_find(name, '*') < name.len)
		return (address.len || !is_whole_label_star(name)) && host[0] &&
				       fnmatch(buf_text(&text), host,
					       FNM_CASEFOLD | FNM_NOESCAPE) == 0
			       ? X509_STAR
			       : X509_NO_SLIP;
	if (!str_same(str_chop(buf_str(&text), '.'), str_of(host)))
		return X509_NO_SLIP;
	return text.len < name.len ? X509_BLANK : X509_DOT;
}

enum x509_slip x509_find_slip(const struct x509 *cert, const char *host, struct str *ret_name)
{
	unsigned char octets[16];
	unsigned size;
	bool wants_address = x509_is_address(host, octets, &size);
	struct str address = str_n((const char *)octets, size);
	struct str rest = cert->names;
	enum x509_slip slip = X509_NO_SLIP;
	struct der name;

	while (!slip && rest.len && der_next(&rest, &name)) {
		*ret_name = str_head(name.body, NAME_SHOWN_OCTETS);
		if (name.tag == DNS_NAME)
			slip = dns_slip(name.body, host, address);
		else if (wants_address && name.tag == IP_ADDRESS && name.body.len != 4 &&
			 name.body.len != 16)
			slip = X509_BAD_ADDRESS;
	}
	return slip;
}

size_t x509_list_names(const struct x509 *cert, size_t *ret_shown, struct buf *out)
{
	struct str rest = cert->names;
	struct der name;
	size_t count = 0;

	while (rest.len && der_next(&rest, &name)) {
		char address[INET6_ADDRSTRLEN] = "";
		if (name.tag != DNS_NAME && name.tag != IP_ADDRESS)
			continue;
		if (count++ >= NAMES_SHOWN)
			continue;
		if (name.tag == IP_ADDRESS && (name.body.len == 4 || name.body.len == 16))
			inet_ntop(name.body.len == 4 ? AF_INET : AF_INET6, name.body.p, address,
				sizeof(address));
		buf_add(out, count > 1 ? STR(", ") : STR(""));
		printable_add(
			out, address[0] ? str_of(address) : str_head(name.body, NAME_SHOWN_OCTETS));
	}
	*ret_shown = count < NAMES_SHOWN ? count : NAMES_SHOWN;
	return count;
}

/* --- nameConstraints (RFC 5280 section 4.2.1.10) --- */

/* "example.com" allows itself and all names below; ".example.com" only the names below. */
static bool name_is_within(struct str name, struct str limit)
{
	if (!limit.len)
		return true;
	if (!str_ends_same(name, limit))
		return false;
	size_t before = name.len - limit.len;
	return limit.p[0] == '.' ? before > 0 : before == 0 || name.p[before - 1] == '.';
}

static bool address_is_within(struct str address, struct str limit)
{
	if (limit.len != 2 * address.len)
		return false;
	for (size_t i = 0; i < address.len; i++)
		if ((address.p[i] ^ limit.p[i]) & limit.p[address.len + i])
			return false;
	return true;
}

/*
 * RFC 4985 section 4: "_service.example.com" limits the service and the domain, "_service" and
 * "example.com" one of them.
 */
static bool service_is_within(struct str name, struct str limit)
{
	struct str service = STR("");

	if (str_starts(name, STR("_")))
		service = str_cut(&name, '.');
	if (str_starts(limit, STR("_")) && !str_same(str_cut(&limit, '.'), service))
		return false;
	return name_is_within(name, limit);
}

/* A host, or ".example.com" for the hosts below it. */
static bool host_is_within(struct str host, struct str limit)
{
	return str_starts(limit, STR(".")) ? name_is_within(host, limit) : str_same(host, limit);
}

static bool mailbox_is_within(struct str mailbox, struct str limit)
{
	if (str_find(limit, '@') < limit.len)
		return str_same(mailbox, limit);
	return host_is_within(str_from(mailbox, str_rfind(mailbox, '@') + 1), limit);
}

/* False in *ret_good if no host is in the URI (RFC 3986 section 3.2). */
static bool uri_is_within(struct str uri, struct str limit, bool *ret_good)
{
	size_t begin = str_find_same(uri, STR("//"));
	struct str host = str_from(uri, begin + 2);

	*ret_good = begin < uri.len;
	for (const char *end = "/?#"; *end; end++)
		host = str_head(host, str_find(host, *end));
	host = str_from(host, str_find(host, '@') < host.len ? str_find(host, '@') + 1 : 0);
	return host_is_within(str_head(host, str_find(host, ':')), limit);
}

/* False in *ret_good if one of the two cannot be read. */
static bool is_within(const struct der *name, const struct der *limit, bool *ret_good)
{
	struct str text, limit_text;
	bool within = false;

	switch (name->tag) {
	case DNS_NAME:
		return name_is_within(name->body, limit->body);
	case IP_ADDRESS:
		return address_is_within(name->body, limit->body);
	case MAILBOX:
		return mailbox_is_within(name->body, limit->body);
	case URI:
		return uri_is_within(name->body, limit->body, ret_good);
	case DIRECTORY_NAME:
		*ret_good = distinguished_name_is_within(name->body, limit->body, &within);
		return within;
	default:
		*ret_good = read_srv_name(name, &text) && read_srv_name(limit, &limit_text);
		return *ret_good && service_is_within(text, limit_text);
	}
}

/* GeneralSubtrees ::= SEQUENCE OF SEQUENCE { base GeneralName, ... } */
struct subtrees {
	bool broken;  /* a subtree cannot be read */
	bool concern; /* a subtree has the name's type */
	bool hold;    /* the name is within a subtree */
};

static struct subtrees scan_subtrees(struct str trees, const struct der *name)
{
	struct subtrees seen = { 0 };
	struct der tree, base;

	while (trees.len && !seen.broken) {
		if (!der_take(&trees, DER_SEQUENCE, &tree) || !der_next(&tree.body, &base)) {
			seen.broken = true;
		} else if (base.tag == name->tag &&
			   (base.tag != OTHER_NAME || is_srv_name(&base))) {
			bool good = true;
			seen.concern = true;
			seen.hold |= is_within(name, &base, &good);
			seen.broken = !good;
		}
	}
	return seen;
}

static bool is_allowed(struct str constraints, const struct der *name)
{
	struct der part;

	while (constraints.len) {
		if (!der_next(&constraints, &part))
			return false;
		struct subtrees seen = scan_subtrees(part.body, name);
		bool permitted = part.tag == DER_CONTEXT_OF(0);
		if (seen.broken || (permitted ? seen.concern && !seen.hold : seen.hold))
			return false;
	}
	return true;
}

/*
 * The host is checked too, because a "*" in a name may stand for it. Names of a form that is not
 * known here are allowed only where no authority limits that form.
 */
bool x509_allows(const struct x509 *authority, const struct x509 *cert, const char *host)
{
	unsigned char octets[16];
	unsigned size;
	bool address = x509_is_address(host, octets, &size);
	struct der name = { .tag = address ? IP_ADDRESS : DNS_NAME,
		.body = address ? str_n((const char *)octets, size) : str_of(host) };
	struct der subject = { .tag = DIRECTORY_NAME, .body = cert->subject };
	struct str rest = cert->names;

	if (!authority->constraints.len)
		return true;
	if (cert->subject.len > EMPTY_NAME && !is_allowed(authority->constraints, &subject))
		return false;
	do
		if ((name.tag != OTHER_NAME || is_srv_name(&name)) &&
			!is_allowed(authority->constraints, &name))
			return false;
	while (rest.len && der_next(&rest, &name));
	return !rest.len;
}

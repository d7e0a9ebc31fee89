/* SPDX-License-Identifier: MIT */
#include "tls/x509.h"

#include "base/mem.h"
#include "tls/der.h"

#include <arpa/inet.h>
#include <string.h>

enum { NAMES_SHOWN = 3, NAME_SHOWN_OCTETS = 80 };

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

bool x509_has_weak_curve(const struct x509 *cert)
{
	struct key key;

	if (!read_public_key(cert, &key))
		return true;
	if (!str_eq(key.oid, STR("\x2a\x86\x48\xce\x3d\x02\x01")))
		return false;
	/* The point is a head, and one coordinate (compressed) or two. */
	size_t octets = key.bits.len - 1;
	return (key.bits.p[0] == 4 ? octets / 2 : octets) < 32;
}

size_t x509_modulus_octets(const struct x509 *cert)
{
	static const struct str rsa = { "\x2a\x86\x48\x86\xf7\x0d\x01\x01", 8 }; /* and one more */
	static const struct str dsa = { "\x2a\x86\x48\xce\x38\x04\x01", 7 };
	struct key key;
	struct der all, modulus;

	if (!read_public_key(cert, &key))
		return SIZE_MAX;
	bool is_rsa = str_starts(key.oid, rsa);
	if (!is_rsa && !str_eq(key.oid, dsa))
		return 0;
	if (!der_take(is_rsa ? &key.bits : &key.parameters, DER_SEQUENCE, &all) ||
		!der_take(&all.body, DER_INTEGER, &modulus))
		return SIZE_MAX;
	while (modulus.body.len && !modulus.body.p[0])
		modulus.body = str_from(modulus.body, 1);
	return modulus.body.len;
}

/* --- names --- */

#define DNS_NAME DER_CONTEXT(2)
#define IP_ADDRESS DER_CONTEXT(7)

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
static bool is_service(struct str other, struct str wanted)
{
	static const struct str srv_name = { "\x2b\x06\x01\x05\x05\x07\x08\x07", 8 };
	struct der type, value, text;

	return der_take(&other, DER_OID, &type) && str_eq(type.body, srv_name) &&
	       der_take(&other, DER_CONTEXT_OF(0), &value) &&
	       der_take(&value.body, DER_IA5, &text) && str_same(text.body, wanted);
}

bool x509_is_for_service(const struct x509 *cert, const char *service)
{
	struct str rest = cert->names;
	struct der name;

	while (rest.len && der_next(&rest, &name))
		if (name.tag == DER_CONTEXT_OF(0) && is_service(name.body, str_of(service)))
			return true;
	return false;
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
		buf_printable(
			out, address[0] ? str_of(address) : str_head(name.body, NAME_SHOWN_OCTETS));
	}
	*ret_shown = count < NAMES_SHOWN ? count : NAMES_SHOWN;
	return count;
}

/* Name ::= SEQUENCE OF SET OF SEQUENCE { OID, value } */
static bool find_attribute(struct str name, struct str oid, struct str *ret)
{
	struct der list, set, attribute, type, value;

	if (!der_take(&name, DER_SEQUENCE, &list))
		return false;
	while (list.body.len) {
		if (!der_take(&list.body, DER_SET, &set) ||
			!der_take(&set.body, DER_SEQUENCE, &attribute) ||
			!der_take(&attribute.body, DER_OID, &type) ||
			!der_next(&attribute.body, &value))
			return false;
		if (str_eq(type.body, oid)) {
			*ret = value.body;
			return true;
		}
	}
	return false;
}

void x509_title(struct str name, struct buf *out)
{
	struct str title;

	if (find_attribute(name, STR("\x55\x04\x03"), &title) ||
		find_attribute(name, STR("\x55\x04\x0a"), &title))
		buf_printable(out, str_head(title, NAME_SHOWN_OCTETS));
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

static bool is_within(const struct der *name, struct str limit)
{
	return name->tag == DNS_NAME ? name_is_within(name->body, limit)
				     : address_is_within(name->body, limit);
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
		} else if (base.tag == name->tag) {
			seen.concern = true;
			seen.hold |= is_within(name, base.body);
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

/* The host is checked too, because a "*" in a name may stand for it. */
bool x509_allows(const struct x509 *authority, const struct x509 *cert, const char *host)
{
	unsigned char octets[16];
	unsigned size;
	bool address = x509_is_address(host, octets, &size);
	struct der name = { .tag = address ? IP_ADDRESS : DNS_NAME,
		.body = address ? str_n((const char *)octets, size) : str_of(host) };
	struct str rest = cert->names;

	if (!authority->constraints.len)
		return true;
	do {
		bool ours = name.tag == DNS_NAME || name.tag == IP_ADDRESS;
		if (ours && !is_allowed(authority->constraints, &name))
			return false;
	} while (rest.len && der_next(&rest, &name));
	return !rest.len;
}

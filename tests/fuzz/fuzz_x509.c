/* SPDX-License-Identifier: MIT */
/*
 * Certificates, as DER or in a text: what is read points into the input, names match no more than
 * they should, a name that does not count is inside, and what is shown is printable.
 */
#include "fuzz.h"

#include "tls/distinguished_name.h"
#include "tls/pem.h"
#include "tls/x509.h"

static void check_inside(struct str part, struct str whole)
{
	claim(!part.len || (part.p >= whole.p && part.p + part.len <= whole.p + whole.len));
}

static void check_text(const struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		claim(!chr_is_ctl(text->data[i]));
}

static void check_cert(struct str der)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(1000);
	size_t shown = 0;
	struct str name = { 0 };
	uint32_t hash;
	bool within;
	struct x509 c;

	if (!x509_read(der, &c)) {
		claim(x509_flaw(der));
		return;
	}
	(void)x509_flaw(der);
	if (x509_find_slip(&c, "a.example", &name) || x509_find_slip(&c, "::1", &name))
		check_inside(name, c.names);
	check_inside(c.issuer, der);
	check_inside(c.subject, der);
	check_inside(c.key, der);
	check_inside(c.names, der);
	check_inside(c.constraints, der);
	claim(x509_list_names(&c, &shown, &text) >= shown);
	distinguished_name_title(c.issuer, &text);
	check_text(&text);
	(void)distinguished_name_hash(c.subject, &hash);
	(void)x509_has_weak_curve(&c);
	(void)distinguished_name_is_within(c.subject, c.issuer, &within);
	(void)x509_allows(&c, &c, "a.example");
	(void)x509_is_for_service(&c, "_submission.a.example");
	check_inside(c.extensions, der);
	claim(!x509_is_for(&c, ""));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf der CLEAN_UP(buf_done) = BUF_INIT(65535);
	struct str rest = input_of(data, size).rest, base64, subject;

	check_cert(rest);
	(void)x509_peek_subject(rest, &subject);
	while (pem_next(&rest, &base64))
		if (pem_decode(base64, &der))
			check_cert(buf_str(&der));
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "sasl/scram.h"

#include "base/mem.h"
#include "base/printable.h"

enum { NUMBER_SHOWN = 24 };

void scram_first_done(struct scram_first *f)
{
	buf_done(&f->salt);
}

/* gs2-header = ("n" / "y" / "p=" cb-name) "," [authzid] ","; client-first-bare = username "," nonce
 */
struct str scram_nonce(struct str client_first)
{
	for (int i = 0; i < 3; i++)
		(void)str_cut(&client_first, ',');
	return str_from(str_cut(&client_first, ','), 2);
}

static bool refuse_server(struct err *e, const char *what)
{
	err_set(e, ERR_NOPERM, "SCRAM: %s", what);
	return err_hint(e, "nothing was sent; is it the right server (line host NAME)? the same "
			   "command with -v shows the conversation");
}

/* Takes the value of an attribute (a letter, "=", value); false if another attribute comes. */
static bool take_attribute(struct str *rest, const char *name, struct str *ret_value)
{
	struct str attribute = str_cut(rest, ',');

	*ret_value = str_from(attribute, 2);
	return str_starts(attribute, str_of(name));
}

/* nonce = "r=" c-nonce s-nonce, both printable */
static bool check_nonce(struct str nonce, struct str ours)
{
	for (size_t i = 0; i < nonce.len; i++)
		if (nonce.p[i] <= ' ' || nonce.p[i] > '~')
			return false;
	return ours.len && nonce.len > ours.len && str_starts(nonce, ours);
}

/* posit-number = %x31-39 *DIGIT */
static bool read_iterations(struct str text, unsigned *ret, struct err *e)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(200);
	uint64_t n;

	if (str_number(text, &n) && text.p[0] != '0' && n >= SCRAM_ITERATIONS_MIN &&
		n <= SCRAM_ITERATIONS_MAX) {
		*ret = (unsigned)n;
		return true;
	}
	printable_add(&shown, str_head(text, NUMBER_SHOWN));
	err_set(e, ERR_NOPERM, "SCRAM: the server's iteration count \"%s\" is not from %d to %d",
		buf_text(&shown), (int)SCRAM_ITERATIONS_MIN, (int)SCRAM_ITERATIONS_MAX);
	return err_hint(e, "nothing was sent; is it the right server (line host NAME)? its owner "
			   "must change the count");
}

/* server-error = "e=" server-error-value. Reports it if text is one, else `otherwise`. */
static bool refuse_text(struct str text, const char *otherwise, struct err *e)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(300);
	struct str value;

	if (str_starts(text, STR("m=")))
		return refuse_server(
			e, "the server requires a SCRAM extension that is not supported");
	if (!take_attribute(&text, "e=", &value))
		return refuse_server(e, otherwise);
	printable_add(&shown, str_head(value, 60));
	err_set(e, ERR_NOPERM, "SCRAM: the server refused with \"%s\"", buf_text(&shown));
	return err_hint(e, ERR_HINT_PASSWORD);
}

bool scram_read_first(struct str text, struct str our_nonce, struct scram_first *ret, struct err *e)
{
	struct str rest = text, nonce, salt, iterations;

	if (!take_attribute(&rest, "r=", &nonce))
		return refuse_text(text, "the server's first message has no nonce", e);
	if (!check_nonce(nonce, our_nonce))
		return refuse_server(e, "the server's nonce does not extend ours");
	buf_clear(&ret->salt);
	if (!take_attribute(&rest, "s=", &salt) || !salt.len || !buf_unbase64(&ret->salt, salt))
		return refuse_server(e, "the server's salt is missing or not base64");
	if (!take_attribute(&rest, "i=", &iterations))
		return refuse_server(e, "the server's iteration count is missing");
	return read_iterations(iterations, &ret->iterations, e);
}

bool scram_read_final(struct str text, struct err *e)
{
	return str_starts(text, STR("v=")) ||
	       refuse_text(text, "the server's last message has no signature", e);
}

bool scram_salt(enum hash hash, struct str password, const struct scram_first *first,
	struct buf *ret_hex, struct err *e)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char salted[HASH_MAX];
	size_t size = hash_octets(hash);
	const struct hash_salt salt = { buf_str(&first->salt), first->iterations };

	if (!hash_pbkdf2(hash, password, &salt, salted, e))
		return err_in(e, "SCRAM");
	buf_reserve(ret_hex, 2 * size);
	for (size_t i = 0; i < size; i++) {
		buf_char(ret_hex, digits[salted[i] >> 4]);
		buf_char(ret_hex, digits[salted[i] & 15]);
	}
	mem_wipe(salted, sizeof(salted));
	return true;
}

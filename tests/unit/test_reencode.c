/* SPDX-License-Identifier: MIT */
/*
 * Messages and what becomes of them, as tables: each is fed whole, by 7 octets and by single
 * octets, and comes out through buffers of several sizes. Rows have LF for CRLF. What is sent is
 * never changed by another run.
 */
#include "unit.h"

#include "base/mem.h"
#include "mail/body.h"
#include "mime/part_walk.h"
#include "mime/reencode.h"

enum { BIG = 32 << 20 };

#define UE "\xc3\xbc"
#define L10 "0123456789"
#define L100 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10
#define L1000 L100 L100 L100 L100 L100 L100 L100 L100 L100 L100

struct row {
	const char *text;
	const char *sent; /* NULL: the same; else what is sent, or why not */
};

static void canonical(struct str text, struct buf *out)
{
	struct canon c = { 0 };

	buf_clear(out);
	out->limit = 3 * text.len + 2 * CANON_ROOM; /* canon_feed() takes all of it */
	assert_int_equal(canon_feed(&c, text, out), text.len);
	assert_true(canon_end(&c, out));
}

static void survey(struct reencode *m, struct str text, size_t cut)
{
	while (text.len) {
		struct str piece = str_head(text, cut);
		reencode_survey(m, piece);
		text = str_from(text, piece.len);
	}
}

static void drain(struct buf *small, struct buf *out)
{
	assert_true(small->len > 0 && !small->over);
	buf_add(out, buf_str(small));
	buf_clear(small);
}

static void rewrite(struct reencode *m, struct str text, size_t cut, struct buf *out)
{
	struct buf small CLEAN_UP(buf_done) = BUF_INIT(cut == 1 ? 3 : cut == 7 ? 100 : BIG);

	while (text.len) {
		struct str piece = str_head(text, cut);
		size_t used = reencode_copy(m, piece, &small);
		assert_true(used <= piece.len);
		if (used < piece.len)
			drain(&small, out);
		text = str_from(text, used);
	}
	while (!reencode_copy_end(m, &small))
		drain(&small, out);
	buf_add(out, buf_str(&small));
}

/* What the message becomes, or the error, "what" and nothing else, with false. */
static bool process(
	struct str text, unsigned wanted, size_t cut, struct reencode_outcome *ret, struct buf *out)
{
	struct reencode *m = reencode_new();
	struct err e;

	buf_clear(out);
	survey(m, text, cut);
	bool good = reencode_decide(m, wanted, ret, &e);
	if (!good) {
		assert_int_equal(e.kind, ERR_DATA);
		assert_true(e.hint[0] != '\0');
		buf_add(out, str_of(e.what));
	} else if (ret->changes) {
		rewrite(m, text, cut, out);
	} else {
		buf_add(out, text);
	}
	reencode_free(m);
	return good;
}

static void check_row(const struct row *row, unsigned wanted, size_t cut)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(BIG);
	struct buf sent CLEAN_UP(buf_done) = BUF_INIT(BIG);
	struct buf got CLEAN_UP(buf_done) = BUF_INIT(BIG);
	struct buf again CLEAN_UP(buf_done) = BUF_INIT(BIG);
	struct reencode_outcome did, then;

	canonical(str_of(row->text), &text);
	bool good = process(buf_str(&text), wanted, cut, &did, &got);
	if (!good) {
		CHECK_TEXT(row->text, buf_str(&got), row->sent ? row->sent : "");
		return;
	}
	canonical(str_of(row->sent ? row->sent : row->text), &sent);
	CHECK_STR(row->text, buf_str(&got), buf_str(&sent));
	CHECK_ROW(row->text, did.changes, row->sent != NULL);
	CHECK_ROW(row->text, did.has_8bit, !str_is_ascii(buf_str(&got)));
	assert_true(process(buf_str(&got), wanted, SIZE_MAX, &then, &again));
	CHECK_STR(row->text, buf_str(&again), buf_str(&got));
	CHECK_ROW(row->text, then.changes, false);
	CHECK_ROW(row->text, then.passed, did.passed);
}

static void check(const struct row *rows, size_t count, unsigned wanted)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < ARRAY_LEN(cuts); k++)
			check_row(&rows[i], wanted, cuts[k]);
}

#define QP "Content-Transfer-Encoding: quoted-printable\n"
#define EIGHT "Content-Transfer-Encoding: 8bit\n"
#define MIXED "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n"
#define NO " has 8-bit octets that cannot be encoded: "

static void test_simple(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "A: b\n\nplain\n", NULL },
		{ "A: b\n", NULL },
		{ "\n", NULL },
		{ "A: b\n\n" UE "\n",
			"A: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n" QP
			"\n=C3=BC\n" },
		{ "A: b\nMIME-Version: 1.0\n\n\xf0\x9f\x98\x80 .\n",
			"A: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n" QP
			"\n=F0=9F=98=80 .\n" },
		{ EIGHT "A: b\n\n" UE "\n",
			QP "A: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
			   "\n=C3=BC\n" },
		{ "Content-Type: text/html\n\n" UE "\n",
			"Content-Type: text/html\nMIME-Version: 1.0\n" QP "\n=C3=BC\n" },
		{ "Content-Type: text/plain; charset=ISO-8859-1\nMIME-version : 1.0\n" EIGHT
		  "A: b\n\n\xfc \n--x\n",
			"Content-Type: text/plain; charset=ISO-8859-1\nMIME-version : 1.0\n" QP
			"A: b\n\n=FC=20\n--x\n" },
		{ "MIME-Version: 1.0\nContent-Type: application/x\n"
		  "content-transfer-encoding\t:\n (x) BINARY (y)\n\n\xff\n",
			"MIME-Version: 1.0\nContent-Type: application/x\n" QP "\n=FF\n" },
		{ "MIME-Version: 1.0\n" EIGHT "Content-Type: text/plain\n" EIGHT "\n" UE "\n",
			"MIME-Version: 1.0\n" QP "Content-Type: text/plain\n\n=C3=BC\n" },
		{ "MIME-Version: 1.0\nContent-Type: application/pkcs7-mime\n" EIGHT "\n\xff\n",
			"MIME-Version: 1.0\nContent-Type: application/pkcs7-mime\n" QP "\n=FF\n" },
	};
	check(rows, ARRAY_LEN(rows), REENCODE_SEVENBIT);
}

#define UNKNOWN "MIME-Version: 1.0\nContent-Type: text/plain; charset=unknown-8bit\n" QP

/* Octets whose writer did not say what they are (A9). */
static void test_stray(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "A: b\n\n\xfc\n", "A: b\n" UNKNOWN "\n=FC\n" },
		{ "A: b\n\n\xc3\n\xbc\n", "A: b\n" UNKNOWN "\n=C3\n=BC\n" },
		{ "A: b\n\n\xff\xff\xff\n", "A: b\n" UNKNOWN "\n=FF=FF=FF\n" },
		{ "Content-Type: text/plain\n" QP "\n=C3=BC " UE "\n=\nx\xfc=\n",
			"Content-Type: text/plain\n" QP
			"MIME-Version: 1.0\n\n=C3=BC =C3=BC\n=\nx=FC=\n" },
		{ "MIME-Version: 1.0\nContent-Type: text/plain\n" QP
		  "\n" L10 L10 L10 L10 L10 L10 L10 "1" UE UE "\n",
			"MIME-Version: 1.0\nContent-Type: text/plain\n" QP
			"\n" L10 L10 L10 L10 L10 L10 L10 "1=C3=\n=BC=C3=BC\n" },
		{ MIXED EIGHT "\n" UE "\n--b\n\nx\n--b--\n" UE "\n",
			MIXED "Content-Transfer-Encoding: 7bit\n\n??\n--b\n\nx\n--b--\n??\n" },
		{ MIXED "\n--b \n\nx\n--b\nContent-Type: text/x\n" QP "\n" UE "\n--b--\n",
			MIXED "\n--b \n\nx\n--b\nContent-Type: text/x\n" QP "\n=C3=BC\n--b--\n" },
	};
	check(rows, ARRAY_LEN(rows), REENCODE_SEVENBIT);
}

static void test_refused(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "A: b\ndkim-signature: v=1\n\n" UE "\n",
			"the message" NO "its DKIM-Signature would break" },
		{ "Content-Type: multipart/mixed; boundary=other\n\n--b\n\n" UE "\n--b--\n",
			"the message" NO "its boundary does not occur in it" },
		{ "Content-Type: multipart/mixed; boundary=b\n\n" UE "\n--b--\n",
			"the message" NO "its boundary does not occur in it" },
		{ "A: " UE "\n\nx\n", "the message" NO "they are in its header" },
		{ "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" UE "\n",
			"the message" NO "it is labelled as base64 or quoted-printable, which have "
			"no such octets" },
		{ "Content-Type: text/plain\nContent-Transfer-Encoding: x-uue\n\n" UE "\n",
			"the message" NO "its Content-Transfer-Encoding is not known" },
		{ "Content-Type: text/plain\nContent-Transfer-Encoding: 8bit x\n\n" UE "\n",
			"the message" NO "its Content-Transfer-Encoding is not known" },
		{ "Content-Type: text\n\n" UE "\n",
			"the message" NO "its Content-Type cannot be read" },
		{ "Content-Type: text/plain\nContent-Type: text/html\n\n" UE "\n",
			"the message" NO
			"its Content-Type or Content-Transfer-Encoding is given twice" },
		{ EIGHT "Content-Transfer-Encoding: 7bit\n\n" UE "\n",
			"the message" NO
			"its Content-Type or Content-Transfer-Encoding is given twice" },
		{ "Content-Type: multipart/mixed\n\n--b\n\n" UE "\n--b--\n",
			"the message" NO "it is a multipart without a usable boundary" },
		{ "Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--b\n\n" UE "\n",
			"the message" NO "it is a multipart without a usable boundary" },
		{ "Content-Type: multipart/mixed; boundary=" UE "\n\n--" UE "\n\nx\n",
			"the message" NO "it is a multipart without a usable boundary" },
		{ "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\n" UE "\n",
			"the message" NO "it is a multipart without a usable boundary" },
		{ "Content-Type: multipart/mixed; boundary=" L10 L10 L10 L10 L10 L10 L10
		  "1\n\n--x\n\n" UE "\n",
			"the message" NO "it is a multipart without a usable boundary" },
		{ "Content-Type: multipart/mixed; boundary=b\n" QP "\n--b\n\n" UE "\n",
			"the message" NO "it is labelled as base64 or quoted-printable, which have "
			"no such octets" },
		{ "Content-Type: message/partial; id=x\n\n" UE "\n",
			"the message" NO
			"no encoding is allowed for this type (RFC 2045 section 6.4)" },
	};
	check(rows, ARRAY_LEN(rows), REENCODE_SEVENBIT);
}

static void test_refused_parts(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ MIXED "\n--b\n\nx\n--b\nContent-Type: text/x\nContent-Transfer-Encoding: "
			"base64\n\n" UE "\n--b--\n",
			"part 2 (text/x)" NO "it is labelled as base64 or quoted-printable, which "
			"have no such octets" },
		{ MIXED "\n--b\nContent-Type: text/x; boundary=" UE "\n\nx\n--b--\n",
			"part 1 (text/x)" NO
			"they are where a header field has no encoding for them" },
		{ MIXED "\n--b\nno field\n\n" UE "\n--b--\n",
			"part 1 (text/plain)" NO
			"its text begins before the empty line that ends its header" },
		{ MIXED "\n--b\n " UE "\n\nx\n--b--\n",
			"part 1 (text/plain)" NO
			"its text begins before the empty line that ends its header" },
		{ MIXED "\n--b\nContent-Type: message/rfc822\n\nFrom x Thu Jan  1\nA: b\n\n" UE
			"\n--b--\n",
			"part 1.1 (text/plain)" NO "its header begins like a mailbox" },
		{ MIXED "\n--b\nContent-Type: message/rfc822\n\nFrom " UE "\nA: b\n\nx\n--b--\n",
			"part 1.1 (text/plain)" NO "its header begins like a mailbox" },
	};
	check(rows, ARRAY_LEN(rows), REENCODE_SEVENBIT);
}

static void test_sealed(void **state)
{
	(void)state;
#define SIGNED(text)                                                                  \
	MIXED "\n--b\nContent-Type: multipart/Signed; boundary=s\n\n--s\n" text "--s" \
	      "\nContent-Type: a/b\n\nsignature\n--s--\n--b--\n"
	static const struct row rows[] = {
		{ SIGNED("\nx\n"), NULL },
		{ SIGNED("\n" UE "\n"),
			"part 1.1 (text/plain)" NO "it is inside a signed or encrypted part" },
		{ SIGNED("Content-Type: message/rfc822\n\nA: b\n\n" UE "\n"),
			"part 1.1.1 (text/plain)" NO "it is inside a signed or encrypted part" },
		{ SIGNED("Content-Type: message/rfc822\n\n" MIXED "\n--b\n\n"),
			NULL }, /* closes the outer multipart */
		{ SIGNED("Content-Description: " UE "\n\nx\n"),
			"part 1.1 (text/plain)" NO "it is inside a signed or encrypted part" },
		{ "Content-Type: multipart/encrypted; boundary=b\n\n--b\n\nx\n--b\n"
		  "Content-Type: application/octet-stream\n\n\xff\n--b--\n",
			"part 2 (application/octet-stream)" NO
			"it is inside a signed or encrypted part" },
	};
	check(rows, ARRAY_LEN(rows), REENCODE_SEVENBIT);
}

static void test_structure(void **state)
{
	(void)state;
	static const struct row rows[] = {
		/* leaves: labelled, unlabelled, untouched; the label of the multipart */
		{ MIXED EIGHT "\npreamble\n--b\n\n" UE "\n--b \t\n"
			      "Content-Type: image/x\n\n\xff\n--b\n" EIGHT
			      "\nplain\n--b--\nepilogue\n",
			MIXED "Content-Transfer-Encoding: 7bit\n\npreamble\n--b\n"
			      "Content-Type: text/plain; charset=UTF-8\n" QP "\n=C3=BC\n--b \t\n"
			      "Content-Type: image/x\n" QP "\n=FF\n--b\n" EIGHT
			      "\nplain\n--b--\nepilogue\n" },
		/* no last delimiter, no empty line, no parts at all */
		{ MIXED "\n--b\n\n" UE "\n",
			MIXED "\n--b\nContent-Type: text/plain; charset=UTF-8\n" QP "\n=C3=BC\n" },
		{ MIXED "\n--b\nA: b\n--b--\n", NULL },
		{ MIXED "\n--b\nContent-Description: " UE "\n--b\n--b\n\n--b--\n",
			MIXED "\n--b\nContent-Description: =?UTF-8?B?w7w=?=\n--b\n--b\n\n--b--\n" },
		{ MIXED "\nx\n", NULL },
		{ MIXED, NULL },
		/* what looks like a delimiter and is none; what could become one */
		{ MIXED "\n--b\n\n" UE "\n--bb\n--b-\n--b--x\n --b\n-\n--\n--b--\n",
			MIXED "\n--b\nContent-Type: text/plain; charset=UTF-8\n" QP
			      "\n=C3=BC\n-=2Dbb\n-=2Db-\n-=2Db--x\n --b\n-\n-=2D\n--b--\n" },
		{ "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b=FC\"\n\n"
		  "--b=FC\nContent-Type: text/x\n\n--b\xfc\n--b=FC--\n",
			"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b=FC\"\n\n"
			"--b=FC\nContent-Type: text/x\n" QP "\n-=2Db=FC\n--b=FC--\n" },
		/* boundaries within each other; the outer one closes the inner multipart */
		{ MIXED "\n--b\nContent-Type: multipart/alternative; boundary=\"bb\"\n\n--bb\n\n" UE
			"\n--b\nContent-Type: text/x\n\n" UE "\n--bb--\n--b--\n--b\n\nx\n",
			MIXED "\n--b\nContent-Type: multipart/alternative; boundary=\"bb\"\n\n"
			      "--bb\nContent-Type: text/plain; charset=UTF-8\n" QP
			      "\n=C3=BC\n--b\nContent-Type: text/x\n" QP
			      "\n=C3=BC\n-=2Dbb--\n--b--\n--b\n\nx\n" },
		{ "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n"
		  "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n--b\n\nx\n--bb\n"
		  "Content-Type: text/x\n\n" UE "\n",
			"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n"
			"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n--b\n\nx\n"
			"--bb\nContent-Type: text/x\n" QP "\n=C3=BC\n" },
		/* blanks at the end of a boundary do not count */
		{ "Content-Type: multipart/x; boundary=\"a b \"\n\n--a b\n\n" UE "\n--a b--\n",
			"Content-Type: multipart/x; boundary=\"a b \"\nMIME-Version: 1.0\n\n"
			"--a b\nContent-Type: text/plain; charset=UTF-8\n" QP
			"\n=C3=BC\n--a b--\n" },
	};
	check(rows, ARRAY_LEN(rows), REENCODE_SEVENBIT);
}

static void test_messages(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ MIXED "\n--b\nContent-Type: message/rfc822\n" EIGHT "\nSubject: " UE "\nFrom: " UE
			" <a@b>\n\n" UE "\n--b--\n",
			MIXED "\n--b\nContent-Type: message/rfc822\n"
			      "Content-Transfer-Encoding: 7bit\n\nSubject: =?UTF-8?B?w7w=?=\n"
			      "From: =?UTF-8?B?w7w=?= <a@b>\nMIME-Version: 1.0\n"
			      "Content-Type: text/plain; charset=UTF-8\n" QP "\n=C3=BC\n--b--\n" },
		{ "Content-Type: message/rfc822\n\nA: b\n\n" UE "\n",
			"Content-Type: message/rfc822\nMIME-Version: 1.0\n\nA: b\n"
			"MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n" QP
			"\n=C3=BC\n" },
		{ "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\neA==\n",
			NULL },
		{ "MIME-Version: 1.0\nContent-Type: message/global\n\n" UE "\n",
			"MIME-Version: 1.0\nContent-Type: message/global\n" QP "\n=C3=BC\n" },
		{ "MIME-Version: 1.0\nContent-Type: multipart/digest; boundary=b\n\n--b\n\nA: "
		  "b\n\n" UE "\n--b\nContent-Type: text/x\n\n" UE "\n--b--\n",
			"MIME-Version: 1.0\nContent-Type: multipart/digest; boundary=b\n\n--b\n\n"
			"A: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n" QP
			"\n=C3=BC\n--b\nContent-Type: text/x\n" QP "\n=C3=BC\n--b--\n" },
		{ "MIME-Version: 1.0\nContent-Type: multipart/digest; "
		  "boundary=b\n\n--b\n--b\n\n--b--\n",
			NULL },
		{ MIXED "\n--b\nContent-Type: message/rfc822\n\nDKIM-Signature: x\n\n" UE
			"\n--b--\n",
			MIXED "\n--b\nContent-Type: message/rfc822\n\nDKIM-Signature: x\n"
			      "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n" QP
			      "\n=C3=BC\n--b--\n" },
		{ MIXED "\n--b\nContent-Type: message/rfc822\n\n" MIXED "\n--b\n\nx\n--b--\n",
			NULL },
		{ MIXED "\n--b\nContent-Type: message/rfc822\n\nTo: " UE "@x\n\nx\n--b--\n",
			"part 1.1 (text/plain)" NO
			"they are where a header field has no encoding for them" },
		{ MIXED "\n--b\nContent-Type: message/rfc822\n\nMIME-Version: 1.0\n"
			"Content-Type: multipart/x; boundary=c\n\n--c\n\nx\n--c\n"
			"Content-Type: text/x\nContent-Transfer-Encoding: base64\n\n" UE
			"\n--c--\n--b--\n",
			"part 1.2 (text/x)" NO "it is labelled as base64 or quoted-printable, "
			"which have no such octets" },
	};
	check(rows, ARRAY_LEN(rows), REENCODE_SEVENBIT);
}

static void test_long_lines(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "Content-Type: application/x\n\n" L1000 "\n", NULL },
		{ "Content-Type: text/x\nContent-Transfer-Encoding: base64\n\n" L1000 "\n", NULL },
		{ "DKIM-Signature: x\n\n" L1000 "\n", NULL },
		{ "A: " L1000 "\n\nx\n", NULL },
		{ MIXED "\n--b\nA: " L1000 "\n\nx\n--b--\n", NULL },
		{ MIXED "\n" L1000 "\n--b\n\nx\n--b--\n" L1000 "\n", NULL },
		{ "Content-Type: multipart/x\n\n--b\n\n" L1000 "\n", NULL },
		{ "Content-Type: multipart/signed; boundary=b\n\n--b\n\n" L1000 "\n--b--\n", NULL },
	};
	check(rows, ARRAY_LEN(rows), REENCODE_LONG_LINES);
}

/* A text of n times 'x', as it is or encoded. */
static void add_line(struct buf *b, size_t n, size_t broken_at)
{
	for (size_t i = 0; i < n; i++) {
		if (i && i % broken_at == 0)
			buf_add(b, STR("=\n"));
		buf_char(b, 'x');
	}
	buf_char(b, '\n');
}

/* before, a long line, behind; and what becomes of it, by which label. */
static void check_long(const char *before, const char *behind, const char *sent)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(10000);
	struct buf wanted CLEAN_UP(buf_done) = BUF_INIT(10000);
	bool shortened = sent != NULL;

	buf_add(&text, str_of(before));
	add_line(&text, 1000, 2000);
	buf_add(&text, str_of(behind));
	buf_add(&wanted, str_of(shortened ? sent : before));
	add_line(&wanted, 1000, 75);
	buf_add(&wanted, str_of(behind));
	struct row row = { buf_text(&text), shortened ? buf_text(&wanted) : NULL };
	check(&row, 1, REENCODE_LONG_LINES);
}

static void test_shortened(void **state)
{
	(void)state;
	check_long("A: b\n\n", "end\n",
		"A: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n" QP "\n");
	check_long("A: b\n\n" UE "\n", "",
		"A: b\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n" QP
		"\n=C3=BC\n");
	check_long("MIME-Version: 1.0\nContent-Type: text/x\n" EIGHT "A: " UE "\n\n\xfc\n", "",
		"MIME-Version: 1.0\nContent-Type: text/x\n" QP "A: " UE "\n\n=FC\n");
	/* The label of a multipart goes when nothing in it needs it, and stays otherwise. */
	check_long(MIXED EIGHT "\n--b\nContent-Type: text/x\n\n\xfc\n", "--b--\n",
		MIXED "Content-Transfer-Encoding: 7bit\n\n--b\nContent-Type: text/x\n" QP
		      "\n=FC\n");
	check_long(MIXED EIGHT "\n--b\nContent-Type: text/x\n\n", "--b\n\n\xfc\n--b--\n",
		MIXED EIGHT "\n--b\nContent-Type: text/x\n" QP "\n");
	check_long(MIXED EIGHT "\n--b\nContent-Type: text/x\n\n", "--b\nA: " UE "\n\nx\n--b--\n",
		MIXED EIGHT "\n--b\nContent-Type: text/x\n" QP "\n");
	check_long(MIXED EIGHT "\n--b\nContent-Type: text/x\n\n", "--b--\n" L1000 "\n",
		MIXED EIGHT "\n--b\nContent-Type: text/x\n" QP "\n");
}

/* 990 octets are left. */
static void test_limit_of_lines(void **state)
{
	(void)state;
	for (size_t n = 988; n <= 1000; n++) {
		struct buf text CLEAN_UP(buf_done) = BUF_INIT(10000);
		struct buf got CLEAN_UP(buf_done) = BUF_INIT(10000);
		struct reencode_outcome did;
		buf_add(&text, STR("A: b\r\n\r\n"));
		for (size_t i = 0; i < n; i++)
			buf_char(&text, 'x');
		buf_add(&text, STR("\r\n"));
		for (size_t k = 0; k < ARRAY_LEN(cuts); k++) {
			assert_true(
				process(buf_str(&text), REENCODE_LONG_LINES, cuts[k], &did, &got));
			assert_int_equal(did.changes, n > BODY_LINE);
			assert_int_equal(did.recoded, n > BODY_LINE);
			assert_int_equal(did.passed, 0);
		}
	}
}

static void test_passed(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"Content-Type: application/x\r\n\r\n" L1000 "\r\n",
		"DKIM-Signature: x\r\n\r\n" L1000 "\r\n",
		"Content-Type: text/x\r\nContent-Transfer-Encoding: base64\r\n\r\n" L1000 "\r\n",
		"Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\nA: " L1000 "\r\n\r\n",
		"Content-Type: multipart/x; boundary=b\r\n\r\n" L1000 "\r\n--b--\r\n",
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf got CLEAN_UP(buf_done) = BUF_INIT(10000);
		struct reencode_outcome did;
		assert_true(process(str_of(rows[i]), REENCODE_LONG_LINES, SIZE_MAX, &did, &got));
		CHECK_ROW(rows[i], did.passed, 1);
		CHECK_ROW(rows[i], did.recoded, 0);
	}
}

/* n composites within each other, then text. */
static void nest(struct buf *b, size_t n, bool messages)
{
	for (size_t i = 0; i < n; i++)
		if (messages)
			buf_add(b, STR("Content-Type: message/rfc822\r\n\r\n"));
		else
			buf_fmt(b,
				"Content-Type: multipart/x; boundary=b%zu\r\n\r\n"
				"--b%zu\r\n",
				i, i);
	buf_add(b, STR("Content-Type: text/x\r\n\r\n" UE "\r\n"));
}

static void check_depth(size_t n, bool messages)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(100000);
	struct buf got CLEAN_UP(buf_done) = BUF_INIT(100000);
	struct reencode_outcome did;

	nest(&text, n, messages);
	bool good = process(buf_str(&text), REENCODE_SEVENBIT, SIZE_MAX, &did, &got);
	assert_int_equal(good, n <= PART_WALK_DEPTH);
	assert_true(good || holds(buf_str(&got), "within each other"));
	assert_true(process(buf_str(&text), REENCODE_LONG_LINES, SIZE_MAX, &did, &got));
	assert_false(did.changes);
	assert_true(did.has_8bit);
	assert_int_equal(did.passed, !good);
}

static void test_depth(void **state)
{
	(void)state;
	for (size_t n = PART_WALK_DEPTH - 1; n <= PART_WALK_DEPTH + 1; n++) {
		check_depth(n, false);
		check_depth(n, true);
	}
}

static void check_parts(size_t n)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(BIG);
	struct buf got CLEAN_UP(buf_done) = BUF_INIT(BIG);
	struct reencode_outcome did;

	buf_add(&text, STR("Content-Type: multipart/x; boundary=b\r\n\r\n"));
	for (size_t i = 1; i < n; i++)
		buf_add(&text, STR("--b\r\n\r\n" UE "\r\n"));
	bool good = process(buf_str(&text), REENCODE_SEVENBIT, 1000, &did, &got);
	assert_int_equal(good, n <= PART_WALK_PARTS);
	if (good)
		assert_int_equal(did.recoded, n - 1);
	else
		assert_true(holds(buf_str(&got), "more than 10,000 parts"));
}

static void test_parts(void **state)
{
	(void)state;
	check_parts(PART_WALK_PARTS);
	check_parts(PART_WALK_PARTS + 1);
}

/* A part's header of n octets in lines of `line`. */
static void check_header(size_t n, size_t line, size_t cut)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(BIG);
	struct buf got CLEAN_UP(buf_done) = BUF_INIT(BIG);
	struct reencode_outcome did;

	buf_add(&text, STR("Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n"));
	for (size_t i = 0; i < n; i += line) {
		size_t len = n - i < line ? n - i : line;
		buf_add(&text, STR("A:"));
		for (size_t k = 4; k < len; k++)
			buf_char(&text, 'x');
		buf_add(&text, STR("\r\n"));
	}
	buf_add(&text, STR("\r\n" UE "\r\n"));
	bool good = process(buf_str(&text), REENCODE_SEVENBIT, cut, &did, &got);
	assert_int_equal(good, n <= HEADER_MAX);
	assert_true(good || holds(buf_str(&got), "larger than 8 MiB"));
}

static void test_header_size(void **state)
{
	(void)state;
	for (size_t n = HEADER_MAX; n <= HEADER_MAX + 8; n += 8) {
		check_header(n, n, SIZE_MAX);
		check_header(n, n, 1000);
		check_header(n, 64, SIZE_MAX);
		check_header(n, 64, 7);
	}
}

/* Delimiters: padded up to a limit, and lines that begin like one and never end. */
static void test_delimiter_length(void **state)
{
	(void)state;
	for (size_t n = PART_WALK_LINE - 8; n < PART_WALK_LINE + 3; n++) {
		struct buf text CLEAN_UP(buf_done) = BUF_INIT(10000);
		struct buf first CLEAN_UP(buf_done) = BUF_INIT(10000);
		buf_add(&text, STR(MIXED "\r\n--b\r\nContent-Type: a/b\r\n\r\n" UE "\r\n--b"));
		for (size_t i = 3; i < n; i++)
			buf_char(&text, ' ');
		buf_add(&text, STR("\r\nContent-Type: c/d\r\n\r\n" UE "\r\n--b--\r\n"));
		for (size_t k = 0; k < ARRAY_LEN(cuts); k++) {
			struct buf got CLEAN_UP(buf_done) = BUF_INIT(10000);
			struct reencode_outcome did;
			assert_true(
				process(buf_str(&text), REENCODE_SEVENBIT, cuts[k], &did, &got));
			assert_int_equal(did.recoded, n + 2 <= PART_WALK_LINE ? 2 : 1);
			if (!k)
				buf_add(&first, buf_str(&got));
			CHECK_STR("padded", buf_str(&got), buf_str(&first));
		}
	}
}

/* 32 MiB in one line, and as many lines of hyphens: linear, and no memory for the line. */
static void test_large(void **state)
{
	(void)state;
	static char piece[65536];
	static const char *const fills[] = { "x", "-", "--\r\n", UE };
	int64_t start = cpu_ms();

	for (size_t i = 0; i < ARRAY_LEN(fills); i++) {
		struct reencode *m = reencode_new();
		struct reencode_outcome did;
		struct err e;
		size_t len = strlen(fills[i]);
		for (size_t k = 0; k < sizeof(piece); k++)
			piece[k] = fills[i][k % len];
		reencode_survey(m, STR("Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\n"));
		for (int k = 0; k < 512; k++)
			reencode_survey(m, str_n(piece, sizeof(piece)));
		reencode_survey(m, STR("\r\n--b--\r\n"));
		assert_true(reencode_decide(m, REENCODE_LONG_LINES, &did, &e));
		assert_int_equal(did.recoded, i != 2);
		reencode_free(m);
	}
	assert_true(cpu_ms() - start < 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simple),
		cmocka_unit_test(test_stray),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_parts),
		cmocka_unit_test(test_sealed),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_shortened),
		cmocka_unit_test(test_limit_of_lines),
		cmocka_unit_test(test_passed),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_header_size),
		cmocka_unit_test(test_delimiter_length),
		cmocka_unit_test(test_large),
	};
	return cmocka_run_group_tests_name("reencode", tests, NULL, NULL);
}

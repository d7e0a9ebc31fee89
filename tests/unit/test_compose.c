/* SPDX-License-Identifier: MIT */
/* Messages made of parts, and which files may go as they are. */
#include "unit.h"

#include "mime/compose.h"

#include <string.h>

#define RANDOM "abcdefghijklmnopqrstuvwxyz"
#define BOUNDARY "=_" RANDOM

static void feed(struct compose *c, struct str octets, size_t cut, struct buf *out)
{
	for (; octets.len; octets = str_from(octets, cut))
		compose_feed(c, str_head(octets, cut), out);
}

static void test_one_part(void **state)
{
	static const struct compose_part part = {
		.type = { "text/plain", 10 },
		.charset = "us-ascii",
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(cuts); k++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(10000);
		struct compose c;

		compose_begin(&c, &out);
		compose_part(&c, &part, &out);
		feed(&c, STR("one\r\ntwo\r\n"), cuts[k], &out);
		compose_end(&c, &out);
		CHECK_TEXT("one part", buf_str(&out),
			"MIME-Version: 1.0\r\n"
			"Content-Type: text/plain; charset=us-ascii\r\n"
			"Content-Transfer-Encoding: 7bit\r\n"
			"\r\n"
			"one\r\ntwo\r\n");
	}
}

static void test_several(void **state)
{
	static const struct compose_part text = {
		.type = { "text/plain", 10 },
		.charset = "utf-8",
		.encoding = ENCODING_QP,
	};
	static const struct compose_part file = {
		.type = { "application/pdf", 15 },
		.attachment = true,
		.file_name = { "a \"b\".pdf", 9 },
		.encoding = ENCODING_BASE64,
	};
	static const struct compose_part empty = {
		.type = { "text/csv", 8 },
		.attachment = true,
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(cuts); k++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(10000);
		struct compose c;

		compose_begin_multipart(&c, false, RANDOM, &out);
		compose_part(&c, &text, &out);
		feed(&c, STR("gr\xc3\xbc\xc3\x9f\x65\r\n--" BOUNDARY "--\r\n"), cuts[k], &out);
		compose_part(&c, &file, &out);
		feed(&c, STR("0123456789012345678901234567890123456789012345678901234567890123"),
			cuts[k], &out);
		compose_part(&c, &empty, &out);
		compose_end(&c, &out);
		CHECK_TEXT("several", buf_str(&out),
			"MIME-Version: 1.0\r\n"
			"Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\r\n"
			"\r\n--" BOUNDARY "\r\n"
			"Content-Type: text/plain; charset=utf-8\r\n"
			"Content-Transfer-Encoding: quoted-printable\r\n"
			"\r\n"
			"gr=C3=BC=C3=9Fe\r\n-=2D=3D_" RANDOM "--\r\n"
			"\r\n--" BOUNDARY "\r\n"
			"Content-Type: application/pdf\r\n"
			"Content-Transfer-Encoding: base64\r\n"
			"Content-Disposition: attachment; filename=\"a \\\"b\\\".pdf\"\r\n"
			"\r\n"
			"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
			"NDU2\r\n"
			"Nzg5MDEyMw==\r\n"
			"\r\n--" BOUNDARY "\r\n"
			"Content-Type: text/csv\r\n"
			"Content-Transfer-Encoding: 7bit\r\n"
			"Content-Disposition: attachment\r\n"
			"\r\n"
			"\r\n--" BOUNDARY "--\r\n");
	}
}

static void test_label(void **state)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(1000);
	struct compose c;

	(void)state;
	compose_begin_multipart(&c, true, RANDOM, &out);
	CHECK_TEXT("label", buf_str(&out),
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\r\n"
		"Content-Transfer-Encoding: 8bit\r\n");
}

static void test_is_text(void **state)
{
	(void)state;
#define L10 "0123456789"
#define L100 L10 L10 L10 L10 L10 L10 L10 L10 L10 L10
#define L990 L100 L100 L100 L100 L100 L100 L100 L100 L100 L10 L10 L10 L10 L10 L10 L10 L10 L10
	static const struct {
		struct str text;
		bool lf, crlf;
	} rows[] = {
		{ TEXT(""), true, true },
		{ TEXT("one\ntwo\tx\n"), true, true },
		{ TEXT("no end"), true, true },
		{ TEXT("\n\n"), true, true },
		{ TEXT("gr\xc3\xbc\n"), true, true },
		{ TEXT("a\r\nb\r\n"), false, true },
		{ TEXT("a\rb\n"), false, false },
		{ TEXT("a\r\r\n"), false, false },
		{ TEXT("a\0b\n"), false, false },
		{ TEXT("\x1b[1m\n"), false, false },
		{ TEXT("\xfc\n"), false, false },
		{ TEXT("gr\xc3"), false, false },
		{ TEXT("From me\n"), false, false },
		{ TEXT("x\nFrom \n"), false, false },
		{ TEXT(" From me\nFrom: me\n"), true, true },
		{ TEXT(L990 "\n"), true, true },
		{ TEXT(L990 "1\n"), false, false },
		{ TEXT(L990 "\r\n"), false, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_ROW(rows[i].text.p, compose_is_text(rows[i].text, false), rows[i].lf);
		CHECK_ROW(rows[i].text.p, compose_is_text(rows[i].text, true), rows[i].crlf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_part),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_label),
		cmocka_unit_test(test_is_text),
	};

	return cmocka_run_group_tests_name("compose", tests, NULL, NULL);
}

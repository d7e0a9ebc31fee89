/* SPDX-License-Identifier: MIT */
/* Quoted-printable: a table, and a strict decoder that gets back all that was encoded. */
#include "unit.h"

#include "mime/quoted_printable.h"

static void encode(struct str text, size_t cut, bool in_multipart, struct buf *out)
{
	struct qp q = { .in_multipart = in_multipart };

	buf_clear(out);
	while (text.len) {
		struct str piece = str_head(text, cut);
		size_t before = out->len;
		qp_feed(&q, piece, out);
		assert_true(out->len - before <= piece.len * QP_GROWTH + QP_MORE);
		text = str_from(text, piece.len);
	}
	assert_int_equal(q.len, 0);
}

static void test_rows(void **state)
{
	(void)state;
#define L10 "0123456789"
#define L70 L10 L10 L10 L10 L10 L10 L10
	static const struct {
		const char *text, *alone, *within;
	} rows[] = {
		{ "", "", "" },
		{ "\r\n", "\r\n", "\r\n" },
		{ "abc !~\r\n", "abc !~\r\n", NULL },
		{ "a=b\r\n", "a=3Db\r\n", NULL },
		{ "gr\xc3\xbc\xdf\r\n", "gr=C3=BC=DF\r\n", NULL },
		{ "a \r\nb\t\r\n", "a=20\r\nb=09\r\n", NULL },
		{ " \r\n", "=20\r\n", NULL },
		{ "a  \r\n", "a =20\r\n", NULL },
		{ "\x01\x7f\r\n", "=01=7F\r\n", NULL },
		{ ".\r\n..\r\nFrom x\r\n", ".\r\n..\r\nFrom x\r\n", NULL },
		{ "-- \r\n", "--=20\r\n", "-=2D=20\r\n" },
		{ "--\r\n--b\r\n-a-\r\n", "--\r\n--b\r\n-a-\r\n", "-=2D\r\n-=2Db\r\n-a-\r\n" },
		{ "a--\r\n ---\r\n", "a--\r\n ---\r\n", NULL },
		{ L70 "12345\r\n", L70 "12345\r\n", NULL },
		{ L70 "123456\r\n", L70 "12345=\r\n6\r\n", NULL },
		{ L70 "12--b\r\n", L70 "12--b\r\n", NULL },
		{ L70 "12345--b\r\n", L70 "12345=\r\n--b\r\n", L70 "12345=\r\n-=2Db\r\n" },
		{ L70 "1234--b\r\n", L70 "1234-=\r\n-b\r\n", NULL },
		{ L70 "123=\r\n", L70 "123=\r\n=3D\r\n", NULL },
		{ L70 "12=\r\n", L70 "12=3D\r\n", NULL },
		{ L70 "123 \r\n", L70 "123=\r\n=20\r\n", NULL },
		{ L70 "1234 x\r\n", L70 "1234 =\r\nx\r\n", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(1000);
		const char *within = rows[i].within ? rows[i].within : rows[i].alone;
		for (size_t k = 0; k < ARRAY_LEN(cuts); k++) {
			encode(str_of(rows[i].text), cuts[k], false, &out);
			CHECK_TEXT(rows[i].text, buf_str(&out), rows[i].alone);
			encode(str_of(rows[i].text), cuts[k], true, &out);
			CHECK_TEXT(rows[i].text, buf_str(&out), within);
		}
	}
}

static int hex(char c)
{
	return chr_is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One line without CRLF; true: it ends in a soft line break. */
static bool decode_line(struct str line, struct buf *out)
{
	assert_true(line.len <= QP_LINE);
	assert_false(line.len && chr_is_blank(line.p[line.len - 1]));
	for (size_t i = 0; i < line.len; i++) {
		char c = line.p[i];
		assert_true((c > ' ' && c < 0x7f) || chr_is_blank(c));
		if (c != '=') {
			buf_char(out, c);
			continue;
		}
		if (i + 1 == line.len)
			return true;
		assert_true(i + 2 < line.len && hex(line.p[i + 1]) >= 0 && hex(line.p[i + 2]) >= 0);
		buf_char(out, (char)(hex(line.p[i + 1]) << 4 | hex(line.p[i + 2])));
		i += 2;
	}
	return false;
}

static void decode(struct str text, bool in_multipart, struct buf *out)
{
	while (text.len) {
		size_t lf = str_find(text, '\n');
		assert_true(lf && lf < text.len && text.p[lf - 1] == '\r');
		struct str line = str_head(text, lf - 1);
		assert_false(in_multipart && str_starts(line, STR("--")));
		if (!decode_line(line, out))
			buf_add(out, STR("\r\n"));
		text = str_from(text, lf + 1);
	}
}

static void test_random(void **state)
{
	(void)state;
	uint32_t seed = 7;
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(10000);
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
	struct buf back CLEAN_UP(buf_done) = BUF_INIT(10000);

	for (int round = 0; round < 3000; round++) {
		buf_clear(&text);
		buf_clear(&back);
		for (int i = 0; i < 400; i++) {
			seed = seed * 1664525 + 1013904223;
			unsigned n = seed >> 16 & 0xff;
			if (n < 4)
				buf_add(&text, STR("\r\n"));
			else
				buf_char(&text, round % 2                ? "-=. \tab\xe9"[n & 7]
						: n == '\r' || n == '\n' ? 'x'
									 : (char)n);
		}
		buf_add(&text, STR("\r\n"));
		encode(buf_str(&text), cuts[round % 3], round & 4, &out);
		decode(buf_str(&out), round & 4, &back);
		CHECK_STR("random", buf_str(&back), buf_str(&text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests_name("quoted_printable", tests, NULL, NULL);
}

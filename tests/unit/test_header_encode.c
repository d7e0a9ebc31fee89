/* SPDX-License-Identifier: MIT */
/* Fields with 8-bit text and what is sent for them; NULL: nothing can be. */
#include "unit.h"

#include "mail/header_encode.h"

#define UE "\xc3\xbc" /* u with dots, UTF-8 */
#define Q_UE "=?UTF-8?B?w7w=?="
#define UNKNOWN "=?unknown-8bit?B?/A==?=" /* the same in ISO 8859-1 */

struct row {
	const char *name, *value, *sent;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(10000);
		struct buf wanted CLEAN_UP(buf_done) = BUF_INIT(10000);
		struct str name = str_of(rows[i].name);
		bool good = header_encode_field(name, str_of(rows[i].value), NULL, &out);
		CHECK_ROW(rows[i].value, good, rows[i].sent != NULL);
		if (!good)
			continue;
		buf_fmt(&wanted, "%s:%s\r\n", rows[i].name, rows[i].sent);
		CHECK_STR(rows[i].value, buf_str(&out), buf_str(&wanted));
		assert_true(str_is_ascii(buf_str(&out)));
	}
}

static void test_text(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "Subject", " plain  \tas it is ", " plain  \tas it is " },
		{ "Subject", " " UE, " " Q_UE },
		{ "Subject", UE, " " Q_UE },
		{ "Subject", " \r\n " UE " ", " \r\n " Q_UE " " },
		{ "Subject", " \xfc", " " UNKNOWN },
		{ "Subject", " a " UE " b", " a " Q_UE " b" },
		{ "Subject", " a\r\n b " UE "\r\n\tc\r\n d", " a\r\n b " Q_UE "\r\n\tc\r\n d" },
		{ "Subject", " " UE "  x " UE, " " Q_UE "  x " Q_UE },
		{ "Subject", " " UE "  " UE "  x", " =?UTF-8?B?w7wgIMO8?=  x" },
		{ "Subject", " " UE "\r\n x\r\n " UE, " " Q_UE "\r\n x\r\n " Q_UE },
		{ "Subject", " =?a?q?b?= " UE " =?c?q?d?=",
			" =?a?q?b?= =?UTF-8?B?IMO8IA==?= =?c?q?d?=" },
		{ "X-Some-Field-With-A-Name", " " UE, " " Q_UE },
		{ "Content-Description", " x" UE "y", " =?UTF-8?B?eMO8eQ==?=" },
		{ "Subject", " 0123456789012345678901234567890123456789012345678901 " UE,
			" 0123456789012345678901234567890123456789012345678901\r\n " Q_UE },
	};
	check(rows, ARRAY_LEN(rows));
}

static void test_addresses(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "To", " a@b, \"c\" <d@e>", " a@b, \"c\" <d@e>" },
		{ "From", " " UE " <a@b>", " " Q_UE " <a@b>" },
		{ "From", UE "<a@b>", " " Q_UE " <a@b>" },
		{ "From", " \"" UE ", <x> \\\"\" y <a@b>", " =?UTF-8?B?w7wsIDx4PiAiIHk=?= <a@b>" },
		{ "Cc", " a@b, " UE " <c@d>, e@f", " a@b, " Q_UE " <c@d>, e@f" },
		{ "To", " a@b (" UE ")", " a@b (" Q_UE ")" },
		{ "To", " a@b (x (" UE ") \\(y)", " a@b (x (" Q_UE ") \\(y)" },
		{ "To", " a <a@b> (" UE "), c@d", " a <a@b> (" Q_UE "), c@d" },
		{ "To", " " UE ": a@b, " UE " <c@d>;", " " Q_UE " : a@b, " Q_UE " <c@d>;" },
		{ "Resent-Sender", " \xfc <a@b>", " " UNKNOWN " <a@b>" },
		{ "To", " a" UE "@b", NULL },
		{ "To", " x <a@" UE ">", " x <a@xn--tda>" },
		{ "To", " " UE " <" UE "@b>", NULL },
		{ "To", " " UE " (x) <a@b>", " =?UTF-8?B?w7wgKHgp?= <a@b>" },
		{ "To", " \"(" UE "\"@x (y)", NULL },
		/* what is no address is text */
		{ "To", " a@b (" UE, " a@b (" Q_UE },
		{ "To", " \"" UE, " \"" Q_UE },
		{ "To", " <" UE, " <" Q_UE },
	};
	check(rows, ARRAY_LEN(rows));
}

static void test_params(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "Content-Type", " a/b; name=" UE, " a/b;\r\n name*=UTF-8''%C3%BC" },
		{ "Content-Type", " a/b; name=\"x " UE "\"; c=d",
			" a/b;\r\n name*=UTF-8''x%20%C3%BC; c=d" },
		{ "Content-Disposition", " attachment;\r\n\tfilename=\"\xfc\\\".txt\"",
			" attachment;\r\n filename*=unknown-8bit''%FC%22.txt" },
		{ "Content-Type", " a/b; a=" UE "; b=" UE,
			" a/b;\r\n a*=UTF-8''%C3%BC;\r\n b*=UTF-8''%C3%BC" },
		{ "Content-Type", " a/b; name=\"012345678901234567" UE "\"",
			" a/b;\r\n name*0*=UTF-8''012345678901234567;\r\n name*1*=%C3%BC" },
		{ "Content-Disposition", " inline; filename=\"x" UE "\"; filename*=UTF-8''x%C3%BC",
			" inline; filename=\"x\?\?\"; filename*=UTF-8''x%C3%BC" },
		{ "Content-Disposition", " inline; filename*0=x; filename=" UE,
			" inline; filename*0=x; filename=\?\?" },
		{ "Content-Type", " a/b; name*=UTF-8''" UE, " a/b; name*=UTF-8''%C3%BC" },
		{ "Content-Type", " a/b (" UE ")", " a/b (=?UTF-8?B?w7w=?=)" },
		{ "Content-Type", " a/b; x=1 (" UE "); y=" UE,
			" a/b; x=1 (=?UTF-8?B?w7w=?=);\r\n y*=UTF-8''%C3%BC" },
		{ "Content-Type", " " UE "/b", " \?\?/b" },
		{ "Content-Type", " a/b; " UE "=c", " a/b; \?\?=c" },
		{ "Content-Type", " a/b; name=" UE "; x", " a/b;\r\n name*=UTF-8''%C3%BC; x" },
		{ "Content-Type", " a/b; name=\"" UE, " a/b; name=\"\?\?" },
		{ "Content-Type", " a/b; =x; boundary=\"" UE "\"", NULL },
		{ "Content-Type", " a/b; boundary=" UE, NULL },
	};
	check(rows, ARRAY_LEN(rows));
}

/* Octets that no encoded-word may carry (RFC 2047 section 5). */
static void test_no_words(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "Message-ID", " <" UE "@x>", " <?\?@x>" },
		{ "In-Reply-To", " from J" UE " of <a@b>", " from J?\? of <a@b>" },
		{ "Content-Location", " http://x/" UE, " http://x/%C3%BC" },
		{ "List-Post", " <mailto:" UE "@x> (" UE ")", " <mailto:%C3%BC@x> (" Q_UE ")" },
		{ "List-Post", " <mailto:" UE, " <mailto:%C3%BC" },
		{ "List-Id", " " UE " <" UE ".x>", " " Q_UE " <?\?.x>" },
		{ "List-Id", " \"J" UE " <x\" <" UE ".x>", " =?UTF-8?B?SsO8IDx4?= <?\?.x>" },
		{ "List-Post", " (" UE " <) <a@" UE ">", " (" Q_UE " <) <a@%C3%BC>" },
	};
	check(rows, ARRAY_LEN(rows));
}

static void test_fixed(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "Received", " from " UE " (x " UE " y); d (\"" UE "\")",
			" from ?? (x =?UTF-8?B?w7w=?= y); d (=?UTF-8?B?IsO8Ig==?=)" },
		{ "Resent-Date", " " UE, " ??" },
		{ "Date", " 1 Jan 2024 (" UE "a Zeit)", " 1 Jan 2024 (=?UTF-8?B?w7xh?= Zeit)" },
		{ "MIME-Version", " 1.0 (a" UE ")", " 1.0 (=?UTF-8?B?YcO8?=)" },
		{ "Received-SPF", " pass \"(" UE "\" (" UE, " pass \"(??\" (??" },
		{ "Content-ID", " <\xfc@x>", " <?@x>" },
		{ "Supersedes", " <\xfc@x>", " <?@x>" },
		{ "Keywords", " " UE ", b", " =?UTF-8?B?w7w=?= , b" },
		{ "Keywords", " \"" UE ", c\", b", " =?UTF-8?B?w7wsIGM=?=, b" },
		{ "Return-Path", " <" UE ">", NULL },
		{ "Date", " Thu", " Thu" },
	};
	check(rows, ARRAY_LEN(rows));
}

/* Out that is full is told, not overrun; very long values fold, and take linear time. */
static void test_long(void **state)
{
	(void)state;
	static const char *const names[] = { "Subject", "To", "Content-Type" };
	static const char *const units[] = { ("w" UE " "), ("\"" UE "\" <a@b>, "), ("x" UE) };
	int64_t start = cpu_ms();

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct buf value CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(8 << 20);
		struct buf small CLEAN_UP(buf_done) = BUF_INIT(1000);
		buf_add(&value, i == 2 ? STR(" a/b; n=") : STR(" "));
		while (value.len < 1000000)
			buf_add(&value, str_of(units[i]));
		assert_true(header_encode_field(str_of(names[i]), buf_str(&value), NULL, &out));
		assert_false(header_encode_field(str_of(names[i]), buf_str(&value), NULL, &small));
		struct str rest = buf_str(&out);
		while (i != 1 && rest.len)
			assert_true(str_cut(&rest, '\n').len <= 77);
	}
	assert_true(cpu_ms() - start < 10000);
}

/* Many words outside ASCII before much white space: linear all the same. */
static void test_white_end(void **state)
{
	(void)state;
	struct buf value CLEAN_UP(buf_done) = BUF_INIT(8 << 20);
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(64 << 20);
	int64_t start = cpu_ms();

	while (value.len < 1 << 20)
		buf_add(&value, STR(" " UE " a"));
	while (value.len < 6 << 20)
		buf_char(&value, ' ');
	assert_true(header_encode_field(STR("Subject"), buf_str(&value), NULL, &out));
	assert_true(cpu_ms() - start < 10000);
}

/* Beyond a hundred parameters in one field nothing is tried. */
static void test_many_params(void **state)
{
	(void)state;
	struct buf value CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(8 << 20);

	buf_add(&value, STR(" a/b"));
	for (int i = 0; i < 100; i++)
		buf_fmt(&value, "; n%d=" UE, i);
	assert_true(header_encode_field(STR("Content-Type"), buf_str(&value), NULL, &out));
	buf_add(&value, STR("; more=" UE));
	assert_false(header_encode_field(STR("Content-Type"), buf_str(&value), NULL, &out));
}

static void test_param(void **state)
{
	(void)state;
	static const struct {
		const char *value, *sent;
	} rows[] = {
		{ "a.txt", "x; n=\"a.txt\"" },
		{ "", "x; n=\"\"" },
		{ "a \"b\"\\;.txt", "x; n=\"a \\\"b\\\"\\\\;.txt\"" },
		{ UE, "x;\r\n n*=UTF-8''%C3%BC" },
		{ "\xfc", "x;\r\n n*=unknown-8bit''%FC" },
		{ "a\tb", "x;\r\n n*=UTF-8''a%09b" },
		{ "0123456789012345678901234567890123456789012345678901234567890",
			"x;\r\n n*0*=UTF-8''012345678901234567;\r\n n*1*=890123456789012345;"
			"\r\n n*2*=678901234567890123;\r\n n*3*=4567890" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(1000);
		buf_char(&out, 'x');
		header_encode_param("n", str_of(rows[i].value), &out);
		CHECK_TEXT(rows[i].value, buf_str(&out), rows[i].sent);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_params),
		cmocka_unit_test(test_no_words),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_white_end),
		cmocka_unit_test(test_many_params),
		cmocka_unit_test(test_param),
	};
	return cmocka_run_group_tests_name("header_encode", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "sasl/scram.h"

#define OURS "fyko+d2lbbFgONRv9qkxdawL"
#define NONCE "r=" OURS "3rfcNHYJY1ZVvWVs7j"
#define SALT "s=QSXCR+Q6sek8bf92"

static void test_nonce(void **state)
{
	(void)state;
	CHECK_TEXT("plain", scram_nonce(STR("n,,n=user,r=" OURS)), OURS);
	CHECK_TEXT("authzid", scram_nonce(STR("p=tls-exporter,a=x,n=us=2Cer,r=abc")), "abc");
	CHECK_TEXT("extension", scram_nonce(STR("n,,n=user,r=abc,x=y")), "abc");
	CHECK_TEXT("none", scram_nonce(STR("n,,n=user")), "");
	CHECK_TEXT("empty", scram_nonce(STR("")), "");
}

/* What the server sends first. */
static const struct {
	struct str text;
	unsigned iterations; /* 0: refused */
	const char *why;
} firsts[] = {
	{ TEXT(NONCE "," SALT ",i=4096"), 4096, "" },
	{ TEXT(NONCE "," SALT ",i=4097"), 4097, "" },
	{ TEXT(NONCE "," SALT ",i=999999"), 999999, "" },
	{ TEXT(NONCE "," SALT ",i=1000000"), 1000000, "" },
	{ TEXT(NONCE "," SALT ",i=4096,x=y"), 4096, "" },
	{ TEXT(NONCE "," SALT ",i=4095"), 0, "\"4095\"" },
	{ TEXT(NONCE "," SALT ",i=1000001"), 0, "\"1000001\"" },
	{ TEXT(NONCE "," SALT ",i=0"), 0, "\"0\"" },
	{ TEXT(NONCE "," SALT ",i=04096"), 0, "\"04096\"" },
	{ TEXT(NONCE "," SALT ",i=4294967297"), 0, "\"4294967297\"" },
	{ TEXT(NONCE "," SALT ",i=4294971392"), 0, "\"4294971392\"" },
	{ TEXT(NONCE "," SALT ",i=18446744073709551616"), 0, "\"18446744073709551616\"" },
	{ TEXT(NONCE "," SALT ",i=18446744073709555712"), 0, "\"18446744073709555712\"" },
	{ TEXT(NONCE "," SALT ",i="), 0, "\"\"" },
	{ TEXT(NONCE "," SALT ",i=4096x"), 0, "\"4096x\"" },
	{ TEXT(NONCE "," SALT ",i= 4096"), 0, "\" 4096\"" },
	{ TEXT(NONCE "," SALT ",i=-4096"), 0, "\"-4096\"" },
	{ TEXT(NONCE "," SALT ",i=4096\0"), 0, "\"4096\\x00\"" },
	{ TEXT(NONCE "," SALT ",I=4096"), 0, "count is missing" },
	{ TEXT(NONCE "," SALT), 0, "count is missing" },
	{ TEXT(NONCE "," SALT ","), 0, "count is missing" },
	{ TEXT(NONCE ",s=,i=4096"), 0, "salt" },
	{ TEXT(NONCE ",s=QSXCR+Q6sek8bf9,i=4096"), 0, "salt" },
	{ TEXT(NONCE ",s=QSX*R+Q6sek8bf92,i=4096"), 0, "salt" },
	{ TEXT(NONCE ",i=4096"), 0, "salt" },
	{ TEXT(NONCE), 0, "salt" },
	{ TEXT("r=" OURS "," SALT ",i=4096"), 0, "does not extend" },
	{ TEXT("r=" OURS " x," SALT ",i=4096"), 0, "does not extend" },
	{ TEXT("r=" OURS "\0," SALT ",i=4096"), 0, "does not extend" },
	{ TEXT("r=x" OURS "," SALT ",i=4096"), 0, "does not extend" },
	{ TEXT("r=," SALT ",i=4096"), 0, "does not extend" },
	{ TEXT("m=ext," NONCE "," SALT ",i=4096"), 0, "extension" },
	{ TEXT("e=other-error"), 0, "refused with \"other-error\"" },
	{ TEXT("e=\x1b\0"), 0, "refused with \"\\x1B\\x00\"" },
	{ TEXT(SALT "," NONCE ",i=4096"), 0, "no nonce" },
	{ TEXT(""), 0, "no nonce" },
	{ TEXT(",,,"), 0, "no nonce" },
};

static void test_first(void **state)
{
	(void)state;
	struct scram_first first CLEAN_UP(scram_first_done) = SCRAM_FIRST_INIT;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(firsts); i++) {
		bool good = scram_read_first(firsts[i].text, STR(OURS), &first, &e);
		CHECK_ROW(firsts[i].text.p, good, firsts[i].iterations != 0);
		if (good) {
			CHECK_ROW(firsts[i].text.p, first.iterations, firsts[i].iterations);
			CHECK_ROW(firsts[i].text.p, first.salt.len, 12);
			continue;
		}
		CHECK_ROW(firsts[i].text.p, e.kind, ERR_NOPERM);
		CHECK_ROW(firsts[i].text.p, holds(str_of(e.what), firsts[i].why), true);
	}
	/* Without a nonce of ours nothing can extend it. */
	assert_false(scram_read_first(STR("r=abc," SALT ",i=4096"), STR(""), &first, &e));
}

static void test_final(void **state)
{
	(void)state;
	struct err e;

	assert_true(scram_read_final(STR("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), &e));
	assert_false(scram_read_final(STR("e=invalid-proof"), &e));
	assert_true(holds(str_of(e.what), "invalid-proof"));
	assert_false(scram_read_final(STR(""), &e));
	assert_false(scram_read_final(STR("m=x,v=eA=="), &e));
	assert_int_equal(e.kind, ERR_NOPERM);
}

/* The examples of RFC 5802 section 5 and RFC 7677 section 3. */
static void test_salt(void **state)
{
	(void)state;
	static const struct {
		enum hash hash;
		struct str salt;
		const char *wanted;
	} rows[] = {
		{ HASH_SHA_1, TEXT("QSXCR+Q6sek8bf92"),
			"1d96ee3a529b5a5f9e47c01f229a2cb8a6e15f7d" },
		{ HASH_SHA_256, TEXT("W22ZaJ0SNY7soEsUEjb6gQ=="),
			"c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scram_first first CLEAN_UP(scram_first_done) = SCRAM_FIRST_INIT;
		struct buf hex CLEAN_UP(buf_done) = BUF_INIT(2 * HASH_MAX);
		struct err e;
		assert_true(buf_unbase64(&first.salt, rows[i].salt));
		first.iterations = 4096;
		assert_true(scram_salt(rows[i].hash, STR("pencil"), &first, &hex, &e));
		CHECK_TEXT("salted", buf_str(&hex), rows[i].wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nonce),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_final),
		cmocka_unit_test(test_salt),
	};
	return cmocka_run_group_tests_name("scram", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/mem.h"

#include <sysexits.h>

#ifdef __SANITIZE_ADDRESS__
#define WITH_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN
#endif
#endif

static void test_dup(void **state)
{
	(void)state;
	char *bytes = mem_dup("a\0b", 3);
	assert_memory_equal(bytes, "a\0b\0", 4);
	mem_free(bytes);
	char *none = mem_dup(NULL, 0);
	assert_string_equal(none, "");
	mem_free(none);
	char *text = mem_fmt("%s-%d", "x", 42);
	assert_string_equal(text, "x-42");
	mem_free(text);
	mem_free(NULL);
}

static void test_alloc_zeroed(void **state)
{
	(void)state;
	char *p CLEAN_UP(mem_free_at) = mem_alloc(100);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	char *q CLEAN_UP(mem_free_at) = mem_alloc(0);
	assert_non_null(q);
}

static void test_wipe(void **state)
{
	(void)state;
	char bytes[8] = "secret!";
	mem_wipe(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		assert_int_equal(bytes[i], 0);
	mem_wipe(NULL, 0);
}

static void test_secret_sizes(void **state)
{
	(void)state;
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, SECRET_MAX - 1, SECRET_MAX };
	char *bytes CLEAN_UP(mem_free_at) = mem_alloc(SECRET_MAX + 1);
	struct secret s = { 0 };

	memset(bytes, 's', SECRET_MAX + 1);
	assert_false(secret_is_set(&s));
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		assert_true(secret_set(&s, bytes, sizes[i]));
		assert_true(secret_is_set(&s));
		assert_int_equal(s.len, sizes[i]);
		assert_memory_equal(s.bytes, bytes, sizes[i]);
		assert_int_equal(s.bytes[s.len], '\0');
	}
	assert_false(secret_set(&s, bytes, SECRET_MAX + 1));
	assert_false(secret_is_set(&s));
	assert_int_equal(s.len, 0);
	secret_done(&s);
}

static void test_secret_octets(void **state)
{
	(void)state;
	struct secret s = { 0 };
	assert_true(secret_set(&s, "a\0b", 3));
	assert_memory_equal(s.bytes, "a\0b\0", 4);
	/* From its own bytes: they must be copied before they are wiped. */
	assert_true(secret_set(&s, s.bytes, s.len));
	assert_memory_equal(s.bytes, "a\0b\0", 4);
	secret_done(&s);
	secret_done(&s);
}

static void test_secret_copy(void **state)
{
	(void)state;
	struct secret a = { 0 }, b = { 0 };
	assert_true(secret_set(&a, "one", 3));
	secret_copy(&b, &a);
	assert_ptr_not_equal(a.bytes, b.bytes);
	secret_done(&a);
	assert_string_equal(b.bytes, "one");
	secret_copy(&b, &a);
	assert_false(secret_is_set(&b));
}

static void fails_must(void)
{
	must(verdict_get() < 0);
}

static void fails_must_later(void)
{
	verdict_set(EX_OK);
	must(verdict_get() < 0);
}

static void asks_too_much(void)
{
	mem_free(mem_grow(NULL, SIZE_MAX / 2));
}

static void asks_too_much_later(void)
{
	verdict_set(EX_UNAVAILABLE);
	mem_free(mem_grow(NULL, SIZE_MAX / 2));
}

static void test_verdict(void **state)
{
	(void)state;
	assert_int_equal(verdict_get(), EX_TEMPFAIL);
	assert_int_equal(dies(fails_must), EX_SOFTWARE);
	assert_int_equal(dies(fails_must_later), EX_OK);
#ifndef WITH_ASAN /* it ends the process itself */
	assert_int_equal(dies(asks_too_much), EX_TEMPFAIL);
	assert_int_equal(dies(asks_too_much_later), EX_UNAVAILABLE);
#else
	(void)asks_too_much;
	(void)asks_too_much_later;
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dup),
		cmocka_unit_test(test_alloc_zeroed),
		cmocka_unit_test(test_wipe),
		cmocka_unit_test(test_secret_sizes),
		cmocka_unit_test(test_secret_octets),
		cmocka_unit_test(test_secret_copy),
		cmocka_unit_test(test_verdict),
	};
	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "os/spool.h"

#include <fcntl.h>
#include <unistd.h>

/* Octets that tell where they stand. */
static char octet(uint64_t at, unsigned seed)
{
	return (char)(at * 131 + at / 251 + seed);
}

static void fill(struct spool *s, uint64_t size, unsigned seed)
{
	char piece[1000];
	struct err e;

	for (uint64_t at = 0; at < size;) {
		size_t n = size - at < sizeof(piece) ? (size_t)(size - at) : sizeof(piece);
		for (size_t i = 0; i < n; i++)
			piece[i] = octet(at + i, seed);
		assert_true(spool_write(s, str_n(piece, n), &e));
		at += n;
	}
}

static void check_octets(struct spool *s, uint64_t size, unsigned seed)
{
	struct str piece;
	struct err e;

	assert_int_equal(s->size, size);
	for (uint64_t at = 0; at < size; at += piece.len) {
		assert_true(spool_at(s, at, &piece, &e));
		assert_true(piece.len > 0 && piece.len <= SPOOL_PIECE);
		for (size_t i = 0; i < piece.len; i++)
			assert_int_equal(piece.p[i], octet(at + i, seed));
	}
	assert_true(spool_at(s, size, &piece, &e));
	assert_int_equal(piece.len, 0);
}

static const uint64_t sizes[] = { 0, 1, SPOOL_PIECE - 1, SPOOL_PIECE, SPOOL_PIECE + 1, SPOOL_MEMORY,
	SPOOL_MEMORY + 1, 3 * SPOOL_MEMORY + 7 };

static void test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct spool s CLEAN_UP(spool_done) = { 0 };
		fill(&s, sizes[i], 1);
		check_octets(&s, sizes[i], 1);
		assert_int_equal(s.fd > 0, sizes[i] > SPOOL_MEMORY);
	}
}

/* Four octets for each of the next 1,000 of the old text, or for as many as there are. */
static uint64_t add_more(struct spool *s, uint64_t written, size_t left)
{
	char many[4000];
	size_t n = 4 * (left < 1000 ? left : 1000);
	struct err e;

	for (size_t i = 0; i < n; i++)
		many[i] = octet(written + i, 2);
	assert_true(spool_write(s, str_n(many, n), &e));
	return n;
}

/* A piece of the old text is whole while the new one, four times as long, is written behind it. */
static void test_rewritten(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct spool s CLEAN_UP(spool_done) = { 0 };
		struct str piece;
		struct err e;
		uint64_t written = 0;
		fill(&s, sizes[i], 1);
		spool_rewrite_begin(&s);
		for (uint64_t at = 0; at < sizes[i]; at += piece.len) {
			assert_true(spool_at(&s, at, &piece, &e));
			for (size_t k = 0; k < piece.len; k++) {
				assert_int_equal(piece.p[k], octet(at + k, 1));
				if (k % 1000 == 0)
					written += add_more(&s, written, piece.len - k);
			}
		}
		spool_rewrite_end(&s, true);
		check_octets(&s, written, 2);
	}
}

/* What was written in vain is gone, and what was there can be rewritten once more. */
static void test_dropped(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct spool s CLEAN_UP(spool_done) = { 0 };
		fill(&s, sizes[i], 1);
		spool_rewrite_begin(&s);
		fill(&s, 1000, 3);
		spool_rewrite_end(&s, false);
		check_octets(&s, sizes[i], 1);
		spool_rewrite_begin(&s);
		fill(&s, 70000, 4);
		spool_rewrite_end(&s, true);
		check_octets(&s, 70000, 4);
	}
}

/* One that is all zero owns no descriptor, not even that of standard input. */
static void test_e18_no_descriptor_is_owned(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct spool s = { 0 };
		if (fcntl(STDIN_FILENO, F_GETFD) < 0)
			assert_int_equal(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
		if (i)
			fill(&s, sizes[i], 1);
		spool_done(&s);
		assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_rewritten),
		cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_e18_no_descriptor_is_owned),
	};
	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}

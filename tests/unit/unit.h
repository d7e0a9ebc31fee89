/* SPDX-License-Identifier: MIT */
/*
 * unit - what all unit tests share, on top of cmocka.
 *
 * Rows of tables are checked with CHECK_ROW: a failure names the row. An incremental parser is fed
 * in the pieces that cuts[] names. dies() runs what must not return in a child.
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include "base/attr.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How input is cut: whole, by 7 octets, by single octets. */
static const size_t cuts[] ATTR_UNUSED = { SIZE_MAX, 7, 1 };

static inline void check_text(const char *row, struct str got, struct str wanted, int line)
{
	if (str_eq(got, wanted))
		return;
	print_error("line %d, row \"%s\": got \"%.*s\" (%zu), wanted \"%.*s\" (%zu)\n", line, row,
		STR_ARG(got), got.len, STR_ARG(wanted), wanted.len);
	fail();
}

static inline void check_number(const char *row, int64_t got, int64_t wanted, int line)
{
	if (got == wanted)
		return;
	print_error("line %d, row \"%s\": got %lld, wanted %lld\n", line, row, (long long)got,
		(long long)wanted);
	fail();
}

/* A struct str in a table; NULs inside count. */
#define TEXT(literal)                          \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

#define CHECK_TEXT(row, got, wanted) check_text((row), (got), str_of(wanted), __LINE__)
#define CHECK_STR(row, got, wanted) check_text((row), (got), (wanted), __LINE__)
#define CHECK_ROW(row, got, wanted) check_number((row), (int64_t)(got), (int64_t)(wanted), __LINE__)

static inline bool holds(struct str text, const char *part)
{
	return memmem(text.p, text.len, part, strlen(part)) != NULL;
}

/* The status with which fn ends its process; -1: by a signal, -2: it returned. */
static inline int dies(void (*fn)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		close(STDERR_FILENO);
		fn();
		_exit(222);
	}
	assert_true(child > 0 && waitpid(child, &status, 0) == child);
	if (!WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status) == 222 ? -2 : WEXITSTATUS(status);
}

/* Milliseconds of processor time, for "linear", with a generous limit. */
static inline int64_t cpu_ms(void)
{
	return (int64_t)clock() * 1000 / CLOCKS_PER_SEC;
}

#endif

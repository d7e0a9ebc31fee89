/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/mem.h"
#include "mail/alias_expand.h"

#define A10 "a0: a1\na1: a2\na2: a3\na3: a4\na4: a5\na5: a6\na6: a7\na7: a8\na8: a9\n"

/* --- a world to expand in --- */

static const char *const hosts[] = { "localhost", "web01", "web01.example.org", NULL };

static const struct {
	const char *path, *text;
} files[] = {
	{ "/one", "a@x, b@x\n" },
	{ "/lines", "# people\na@x\n  b@x # friend\n\nc@x, \"d\"@x\r\n" },
	{ "/names", "root, joe\n" },
	{ "/self", ":include:/self\n" },
	{ "/empty", "# nobody\n" },
	{ "/command", "a@x\n|cmd\n" },
	{ "/two words", "w@x" },
	{ "/quote", "\"a@x\nb@x" },
	{ "/unknown", "bob, a@x" },
};

static bool include(void *ctx, const char *path, struct buf *ret, struct err *e)
{
	(void)ctx;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (strcmp(files[i].path, path) == 0) {
			buf_add(ret, str_of(files[i].text));
			return true;
		}
	if (str_starts(str_of(path), STR("/any/"))) {
		buf_add(ret, STR("z@x"));
		return true;
	}
	return err_set(e, ERR_NOINPUT, "%s: no such file", path);
}

static void add_word(void *ctx, const char *word)
{
	struct buf *out = ctx;

	buf_fmt(out, "%s%s", out->len ? " " : "", word);
}

static bool take(void *ctx, const struct addr *a, struct err *e)
{
	(void)e;
	add_word(ctx, a->text);
	return true;
}

static void tell(void *ctx, bool warning, const struct err *problem)
{
	assert_int_equal(problem->kind, ERR_CONFIG);
	buf_fmt(ctx, "%s%s\n", warning ? "(warning) " : "", problem->what);
}

/* Whom the name stands for, blanks between; or what is wrong, behind a '!'. */
static void expand(struct str text, const char *name, struct buf *out)
{
	struct aliases a CLEAN_UP(aliases_done);
	struct buf told CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	struct alias_expand_options options = { hosts, include, take, tell, out };
	struct addr addr;
	struct err e = { 0 };

	aliases_read(&a, "f", text, tell, &told);
	assert_true(addr_one(str_of(name), &addr, &e));
	if (alias_expand(&a, &addr, &options, &e))
		return;
	buf_clear(out);
	buf_fmt(out, "!%s", e.what);
	assert_int_equal(e.kind, ERR_CONFIG);
}

/* All that is wrong, a line each. */
static void check(struct str text, struct buf *out)
{
	struct aliases a CLEAN_UP(aliases_done);
	struct alias_expand_options options = { hosts, include, take, tell, out };

	aliases_read(&a, "f", text, tell, out);
	alias_expand_check(&a, &options);
}

struct row {
	const char *text, *name, *wanted;
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
		expand(str_of(rows[i].text), rows[i].name, &out);
		CHECK_TEXT(rows[i].text, buf_str(&out), rows[i].wanted);
	}
}

/* --- tests --- */

static void test_syntax(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "", "root", "root" },
		{ "root: a@x", "root", "a@x" },
		{ "root:a@x\n", "root", "a@x" },
		{ "root : a@x\r\n", "root", "a@x" },
		{ "\xef\xbb\xbfroot: a@x", "root", "a@x" },
		{ "ROOT: a@x", "root", "a@x" },
		{ "root: a@x", "Root", "a@x" },
		{ "root: a@x, b@x,c@x", "root", "a@x b@x c@x" },
		{ "root: a@x,\n b@x,\n\tc@x\n", "root", "a@x b@x c@x" },
		{ "root: a@x\n\n  \n# c\n ,b@x\n", "root", "a@x b@x" },
		{ "root:\n a@x", "root", "a@x" },
		{ "root: ,, a@x, ,", "root", "a@x" },
		{ "# root: b@x\nroot: a@x", "root", "a@x" },
		{ "  # root: b@x\nroot: a@x", "root", "a@x" },
		{ "root: a@x # not b@x, c@x", "root", "a@x" },
		{ "root: a@x, # not b@x\n c@x", "root", "a@x c@x" },
		{ "root: # one\n a@x #two\n", "root", "a@x" },
		{ "root: a#b@x", "root", "a#b@x" },
		{ "root: \"a # b\"@x", "root", "\"a # b\"@x" },
		{ "\"root\": a@x", "root", "a@x" },
		{ "\"two words\": a@x", "\"two words\"", "a@x" },
		{ "\"a:b\": a@x", "\"a:b\"", "a@x" },
		{ "root: \"joe\"\njoe: a@x", "root", "a@x" },
		{ "root: \"a@b\"@x", "root", "\"a@b\"@x" },
		{ "root: Joe Smith <joe@x>, ann@x (Ann, the other)", "root", "joe@x ann@x" },
		{ "root: a@[IPv6:2001:db8::7]", "root", "a@[IPv6:2001:db8::7]" },
		{ "root: a@b\xc3\xbc"
		  "cher.example",
			"root", "a@xn--bcher-kva.example" },
		{ "j\xc3\xb6rg: j\xc3\xb6rg@x", "j\xc3\xb6rg", "j\xc3\xb6rg@x" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_mistakes(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "no colon here\nroot: a@x", "root", "a@x" },
		{ " stray\nroot: a@x", "root", "a@x" },
		{ ": b@x\nroot: a@x", "root", "a@x" },
		{ "root: a@x\nroot: b@x", "root", "a@x" },
		{ "root@y: b@x", "root", "root" },
		{ "root: a@x\n\nb: c@x", "root", "a@x" },
		{ "root: a b@x", "root",
			"!f:1: address \"a b@x\": it contains a space; separate addresses "
			"with commas" },
		{ "x: y\nroot: a@x,\n b@\n", "root",
			"!f:3: address \"b@\": there is no domain after the '@'" },
		{ "root: -a@x", "root",
			"!f:1: address \"-a@x\": it begins with '-' and could pass "
			"for an option" },
		{ "root: a@x \"b", "root",
			"!f:1: address \"a@x \"b\": a quote or comment does not "
			"end" },
		{ "root: a@x joe: b@x", "root",
			"!f:1: address \"a@x joe\": a colon follows it; commas separate "
			"addresses" },
		{ "root: x: a@x", "root", "!f:1: addresses must be separated by commas" },
		{ "root: :fail: x", "root",
			"!f:1: address \"fail: x\": a character that no address "
			"may have" },
		{ "root: \\", "root", "!f:1: addresses must be separated by commas" },
		{ "root: a\x01@x", "root",
			"!f:1: address \"a\\x01@x\": a character that no address "
			"may have" },
		{ "root:", "root", "!f:1: no address is given" },
		{ "root: , # a@x\n", "root", "!f:1: no address is given" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_names(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "root: joe\njoe: a@x", "root", "a@x" },
		{ "root: joe, ann\nann: a@x\njoe: j@x", "root", "j@x a@x" },
		{ "root: joe, ann, joe, \\joe\njoe: j@x\nann: joe, a@x", "root", "j@x a@x joe" },
		{ "root: root, a@x", "root", "root a@x" },
		{ "root: ROOT, a@x", "root", "ROOT a@x" },
		{ "root: joe\njoe: joe, a@x", "root", "joe a@x" },
		{ "root: \\root, a@x", "root", "root a@x" },
		{ "root: \\joe\njoe: a@x", "root", "joe" },
		{ "root: a@x", "root@localhost", "a@x" },
		{ "root: a@x", "root@WEB01.example.org", "a@x" },
		{ "root: a@x", "root@web01", "a@x" },
		{ "root: a@x", "root@example.org", "root@example.org" },
		{ "root: a@x", "joe@localhost", "joe@localhost" },
		{ "root: joe@web01\njoe: a@x", "root", "a@x" },
		{ "joe: joe@web01, a@x", "joe", "joe a@x" },
		{ "joe: Joe@Web01.example.org", "joe", "Joe" },
		{ "root: joe@localhost, \\ann@web01\nann: a@x", "root", "joe ann" },
		{ "root: \"two words\"@localhost", "root", "\"two words\"" },
		{ "root: joe@localhost, joe@web02\ndefault: a@x", "root", "joe joe@web02" },
		{ "default: joe@localhost", "root", "joe" },
		{ "default: root@localhost\nroot: a@x", "joe", "a@x" },
		{ "default: a@x\nroot: b@x", "root", "b@x" },
		{ "default: a@x", "root", "a@x" },
		{ "default: a@x", "root@localhost", "root@localhost" },
		{ "default: joe\njoe: a@x", "root", "a@x" },
		{ "default: joe", "root", "joe" },
		{ "default: default", "root", "default" },
		{ "default: root, a@x", "root", "root a@x" },
		{ "default: a@x\nroot: joe", "root", "a@x" },
		{ "default: a@x\nroot: root", "root", "root" },
		{ "default: a@x\nroot: \\joe", "root", "joe" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

/* Inside of `default` a name without an entry stands for itself. */
static void test_default(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "default: root\nroot: joe", "root", "joe" },
		{ "root: joe\ndefault: root", "bob", "joe" },
		{ "default: root\nroot: joe", "default", "joe" },
		{ "default: root, bob\nroot: joe, d@x", "root", "joe d@x bob d@x" },
		{ "default: ann\nroot: ann, joe\nann: \\ann, root", "root",
			"!f:3: a loop: root -> ann -> root" },
		{ "default: ann\nroot: joe, ann\nann: a@x, bob", "root", "a@x bob a@x" },
		{ "default: a\na: b\nb: a", "a", "!f:3: a loop: a -> b -> a" },
		{ "default: a\na: b\nb: a", "joe", "!f:3: a loop: a -> b -> a" },
		{ "default: a\na: default", "joe", "!f:2: a loop: default -> a -> default" },
		{ "default: :include:/unknown\nroot: :include:/unknown", "root", "bob a@x a@x" },
		{ "default: d@x, :include:/unknown\nroot: :include:/unknown", "root",
			"d@x bob a@x a@x" },
		{ "default: :include:/self", "joe", "!/self:1: a loop: /self -> /self" },
		{ "default: a0\n" A10 "a9: z@x", "joe",
			"!f:10: more than 10 aliases and files below each other" },
		{ "default: d@x\n" A10 "a9: joe", "a0",
			"!f:11: more than 10 aliases and files below each other" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void test_includes(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "root: :include:/one, c@x", "root", "a@x b@x c@x" },
		{ "root: :INCLUDE: /one", "root", "a@x b@x" },
		{ "root: \":include:/two words\"", "root", "w@x" },
		{ "root: :include:\"/two words\"", "root", "w@x" },
		{ "root: :include:/lines", "root", "a@x b@x c@x d@x" },
		{ "root: :include:/one, :include:/one", "root", "a@x b@x" },
		{ "root: :include:/names\njoe: j@x", "root", "root j@x" },
		{ "ann: :include:/names\nroot: r@x\njoe: \\joe", "ann", "r@x joe" },
		{ "joe: ann\nann: :include:/names", "joe",
			"!/names:1: a loop: joe -> ann -> /names "
			"-> joe" },
		{ "root: :include:/self", "root", "!/self:1: a loop: /self -> /self" },
		{ "x: y\nroot: :include:/none", "root", "!f:2: /none: no such file" },
		{ "root: :include:one", "root",
			"!f:1: :include: needs a path that begins with \"/\"" },
		{ "root: :include:", "root",
			"!f:1: :include: needs a path that begins with \"/\"" },
		{ "root: :include:/empty", "root", "!/empty:1: no address is given" },
		{ "root: :include:/command", "root",
			"!/command:2: mail is not handed to commands" },
		{ "root: :include:/quote", "root",
			"!/quote:1: address \"\"a@x\": a quote or comment "
			"does not end" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

/* INJ-12: addresses are never programs or files. */
static void test_deliveries(void **state)
{
	(void)state;
	static const char *const commands[] = { "|cmd", "\"|cmd arg, more\"", "\"|cmd\" arg",
		"<|cmd>", "<\"|cmd arg\">", "\\|cmd", "\"\\|cmd\"", "| \"/bin/cmd\"", "x@x, |cmd",
		"<|cmd@localhost>", "\\|cmd@web01" };
	static const char *const paths[] = { "/dev/null", "\"/var/mail/a b\"", "</tmp/x>",
		"\\/tmp/x", "x@x,/tmp/x", "/tmp/x@x", "<\"/tmp/x\"@localhost>" };

	for (size_t i = 0; i < ARRAY_LEN(commands) + ARRAY_LEN(paths); i++) {
		bool command = i < ARRAY_LEN(commands);
		const char *target = command ? commands[i] : paths[i - ARRAY_LEN(commands)];
		struct buf text CLEAN_UP(buf_done) = BUF_INIT(1000);
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(1000);
		buf_fmt(&text, "\nroot: %s\n", target);
		expand(buf_str(&text), "root", &out);
		CHECK_TEXT(target, buf_str(&out),
			command ? "!f:2: mail is not handed to commands"
				: "!f:2: mail is not handed to files");
		expand(buf_str(&text), "joe", &out);
	}
	static const struct row rows[] = {
		{ "root: \"|cmd\"@x", "root", "|cmd@x" },
		{ "root: \"/a b\"@x", "root", "\"/a b\"@x" },
		{ "root: |cmd", "joe", "joe" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

/* INJ-13: loops and growth end. */
static void test_limits(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "a: b\nb: a", "a", "!f:2: a loop: a -> b -> a" },
		{ "x: a\na: b\nb: c, x@x\nc: y@x, A", "x", "!f:4: a loop: a -> b -> c -> a" },
		{ A10 "a9: z@x", "a0", "z@x" },
		{ A10 "a9: a10\na10: z@x", "a0",
			"!f:10: more than 10 aliases and files below each "
			"other" },
		{ A10 "a9: a10\na10: z@x", "a1", "z@x" },
		{ "r: a1, a0\n" A10 "a9: z@x", "r",
			"!f:2: more than 10 aliases and files below "
			"each other" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

/* Each stands for ten of the next: 10^9 in all, were each of them followed. */
static void test_growth(void **state)
{
	(void)state;
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(1 << 20);

	for (unsigned i = 0; i < 9; i++) {
		buf_fmt(&text, "a%u: a%u", i, i + 1);
		for (unsigned j = 0; j < 9; j++)
			buf_fmt(&text, ", a%u", i + 1);
		buf_char(&text, '\n');
	}
	buf_add(&text, STR("a9: z@x\n"));
	expand(buf_str(&text), "a0", &out);
	CHECK_TEXT("growth", buf_str(&out), "z@x");
}

static void test_results(void **state)
{
	(void)state;
	for (unsigned count = ALIAS_EXPAND_RESULTS; count <= ALIAS_EXPAND_RESULTS + 1; count++) {
		struct buf text CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
		buf_add(&text, STR("root:"));
		for (unsigned i = 0; i < count; i++)
			buf_fmt(&text, "%s\n u%u@x", i ? "," : "", i);
		expand(buf_str(&text), "root", &out);
		bool good = count <= ALIAS_EXPAND_RESULTS;
		assert_int_equal(holds(buf_str(&out), "u9999@x"), good);
		assert_int_equal(holds(buf_str(&out), "expands to more than 10000"), !good);
	}
}

/* -bi tells that too, of whoever names them and of nobody else. */
static void test_check_of_results(void **state)
{
	(void)state;
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(1 << 20);

	buf_add(&text, STR("root: all, |c\nall: a@x"));
	for (unsigned i = 1; i < ALIAS_EXPAND_RESULTS; i++)
		buf_fmt(&text, ",\n u%u@x", i);
	check(buf_str(&text), &out);
	CHECK_TEXT("as many", buf_str(&out), "f:1: mail is not handed to commands\n");
	buf_clear(&out);
	buf_add(&text, STR(", y@x,\n z@x\ndefault: root"));
	check(buf_str(&text), &out);
	CHECK_TEXT("too many", buf_str(&out),
		"f:10001: the name expands to more than 10000 addresses\n"
		"f:1: mail is not handed to commands\n");
}

/* As many lists as there may be in a file: the limit is for one name. */
static void test_many_includes(void **state)
{
	(void)state;
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(1 << 20);

	for (unsigned i = 0; i < 2 * ALIAS_EXPAND_INCLUDES; i++)
		buf_fmt(&text, "a%u: :include:/any/%u\n", i, i);
	check(buf_str(&text), &out);
	CHECK_TEXT("a file", buf_str(&out), "");
	buf_add(&text, STR("all: root"));
	for (unsigned i = 0; i <= ALIAS_EXPAND_INCLUDES; i++)
		buf_fmt(&text, ", a%u", i);
	expand(buf_str(&text), "all", &out);
	CHECK_TEXT("a name", buf_str(&out), "!f:1001: more than 1000 included files");
}

static void test_check(void **state)
{
	(void)state;
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		{ "", "" },
		{ "# nothing\n", "" },
		{ "root: joe, root, a@x\njoe: :include:/one\nann: :include:/one\n", "" },
		{ "a: a@x\nA: b@x\n",
			"(warning) f:2: the name is in line 1 already, which counts\n" },
		{ "a@b: a@x\n",
			"(warning) f:1: only names without a domain have aliases, so a@b is "
			"never used\n" },
		{ "nothing\na b: c@x\n: d@x\n",
			"f:1: there is no \":\" (a line that goes on another begins with a blank)\n"
			"f:2: address \"a b\": it contains a space; separate addresses with "
			"commas\n"
			"f:3: there is no name before the \":\"\n" },
		{ " a: b@x\n", "f:1: a line that begins with a blank goes on another, and none is "
			       "above it\n" },
		{ "\xff: b@x\n", "f:1: address \"\\xFF\": it has octets that are not UTF-8\n" },
		{ "a: |c, /f,\n -x@x, b@x\nb:\n",
			"f:1: mail is not handed to commands\nf:1: mail is not handed to files\n"
			"f:2: address \"-x@x\": it begins with '-' and could pass for an option\n"
			"f:3: no address is given\n" },
		{ "a: b\nb: a\nc: a\n", "f:2: a loop: a -> b -> a\n" },
		{ "a: :include:/command\nb: :include:/command, :include:/none\n",
			"/command:2: mail is not handed to commands\nf:2: /none: no such file\n" },
		{ A10 "a9: a10\na10: z@x\n",
			"f:10: more than 10 aliases and files below each other\n" },
		{ "a9: z@x\n" A10 "r: a0",
			"f:11: more than 10 aliases and files below each other\n" },
		{ "default: root\nroot: joe\n", "" },
		{ "root: joe\ndefault: root\n", "" },
		{ "default: a\na: default\n", "f:2: a loop: default -> a -> default\n" },
		{ "a: default\ndefault: a\n", "f:2: a loop: a -> default -> a\n" },
		{ "x: joe, y\ny: x\ndefault: y\n", "f:2: a loop: x -> y -> x\n" },
		{ "default: y, |c\nx: joe, y\ny: x, /f\n",
			"f:2: a loop: y -> x -> y\nf:3: mail is not handed to files\n"
			"f:1: mail is not handed to commands\n" },
		{ "default: a1, joe\na1: a2\na2: joe\n", "" },
		{ "default: a1\n" A10 "a9: z@x, |c\n", "f:11: mail is not handed to commands\n" },
		{ "default: a0\n" A10 "a9: z@x\n",
			"f:10: more than 10 aliases and files below each other\n" },
		{ A10 "a9: z@x\ndefault: a0\n",
			"f:11: more than 10 aliases and files below each other\n" },
		{ "default: d@x\n" A10 "a9: joe\n",
			"f:11: more than 10 aliases and files below each other\n" },
		{ "a9: joe\n" A10 "default: d@x\n",
			"f:10: more than 10 aliases and files below each other\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(1 << 16);
		check(str_of(rows[i].text), &out);
		CHECK_TEXT(rows[i].text, buf_str(&out), rows[i].wanted);
	}
}

/* Of a large file and of one that is one entry, comments or a chain, in time that is linear. */
static void test_large_files(void **state)
{
	(void)state;
	enum { LINES = 100000 };
	static const char *const forms[] = { "n%u: u%u@x\n", "#%u %u\n", " u%u@x%u,\n",
		"n%u: n%u\n", "n%u: \"n%u\" (\n" };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct buf text CLEAN_UP(buf_done) = BUF_INIT(8 << 20);
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(64 << 20);
		int64_t began = cpu_ms();
		buf_add(&text, STR("joe: j@x\n"));
		for (unsigned j = 0; j < LINES; j++)
			buf_fmt(&text, forms[i], j, j + 1);
		check(buf_str(&text), &out);
		assert_true(cpu_ms() - began < 10000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_includes),
		cmocka_unit_test(test_deliveries),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_check_of_results),
		cmocka_unit_test(test_many_includes),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_large_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/mem.h"
#include "mail/addr.h"

enum { MOST = 8 };

/* Lists and the wire forms in them. RFC 5322 appendix A first. */
static const struct {
	const char *list;
	const char *wires[MOST];
} lists[] = {
	{ "John Doe <jdoe@machine.example>", { "jdoe@machine.example" } },
	{ "Mary Smith <mary@example.net>", { "mary@example.net" } },
	{ "\"Joe Q. Public\" <john.q.public@example.com>", { "john.q.public@example.com" } },
	{ "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
		{ "mary@x.test", "jdoe@example.org", "one@y.test" } },
	{ "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
		{ "boss@nil.test", "sysservices@example.net" } },
	{ "Pete <pete@silly.example>", { "pete@silly.example" } },
	{ "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
		{ "c@a.test", "joe@where.test", "jdoe@one.test" } },
	{ "Undisclosed recipients:;", { NULL } },
	{ "\"Mary Smith: Personal Account\" <smith@home.example>", { "smith@home.example" } },
	{ "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", { "pete@silly.test" } },
	{ "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
	  "         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); "
	  "(the end of the group)",
		{ "c@public.example", "joe@example.org", "jdoe@one.test" } },
	{ "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", { NULL } },
	{ "Joe Q. Public <john.q.public@example.com>", { "john.q.public@example.com" } },
	{ "Mary Smith <@node.test:mary@example.net>, , jdoe@test   . example",
		{ "mary@example.net", "jdoe@test.example" } },
	{ "John Doe <jdoe@machine(comment).  example>", { "jdoe@machine.example" } },
	/* routes, empty elements, groups */
	{ "<@a.test,@b.test:joe@c.test>", { "joe@c.test" } },
	{ "< @a.test , , @b.test : joe@c.test >", { "joe@c.test" } },
	{ "", { NULL } },
	{ " \t\r\n ", { NULL } },
	{ ",", { NULL } },
	{ ",,a@b,,c@d,", { "a@b", "c@d" } },
	{ "g:a@b;c@d", { "a@b", "c@d" } },
	{ "g:a@b;,h:c@d;", { "a@b", "c@d" } },
	{ "g:a@b", { "a@b" } },
	{ "a@b;c@d", { "a@b", "c@d" } },
	{ "(c)(d(e))a@b(f)", { "a@b" } },
	{ "a(1)@(2)b(3).(4)c(5)", { "a@b.c" } },
	/* quoted local parts */
	{ "\"john doe\"@x.test", { "\"john doe\"@x.test" } },
	{ "\"john\"@x.test", { "john@x.test" } },
	{ "\"a\\\"b\\\\c\"@x.test", { "\"a\\\"b\\\\c\"@x.test" } },
	{ "\"a,b;c:d<e>\"@x.test, f@g", { "\"a,b;c:d<e>\"@x.test", "f@g" } },
	{ "\"a@b\"@x.test", { "\"a@b\"@x.test" } },
	{ "\"(no comment)\"@x.test", { "\"(no comment)\"@x.test" } },
	{ "\"a\".\"b\"@x.test", { "a.b@x.test" } },
	{ "a.\"b c\".d@x.test", { "\"a.b c.d\"@x.test" } },
	{ "\"a\r\n b\"@x.test", { "\"a b\"@x.test" } },
	/* outside ASCII */
	{ "j\xc3\xbc@x.test", { "j\xc3\xbc@x.test" } },
	{ "\"j\xc3\xbc r\"@x.test", { "\"j\xc3\xbc r\"@x.test" } },
	{ "j@b\xc3\xbc"
	  "cher.test",
		{ "j@xn--bcher-kva.test" } },
	{ "j@B\xc3\x9c"
	  "CHER.test.",
		{ "j@xn--bcher-kva.test" } },
	{ "j@fa\xc3\x9f.de", { "j@xn--fa-hia.de" } },
	{ "j@a\xe3\x80\x82"
	  "b",
		{ "j@a.b" } },
	{ "a..b@x.test", { "\"a..b\"@x.test" } },
	{ "a.@x.test", { "\"a.\"@x.test" } },
	{ "\" \"@x.test", { "\" \"@x.test" } },
	{ "!#$%&'*+-/=?^_`{|}~@x.test", { "!#$%&'*+-/=?^_`{|}~@x.test" } },
	/* bare names, domains */
	{ "root", { "root" } },
	{ "root, <operator>", { "root", "operator" } },
	{ "\"two words\"", { "\"two words\"" } },
	{ "a@x_y.test", { "a@x_y.test" } },
	{ "a@b.", { "a@b" } },
	{ "a@b.c.", { "a@b.c" } },
	{ "<a@b.>", { "a@b" } },
	{ "a@[127.0.0.1]", { "a@[127.0.0.1]" } },
	{ "a@[IPv6:2001:db8::1]", { "a@[IPv6:2001:db8::1]" } },
	{ "A <a@[IPv6:::1]>, b@c", { "a@[IPv6:::1]", "b@c" } },
	{ "a@[127.0.0.1] (here)", { "a@[127.0.0.1]" } },
	{ "a\t@\r\n b", { "a@b" } },
	/* phrases are not looked at */
	{ "J\xc3\xbcrgen <j@x.test>", { "j@x.test" } },
	{ "=?UTF-8?B?SsO8cmdlbg==?= <j@x.test>", { "j@x.test" } },
	{ "a@b <c@d>", { "c@d" } },
	{ "-x <x@y>", { "x@y" } },
	{ "x-y@z", { "x-y@z" } },
};

static void test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct addr_list list = { .rest = str_of(lists[i].list) };
		struct addr a;
		struct err e = { 0 };
		size_t n = 0;
		enum addr_got got;
		while ((got = addr_next(&list, &a, &e)) == ADDR_ONE) {
			CHECK_ROW(lists[i].list, lists[i].wires[n] != NULL, true);
			CHECK_TEXT(lists[i].list, str_of(a.text), lists[i].wires[n++]);
			const char *at = strrchr(a.text, '@');
			bool bare = !at || a.text[strlen(a.text) - 1] == '"';
			CHECK_ROW(a.text, addr_is_bare(&a), bare);
			CHECK_ROW(
				a.text, a.local_len, bare ? strlen(a.text) : (size_t)(at - a.text));
		}
		CHECK_TEXT(lists[i].list, str_of(e.what), "");
		CHECK_ROW(lists[i].list, got, ADDR_END);
		CHECK_ROW(lists[i].list, lists[i].wires[n] == NULL, true);
		CHECK_ROW(lists[i].list, addr_next(&list, &a, &e), ADDR_END);
	}
}

/* What is refused, and some of the words that say why. */
static const struct {
	struct str text;
	const char *why;
} refused[] = {
	{ TEXT("@b"), "no local part" },
	{ TEXT("\"\"@b"), "no local part" },
	{ TEXT("a@"), "no domain" },
	{ TEXT("<>"), "empty" },
	{ TEXT("<a@>"), "no domain" },
	{ TEXT("a@."), "domain is malformed" },
	{ TEXT("a@.b"), "domain is malformed" },
	{ TEXT("a@b..c"), "domain is malformed" },
	{ TEXT("a@b.."), "domain is malformed" },
	{ TEXT("a@b@c"), "domain is malformed" },
	{ TEXT("a@\"b\""), "domain is malformed" },
	{ TEXT("a@b!c"), "domain is malformed" },
	{ TEXT("a@b\\c"), "domain is malformed" },
	{ TEXT("a@example.com Smith"), "domain is malformed" },
	{ TEXT("a@exa mple.com"), "domain is malformed" },
	{ TEXT("a@exa(x)mple.com"), "domain is malformed" },
	{ TEXT("a@b c@d"), "domain is malformed" },
	{ TEXT("a b@c"), "contains a space" },
	{ TEXT("a\"b\"@c"), "contains a space" },
	{ TEXT("John Doe"), "contains a space" },
	{ TEXT("a@["), "does not end" },
	{ TEXT("a@[]"), "literal is malformed" },
	{ TEXT("a@[1 2]"), "literal is malformed" },
	{ TEXT("a@[[1]"), "literal is malformed" },
	{ TEXT("a@[1@2]"), "literal is malformed" },
	{ TEXT("a@[1\\]2]"), "literal is malformed" },
	{ TEXT("a@[1]b"), "follows the domain" },
	{ TEXT("a@[1].b"), "follows the domain" },
	{ TEXT("(a"), "comment does not end" },
	{ TEXT("a@b(c"), "quote or comment does not end" },
	{ TEXT("a@b(c\\)"), "quote or comment does not end" },
	{ TEXT("a)@b"), "a character that no address may have" },
	{ TEXT("\"a@b"), "quote or comment does not end" },
	{ TEXT("\"a\\\"@b"), "quote or comment does not end" },
	{ TEXT("<a@b"), "'>' is missing" },
	{ TEXT("a@b>"), "domain is malformed" },
	{ TEXT("<<a@b>>"), "no address may have" },
	{ TEXT("<a@b>c"), "follows the '>'" },
	{ TEXT("<a@b> <c@d>"), "follows the '>'" },
	{ TEXT("<@x.test>"), "source route" },
	{ TEXT("<a@b>(c"), "comment does not end" },
	{ TEXT("a:b:c@d;"), "a character that no address may have" },
	{ TEXT("-x@y"), "begins with '-'" },
	{ TEXT("<-x@y>"), "begins with '-'" },
	{ TEXT("\"-x\"@y"), "begins with '-'" },
	{ TEXT("\"-x y\"@z"), "begins with '-'" },
	{ TEXT("(c)-x@y"), "begins with '-'" },
	{ TEXT("-oQ/tmp"), "begins with '-'" },
	{ TEXT("j\xfc@x.test"), "not UTF-8" },
	{ TEXT("j\xc3@x.test"), "not UTF-8" },
	{ TEXT("j\xc0\x80@x.test"), "not UTF-8" },
	{ TEXT("j\xc2\x9b@x.test"), "control character" },
	{ TEXT("j@x\xfc.test"), "may be registered" },
	{ TEXT("a@x.example\xef\xbc\x9e\xe3\x80\x80SMTPUTF8"), "may be registered" },
	{ TEXT("b@x\xef\xbc\xa0y.example"), "may be registered" },
	{ TEXT("a@a\xef\xbc\x82"
	       "b.example"),
		"may be registered" },
	{ TEXT("a@\xef\xbd\x81\xe2\x84\x80.example"), "may be registered" },
	{ TEXT("a@y\xc2\xa0"), "may be registered" },
	{ TEXT("j@\xe2\x98\x83.test"), "may be registered" },
	{ TEXT("j@\xc3\xbc \xc3\xb6.test"), "domain is malformed" },
	{ TEXT("j@[\xc3\xbc]"), "" /* by signedness */ },
	{ TEXT("a\0b@c"), "a character that no address may have" },
	{ TEXT("\"a\0b\"@c"), "control character" },
	{ TEXT("\"a\tb\"@c"), "control character" },
	{ TEXT("\"a\\\rb\"@c"), "control character" },
	{ TEXT("\"a\\\nb\"@c"), "control character" },
	{ TEXT("\"a\x7f\"@c"), "control character" },
	{ TEXT("a\x01@c"), "a character that no address may have" },
	{ TEXT("a@b\0"), "domain is malformed" },
	{ TEXT("a@[1\0]"), "literal is malformed" },
	{ TEXT("a[@b"), "does not end" },
	{ TEXT(""), "empty" },
	{ TEXT(",;"), "empty" },
	{ TEXT("a@b, c@d"), "one address" },
	{ TEXT("a@b, -c@d"), "begins with '-'" },
	{ TEXT("g:;"), "empty" },
	{ TEXT("a@b c: d@e"), "commas separate" },
	{ TEXT("a@b c: d@e;"), "commas separate" },
	{ TEXT("\"x\" c@d: e@f"), "commas separate" },
	{ TEXT("=?utf-8?Q?Ann?="), "encoded-word" },
	{ TEXT("=?utf-8?Q?Lee,_Ann?="), "" },
	{ TEXT("=?utf-8?Q?Lee"), "encoded-word" },
	{ TEXT("<@a,@b>"), "source route" },
	{ TEXT("<a;>"), "" },
	{ TEXT("<a@b:;>"), "" },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct addr a;
		struct err e = { 0 };
		const char *row = refused[i].text.p;
		CHECK_ROW(row, addr_one(refused[i].text, &a, &e), false);
		CHECK_ROW(row, e.kind, ERR_DATA);
		if (!holds(str_of(e.what), refused[i].why))
			fail_msg("row \"%s\": %s", row, e.what);
		for (const char *p = e.what; *p; p++)
			CHECK_ROW(row, chr_is_ctl(*p), false);
	}
}

static void test_phrase(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "John Doe <a@b>", "John Doe" },
		{ " \"Doe, John\"\r\n\t<a@b>", "\"Doe, John\"" },
		{ "<a@b>", "" },
		{ "a@b", "" },
		{ "g: X <a@b>;", "X" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a;
		struct err e;
		assert_true(addr_one(str_of(rows[i][0]), &a, &e));
		CHECK_TEXT(rows[i][0], a.phrase, rows[i][1]);
	}
}

/* local part of n octets, domain of m, with or without quotes */
static bool try_length(size_t n, size_t m, bool quoted, struct err *e)
{
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	struct addr a;

	if (quoted)
		buf_add(&b, STR("\"\\ "));
	for (size_t i = quoted; i < n; i++)
		buf_char(&b, 'x');
	if (quoted)
		buf_char(&b, '"');
	buf_char(&b, '@');
	for (size_t i = 0; i < m; i++)
		buf_char(&b, 'd');
	bool ok = addr_one(buf_str(&b), &a, e);
	if (ok)
		assert_int_equal(strlen(a.text), n + m + 1 + (quoted ? 2 : 0));
	return ok;
}

static void test_length(void **state)
{
	(void)state;
	struct err e;
	assert_true(try_length(1, 986, false, &e));
	assert_false(try_length(1, 987, false, &e));
	assert_true(holds(str_of(e.what), "too long"));
	assert_true(try_length(985, 2, false, &e));
	assert_false(try_length(986, 2, false, &e));
	assert_true(try_length(983, 2, true, &e));
	assert_false(try_length(984, 2, true, &e));
	assert_false(try_length(100000, 1, false, &e));
	assert_true(holds(str_of(e.what), "too long"));
	assert_false(try_length(1, 100000, false, &e));
	assert_true(strlen(e.what) < 500);
}

static void nested(struct buf *b, size_t depth)
{
	buf_clear(b);
	for (size_t i = 0; i < depth; i++)
		buf_char(b, '(');
	for (size_t i = 0; i < depth; i++)
		buf_char(b, ')');
	buf_add(b, STR("a@b"));
}

static void test_comments(void **state)
{
	(void)state;
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	struct addr a;
	struct err e;
	nested(&b, ADDR_COMMENT_DEPTH);
	assert_true(addr_one(buf_str(&b), &a, &e));
	assert_string_equal(a.text, "a@b");
	nested(&b, ADDR_COMMENT_DEPTH + 1);
	assert_false(addr_one(buf_str(&b), &a, &e));
	int64_t start = cpu_ms();
	nested(&b, 10000);
	assert_false(addr_one(buf_str(&b), &a, &e));
	buf_clear(&b);
	for (int i = 0; i < 100000; i++)
		buf_add(&b, STR("(x)"));
	buf_add(&b, STR("a@b"));
	assert_true(addr_one(buf_str(&b), &a, &e));
	assert_true(cpu_ms() - start < 2000);
}

/* 100,000 of anything must not take time that grows with its square. */
static void test_linear(void **state)
{
	(void)state;
	static const char *const parts[] = { "someone@x.example, ", "\"Doe, J\" <j@x.example>,",
		"g:a@b;", "<@r:a@b>,", ",", "(c)a@b," };
	int64_t start = cpu_ms();

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		struct buf b CLEAN_UP(buf_done) = BUF_INIT(1 << 24);
		struct addr a;
		struct err e;
		size_t n = 0;
		for (int k = 0; k < 100000; k++)
			buf_add(&b, str_of(parts[i]));
		struct addr_list list = { .rest = buf_str(&b) };
		while (addr_next(&list, &a, &e) == ADDR_ONE)
			n++;
		CHECK_ROW(parts[i], list.rest.len, 0);
		CHECK_ROW(parts[i], n, parts[i][0] == ',' ? 0 : 100000);
	}
	assert_true(cpu_ms() - start < 20000);
}

static void test_domain_same(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "a@b.c", "a@B.C", true },
		{ "A@b.c", "a@b.c", false },
		{ "a@b.c", "a@b.d", false },
		{ "a", "a", true },
		{ "a", "A", false },
		{ "a", "a@b", false },
		{ "\"x@Y\"@z", "\"x@y\"@z", false },
		{ "\"x@Y\"", "\"x@y\"", false },
		{ "\"x@y\"", "\"x@y\"", true },
		{ "", "", true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_ROW(rows[i].a, addr_same(rows[i].a, rows[i].b), rows[i].same);
	CHECK_TEXT("domain", addr_domain("a@b.c"), "b.c");
	CHECK_TEXT("bare", addr_domain("a"), "");
	CHECK_TEXT("null", addr_domain(""), "");
	CHECK_TEXT("quoted", addr_domain("\"a@b\"@c"), "c");
	CHECK_TEXT("quoted and bare", addr_domain("\"a@b\""), "");
	CHECK_TEXT("literal", addr_domain("a@[::1]"), "[::1]");
}

static void test_dot_atom(void **state)
{
	(void)state;
	static const char *const good[] = { "a", "a.b", "a-b.c_d", "\xc3\xbc", "!" };
	static const char *const wrong[] = { "", ".", "a.", ".a", "a..b", "a b", "a@b", "\"a\"",
		"a,", "a\x01" };
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		CHECK_ROW(good[i], addr_is_dot_atom(str_of(good[i])), true);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		CHECK_ROW(wrong[i], addr_is_dot_atom(str_of(wrong[i])), false);
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(100);
	addr_quote(&b, STR("a\"b\\c d"));
	assert_string_equal(buf_text(&b), "\"a\\\"b\\\\c d\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_phrase),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_comments),
		cmocka_unit_test(test_linear),
		cmocka_unit_test(test_domain_same),
		cmocka_unit_test(test_dot_atom),
	};
	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}

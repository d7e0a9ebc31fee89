/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/srv.h"

#define NAME "_submission._tcp.x.example"
/* Id, flags, and how many questions, answers, authorities, others. */
#define HEAD(answers) "\1\2\x81\x80\0\1\0" answers "\0\0\0\0"
#define QUESTION "\x0b_submission\4_tcp\1x\7example\0\0\x21\0\1"
/* Pointers to the name of the question, to "x.example" in it, to "example". */
#define OWNER "\xc0\x0c"
#define SRV_OF(len) OWNER "\0\x21\0\1\0\0\0\x3c\0" len
#define AT_X "\xc0\x1d"

struct answer_row {
	const char *name;
	struct str octets;
	bool good, refused;
	const char *found; /* "priority weight port target", with ';' behind each */
};

#define OCTETS(literal)                         \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

static const struct answer_row answers[] = {
	{ "no records", OCTETS(HEAD("\0") QUESTION), true, false, "" },
	{ "one", OCTETS(HEAD("\1") QUESTION SRV_OF("\x0d") "\0\1\0\2\2\x4b\4mail" AT_X), true,
		false, "1 2 587 mail.x.example;" },
	{ "two",
		OCTETS(HEAD("\2") QUESTION SRV_OF("\x0d") "\0\1\0\2\2\x4b\4mail" AT_X SRV_OF(
			"\x0b") "\0\3\0\0\1\xd1\2m2" AT_X),
		true, false, "1 2 587 mail.x.example;3 0 465 m2.x.example;" },
	{ "not offered", OCTETS(HEAD("\1") QUESTION SRV_OF("\7") "\0\0\0\0\0\0\0"), true, true,
		"" },
	{ "not about us",
		OCTETS(HEAD("\1") QUESTION AT_X "\0\x21\0\1\0\0\0\x3c\0\x0d"
						"\0\1\0\2\2\x4b\4mail" AT_X),
		true, false, "" },
	{ "of another type", OCTETS(HEAD("\1") QUESTION OWNER "\0\1\0\1\0\0\0\x3c\0\4\1\2\3\4"),
		true, false, "" },
	{ "by way of a CNAME",
		OCTETS(HEAD("\2") QUESTION OWNER
			"\0\5\0\1\0\0\0\x3c\0\2" AT_X AT_X
			"\0\x21\0\1\0\0\0\x3c\0\x0d\0\1\0\2\2\x4b\4mail" AT_X),
		true, false, "1 2 587 mail.x.example;" },
	{ "port 0", OCTETS(HEAD("\1") QUESTION SRV_OF("\x0d") "\0\1\0\2\0\0\4mail" AT_X), true,
		false, "" },
	{ "a blank in the name",
		OCTETS(HEAD("\1") QUESTION SRV_OF("\x0d") "\0\1\0\2\2\x4b\4m il" AT_X), true, false,
		"" },
	{ "a NUL in the name",
		OCTETS(HEAD("\1") QUESTION SRV_OF("\x0d") "\0\1\0\2\2\x4b\4m\0il" AT_X), true,
		false, "" },
	{ "no head", OCTETS("\1\2\x81"), false, false, "" },
	{ "empty", OCTETS(""), false, false, "" },
	{ "fewer than promised",
		OCTETS(HEAD("\2") QUESTION SRV_OF("\x0d") "\0\1\0\2\2\x4b\4mail" AT_X), false,
		false, "" },
	{ "data cut", OCTETS(HEAD("\1") QUESTION SRV_OF("\x0d") "\0\1\0\2\2"), false, false, "" },
	{ "data too short", OCTETS(HEAD("\1") QUESTION SRV_OF("\6") "\0\1\0\2\2\x4b"), false, false,
		"" },
	{ "name cut", OCTETS(HEAD("\1") QUESTION SRV_OF("\x0b") "\0\1\0\2\2\x4b\x3fmail"), false,
		false, "" },
	{ "name of its own tail",
		OCTETS(HEAD("\1") QUESTION SRV_OF("\x08") "\0\1\0\2\2\x4b\xc0\x3e"), false, false,
		"" },
	{ "question cut", OCTETS(HEAD("\1") "\x0b_subm"), false, false, "" },
};

static void write_found(const struct srv_answer *a, struct buf *out)
{
	for (size_t i = 0; i < a->count; i++)
		buf_fmt(out, "%u %u %u %s;", a->list[i].priority, a->list[i].weight,
			a->list[i].port, a->list[i].target);
}

static void test_answers(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		const struct answer_row *row = &answers[i];
		struct buf found CLEAN_UP(buf_done) = BUF_INIT(1000);
		struct srv_answer a;
		struct err e;
		bool good = srv_parse(
			(const unsigned char *)row->octets.p, row->octets.len, NAME ".", &a, &e);
		CHECK_ROW(row->name, good, row->good);
		if (!good) {
			CHECK_ROW(row->name, e.kind, ERR_NETWORK);
			continue;
		}
		write_found(&a, &found);
		CHECK_TEXT(row->name, buf_str(&found), row->found);
		CHECK_ROW(row->name, a.refused, row->refused);
		CHECK_ROW(row->name, a.proved, false);
	}
}

/* An answer that is cut anywhere never gives more than it has. */
static void test_cuts(void **state)
{
	(void)state;
	struct str whole = answers[2].octets;
	struct srv_answer a;
	struct err e;

	for (size_t len = 0; len < whole.len; len++) {
		char *copy = mem_dup(whole.p, len);
		assert_false(srv_parse((unsigned char *)copy, len, NAME, &a, &e));
		mem_free(copy);
	}
}

static void test_flags(void **state)
{
	(void)state;
	struct str cut = answers[12].octets; /* fewer than promised */
	char octets[200];
	struct srv_answer a;
	struct err e;

	memcpy(octets, cut.p, cut.len);
	octets[2] |= 0x02; /* truncated: what is there is used */
	octets[3] |= 0x20; /* authenticated */
	assert_true(srv_parse((unsigned char *)octets, cut.len, NAME, &a, &e));
	assert_int_equal(a.count, 1);
	assert_true(a.proved);
}

static void test_there_are_too_many(void **state)
{
	(void)state;
	static const char one[] = SRV_OF("\x0d") "\0\1\0\2\2\x4b\4mail" AT_X;
	struct buf octets CLEAN_UP(buf_done) = BUF_INIT(10000);
	struct srv_answer a;
	struct err e;

	buf_bytes(&octets, HEAD("\x64") QUESTION, sizeof(HEAD("\x64") QUESTION) - 1);
	for (size_t i = 0; i < 100; i++)
		buf_bytes(&octets, one, sizeof(one) - 1);
	assert_true(srv_parse((unsigned char *)octets.data, octets.len, NAME, &a, &e));
	assert_int_equal(a.count, SRV_MOST);
}

/* Always the number that was asked for, or the most there can be. */
static unsigned fixed(void *ctx, unsigned below)
{
	const unsigned *wanted = ctx;

	return *wanted < below ? *wanted : below - 1;
}

static void test_order(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		unsigned drawn;
		struct srv list[4];
		const char *order; /* ports */
	} rows[] = {
		{ "priority", 0, { { 9, 0, 1, "" }, { 5, 0, 2, "" }, { 7, 0, 3, "" } }, "231" },
		{ "the least number", 0, { { 1, 5, 1, "" }, { 1, 5, 2, "" } }, "12" },
		{ "the greatest number", 99, { { 1, 5, 1, "" }, { 1, 5, 2, "" } }, "21" },
		{ "weight 0 comes first", 0, { { 1, 5, 1, "" }, { 1, 0, 2, "" } }, "21" },
		{ "and last", 1, { { 1, 5, 1, "" }, { 1, 0, 2, "" } }, "12" },
		{ "only within a priority", 99,
			{ { 1, 5, 1, "" }, { 1, 5, 2, "" }, { 2, 9, 3, "" }, { 0, 1, 4, "" } },
			"4213" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct srv_answer a = { 0 };
		unsigned drawn = rows[i].drawn;
		char got[5] = "";
		a.count = strlen(rows[i].order);
		memcpy(a.list, rows[i].list, a.count * sizeof(a.list[0]));
		srv_order(&a, fixed, &drawn);
		for (size_t k = 0; k < a.count; k++)
			got[k] = (char)('0' + a.list[k].port);
		CHECK_TEXT(rows[i].name, str_of(got), rows[i].order);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_there_are_too_many),
		cmocka_unit_test(test_order),
	};
	return cmocka_run_group_tests_name("srv", tests, NULL, NULL);
}

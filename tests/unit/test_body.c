/* SPDX-License-Identifier: MIT */
/*
 * The rules of body.h are written down a second time here, as plainly as possible, and a receiver
 * as strict as RFC 5321 allows reads what goes to the wire. All short texts over the octets that
 * matter are compared with them, and long ones with many CRs.
 */
#include "unit.h"

#include "mail/body.h"
#include "smtp/dot_stuffing.h"

enum { LONGEST = 7, BIG = 1 << 20 };

/* The canonical form and its facts, from the whole text at once. */
static void reference(struct str raw, struct buf *out, struct body_facts *facts)
{
	uint64_t line = 0;

	*facts = (struct body_facts) { 0 };
	buf_clear(out);
	for (size_t i = 0; i < raw.len; i++) {
		size_t crs = 0;
		while (i + crs < raw.len && raw.p[i + crs] == '\r')
			crs++;
		bool lf = i + crs < raw.len && raw.p[i + crs] == '\n';
		if (crs || lf) {
			for (size_t k = 0; k < (lf ? 1 : crs); k++)
				buf_add(out, STR("\r\n"));
			facts->has_lone_cr |= !lf;
			line = 0;
			i += crs + lf - 1;
			continue;
		}
		facts->has_nul |= raw.p[i] == '\0';
		facts->has_8bit |= (raw.p[i] & 0x80) != 0;
		buf_char(out, raw.p[i] ? raw.p[i] : '?');
		if (++line > facts->longest)
			facts->longest = line;
	}
	if (line)
		buf_add(out, STR("\r\n"));
	facts->size = out->len;
}

/* Reads one message off the wire as a receiver does; NULL, or what is wrong with it. */
static const char *receive(struct str wire, struct buf *out)
{
	buf_clear(out);
	while (wire.len) {
		size_t n = str_find(wire, '\r');
		struct str line = str_head(wire, n);
		if (n + 1 >= wire.len || wire.p[n + 1] != '\n')
			return "a CR without LF, or no line end";
		if (str_find(line, '\n') < line.len)
			return "an LF without CR";
		wire = str_from(wire, n + 2);
		if (line.len && line.p[0] == '.') {
			if (line.len == 1)
				return wire.len ? "the end before the end" : NULL;
			line = str_from(line, 1);
		}
		buf_add(out, line);
		buf_add(out, STR("\r\n"));
	}
	return "no end";
}

static void drain(struct buf *small, struct buf *out)
{
	assert_false(small->over);
	buf_add(out, buf_str(small));
	buf_clear(small);
}

/* All of raw through canon, cut at `cut`, with an out of `limit` octets. */
static struct body_facts canonical(struct str raw, size_t cut, size_t limit, struct buf *out)
{
	struct buf small CLEAN_UP(buf_done) = BUF_INIT(limit);
	struct canon c = { 0 };

	buf_clear(out);
	while (raw.len) {
		struct str piece = str_head(raw, cut);
		size_t used = canon_feed(&c, piece, &small);
		assert_true(used <= piece.len);
		assert_true(used || small.len); /* progress */
		if (used < piece.len)
			drain(&small, out);
		raw = str_from(raw, used);
	}
	while (!canon_end(&c, &small)) {
		assert_true(small.len > 0);
		drain(&small, out);
	}
	drain(&small, out);
	return c.facts;
}

static void check_facts(const struct body_facts *a, const struct body_facts *b)
{
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->longest, b->longest);
	assert_int_equal(a->has_8bit, b->has_8bit);
	assert_int_equal(a->has_nul, b->has_nul);
	assert_int_equal(a->has_lone_cr, b->has_lone_cr);
}

/* The text in pieces of `first`, then `cut` octets, through a wire buffer of `limit`. */
static void wire(struct str text, size_t first, size_t cut, size_t limit, struct buf *out)
{
	struct buf small CLEAN_UP(buf_done) = BUF_INIT(limit);
	struct stuff s = { 0 };

	buf_clear(out);
	while (text.len) {
		struct str piece = str_head(text, first ? first : cut);
		size_t used = stuff_feed(&s, piece, &small);
		assert_true(used || small.len);
		if (used < piece.len)
			drain(&small, out);
		first -= used < first ? used : first;
		text = str_from(text, used);
	}
	drain(&small, out);
	stuff_end(&s, out);
}

struct bufs {
	struct buf raw, wanted, got, line, back;
};

static void bufs_init(struct bufs *b)
{
	*b = (struct bufs) { BUF_INIT(BIG), BUF_INIT(4 * BIG), BUF_INIT(4 * BIG), BUF_INIT(4 * BIG),
		BUF_INIT(4 * BIG) };
}

static void bufs_done(struct bufs *b)
{
	buf_done(&b->raw);
	buf_done(&b->wanted);
	buf_done(&b->got);
	buf_done(&b->line);
	buf_done(&b->back);
}

static void check_canon(struct bufs *b)
{
	static const size_t limits[] = { 4096, CANON_ROOM, CANON_ROOM + 5 };
	struct body_facts facts, got;

	reference(buf_str(&b->raw), &b->wanted, &facts);
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		got = canonical(buf_str(&b->raw), cuts[i], limits[i], &b->got);
		CHECK_STR(buf_text(&b->raw), buf_str(&b->got), buf_str(&b->wanted));
		check_facts(&got, &facts);
	}
}

/* Every `step`-th place where the text can be cut in two, and single octets by a tiny buffer. */
static void check_wire(struct bufs *b, size_t step)
{
	struct str text = buf_str(&b->wanted);

	for (size_t first = 0; first <= text.len; first += step) {
		wire(text, first, SIZE_MAX, 4096, &b->line);
		const char *wrong = receive(buf_str(&b->line), &b->back);
		if (wrong)
			fail_msg("\"%s\": %s", buf_text(&b->raw), wrong);
		CHECK_STR(buf_text(&b->raw), buf_str(&b->back), text);
	}
	wire(text, 0, 1, 2, &b->got);
	CHECK_STR("by 1", buf_str(&b->got), buf_str(&b->line));
	wire(text, 0, 3, 5, &b->got);
	CHECK_STR("by 3", buf_str(&b->got), buf_str(&b->line));
}

/* The n-th text of that length over the octets that matter. */
static void spell(struct buf *b, size_t n, size_t len)
{
	static const char octets[] = { '\r', '\n', '.', '\0', 'a' };

	for (; len; len--, n /= 5)
		buf_char(b, octets[n % 5]);
}

static void exhaust(const char *before, const char *after, size_t longest)
{
	struct bufs b;
	size_t count = 1;

	bufs_init(&b);
	for (size_t len = 0; len <= longest; len++, count *= 5) {
		for (size_t n = 0; n < count; n++) {
			buf_clear(&b.raw);
			buf_add(&b.raw, str_of(before));
			spell(&b.raw, n, len);
			buf_add(&b.raw, str_of(after));
			check_canon(&b);
			check_wire(&b, len < LONGEST ? 1 : 4);
		}
	}
	bufs_done(&b);
}

static void test_alone(void **state)
{
	(void)state;
	exhaust("", "", LONGEST);
}

static void test_start(void **state)
{
	(void)state;
	exhaust("", "b", LONGEST);
	exhaust("", "\n.\n", 4);
}

static void test_middle(void **state)
{
	(void)state;
	exhaust("b", "b", LONGEST);
	exhaust("b\r", "\nb\r", 4);
}

static void test_end(void **state)
{
	(void)state;
	exhaust("b\r\n", "", LONGEST);
	exhaust("123456", "", 4);
}

/* Long runs of CRs and of text, in pieces and through buffers of all sizes. */
static void test_runs(void **state)
{
	(void)state;
	struct bufs b;
	uint32_t seed = 1;

	bufs_init(&b);
	for (int round = 0; round < 3000; round++) {
		size_t numbers[10];
		for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
			seed = seed * 1664525 + 1013904223;
			numbers[i] = seed >> 16 & 0x1ff;
		}
		buf_clear(&b.raw);
		for (size_t i = 0; i < 8; i++)
			for (size_t n = numbers[i]; n; n--)
				buf_char(&b.raw, "\ra\r\n\r.\0\xe9"[i]);
		struct body_facts facts, got;
		reference(buf_str(&b.raw), &b.wanted, &facts);
		got = canonical(buf_str(&b.raw), numbers[8] + 1, CANON_ROOM + numbers[9], &b.got);
		CHECK_STR("runs", buf_str(&b.got), buf_str(&b.wanted));
		check_facts(&got, &facts);
		wire(buf_str(&b.wanted), 0, numbers[8] + 1, 2 + numbers[9], &b.line);
		assert_null(receive(buf_str(&b.line), &b.back));
		CHECK_STR("runs", buf_str(&b.back), buf_str(&b.wanted));
	}
	bufs_done(&b);
}

static void check_crs(const char *after)
{
	static const size_t limits[] = { CANON_ROOM, 300, 65536 };
	struct bufs b;
	struct body_facts facts;

	bufs_init(&b);
	for (int i = 0; i < 100000; i++)
		buf_char(&b.raw, '\r');
	buf_add(&b.raw, str_of(after));
	reference(buf_str(&b.raw), &b.wanted, &facts);
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		struct body_facts got = canonical(buf_str(&b.raw), cuts[i], limits[i], &b.got);
		check_facts(&got, &facts);
		assert_true(str_eq(buf_str(&b.got), buf_str(&b.wanted)));
	}
	bufs_done(&b);
}

static void test_crs(void **state)
{
	(void)state;
	int64_t start = cpu_ms();
	check_crs("");
	check_crs("\n");
	check_crs("x");
	check_crs("x\r");
	assert_true(cpu_ms() - start < 2000);
}

/* 64 MiB of CRs in the pieces that a file is read in: bounded in time as well. */
static void test_many_crs(void **state)
{
	(void)state;
	static char piece[65536];
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(65536);
	struct canon c = { 0 };
	int64_t start = cpu_ms();

	memset(piece, '\r', sizeof(piece));
	for (int i = 0; i < 1024; i++)
		assert_int_equal(canon_feed(&c, str_n(piece, sizeof(piece)), &out), sizeof(piece));
	assert_int_equal(canon_feed(&c, STR("\n"), &out), 1);
	assert_true(canon_end(&c, &out));
	assert_string_equal(buf_text(&out), "\r\n");
	assert_false(c.facts.has_lone_cr);
	assert_true(cpu_ms() - start < 2000);
}

/* Text that does not end in a line end gets one; the state is fresh after the end. */
static void test_stuff_end(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "", ".\r\n" },
		{ ".", "..\r\n.\r\n" },
		{ "a", "a\r\n.\r\n" },
		{ "a\r\n", "a\r\n.\r\n" },
		{ "\r\n.\r\n", "\r\n..\r\n.\r\n" },
		{ ".\r\n.a\r\n..", "..\r\n..a\r\n...\r\n.\r\n" },
		{ "a.\r\n", "a.\r\n.\r\n" },
	};
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(1000);
	struct stuff s = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_clear(&out);
		stuff_feed(&s, str_of(rows[i][0]), &out);
		stuff_end(&s, &out);
		CHECK_TEXT(rows[i][0], buf_str(&out), rows[i][1]);
	}
}

/* The text before the lone dot, dots taken off; false: it has not come. *ret_used: with that line.
 */
static bool plain_unstuff(struct str wire, const char *end, struct buf *out, size_t *ret_used)
{
	size_t len = strlen(end), at = 0;

	buf_clear(out);
	for (;;) {
		size_t n = at;
		while (n + len <= wire.len && memcmp(wire.p + n, end, len) != 0)
			n++;
		if (n + len > wire.len)
			return false;
		struct str line = str_n(wire.p + at, n - at);
		at = n + len;
		if (str_eq(line, STR("."))) {
			*ret_used = at;
			return true;
		}
		if (line.len && line.p[0] == '.')
			line = str_from(line, 1);
		buf_add(out, line);
		buf_add(out, str_of(end));
	}
}

/* Fed in pieces of that size into little room; the octets used. */
static size_t pieces_unstuff(struct unstuff *u, struct str wire, size_t piece, struct buf *out)
{
	struct buf room CLEAN_UP(buf_done) = BUF_INIT(3);
	size_t used = 0;

	buf_clear(out);
	while (used < wire.len && !u->ended) {
		used += unstuff_feed(u, str_head(str_from(wire, used), piece), &room);
		buf_add(out, buf_str(&room));
		assert_false(room.over);
		buf_clear(&room);
	}
	return used;
}

/* All short texts over the octets that matter, an end behind them, more behind that. */
static void test_unstuff(void **state)
{
	(void)state;
	static const char octets[] = { '\r', '\n', '.', 'a' };
	static const char *const ends[] = { "\n", "\r\n" };
	struct buf want CLEAN_UP(buf_done) = BUF_INIT(100), got CLEAN_UP(buf_done) = BUF_INIT(100);

	for (unsigned long n = 0; n < 1UL << (2 * 7 + 1); n++) {
		const char *end = ends[n & 1];
		struct buf wire CLEAN_UP(buf_done) = BUF_INIT(100);
		for (unsigned i = 0; i < 7; i++)
			buf_char(&wire, octets[n >> (2 * i + 1) & 3]);
		buf_fmt(&wire, "%s.%sQUIT%s", end, end, end);
		size_t used = 0;
		assert_true(plain_unstuff(buf_str(&wire), end, &want, &used));
		for (size_t piece = 1; piece < 100; piece += 30) {
			struct unstuff u = { .lf = !(n & 1) };
			assert_int_equal(pieces_unstuff(&u, buf_str(&wire), piece, &got), used);
			assert_true(u.ended);
			CHECK_TEXT(buf_text(&wire), buf_str(&got), buf_text(&want));
		}
	}
}

/* UTF-16 without a mark is known by the NULs in ASCII, in one of two patterns and no other. */
static void test_check_start(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 16; bits++) {
		char start[BODY_START];
		struct err e;
		for (unsigned i = 0; i < BODY_START; i++)
			start[i] = bits >> i & 1 ? 'x' : '\0';
		struct str text = str_n(start, BODY_START);
		CHECK_ROW("pattern", body_check_start(text, &e), bits != 5 && bits != 10);
		CHECK_ROW("short", body_check_start(str_head(text, BODY_START - 1), &e), true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check_start),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_middle),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_crs),
		cmocka_unit_test(test_many_crs),
		cmocka_unit_test(test_stuff_end),
		cmocka_unit_test(test_unstuff),
	};
	return cmocka_run_group_tests_name("body", tests, NULL, NULL);
}

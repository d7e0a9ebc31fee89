/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "mail/header.h"

/* Feeds text in pieces; everything that is body lands in *ret_body. */
static void feed(struct header *h, struct str text, size_t cut, struct buf *ret_body)
{
	header_init(h);
	h->is_input = true;
	buf_clear(ret_body);
	while (text.len && !h->done && !h->too_large) {
		struct str piece = str_head(text, cut);
		size_t used = header_feed(h, piece);
		assert_true(used <= piece.len);
		assert_true(used == piece.len || h->done || h->too_large);
		text = str_from(text, used);
	}
	if (!text.len)
		header_finish(h);
	buf_add(ret_body, buf_str(&h->stray));
	buf_add(ret_body, buf_str(&h->rest));
	buf_add(ret_body, text);
}

enum { MBOX = 1, NUL = 2, HIGH = 4, LONE = 8 };

/* Input; the canonical header; what is body; names joined by '|'; flags. */
static const struct {
	struct str raw;
	const char *text, *body, *names;
	int flags;
} rows[] = {
	{ TEXT("A: 1\r\nB: 2\r\n\r\nbody"), "A: 1\r\nB: 2\r\n", "body", "A|B|", 0 },
	{ TEXT("A: 1\nB: 2\n\nbody"), "A: 1\r\nB: 2\r\n", "body", "A|B|", 0 },
	{ TEXT("A: 1\n"), "A: 1\r\n", "", "A|", 0 },
	{ TEXT("A: 1"), "A: 1\r\n", "", "A|", 0 },
	{ TEXT("A: 1\r"), "A: 1\r\n", "", "A|", 0 },
	{ TEXT("A: 1\n 2\n\t3\nB: 4\n\n"), "A: 1\r\n 2\r\n\t3\r\nB: 4\r\n", "", "A|B|", 0 },
	{ TEXT("A: 1\n 2"), "A: 1\r\n 2\r\n", "", "A|", 0 },
	{ TEXT("A:\n \n\nx"), "A:\r\n \r\n", "x", "A|", 0 },
	{ TEXT(""), "", "", "", 0 },
	{ TEXT("\n"), "", "", "", 0 },
	{ TEXT("\r\n"), "", "", "", 0 },
	{ TEXT("\nbody\n"), "", "body\n", "", 0 },
	{ TEXT("\r\r\r\nbody\n"), "", "body\n", "", 0 },
	{ TEXT("no header\nat all\n"), "", "no header\nat all\n", "", 0 },
	{ TEXT("no header"), "", "no header", "", 0 },
	{ TEXT("A: 1\nno field\nB: 2\n"), "A: 1\r\n", "no field\nB: 2\n", "A|", 0 },
	{ TEXT("A: 1\nno field\r\nB: 2\n"), "A: 1\r\n", "no field\r\nB: 2\n", "A|", 0 },
	{ TEXT(" A: 1\nB: 2\n"), "", " A: 1\nB: 2\n", "", 0 },
	{ TEXT("\tx\n\nA: 1\n"), "", "\tx\n\nA: 1\n", "", 0 },
	{ TEXT(": 1\nB: 2\n"), "", ": 1\nB: 2\n", "", 0 },
	{ TEXT("A B: 1\n"), "", "A B: 1\n", "", 0 },
	{ TEXT("\xc3\xa9: 1\n"), "", "\xc3\xa9: 1\n", "", 0 },
	/* spellings */
	{ TEXT("Bcc:a\nBCC :b\nbcC\t :c\n\n"), "Bcc:a\r\nBCC :b\r\nbcC\t :c\r\n", "",
		"Bcc|BCC|bcC|", 0 },
	{ TEXT("Bcc\n :a\n"), "", "Bcc\n :a\n", "", 0 },
	{ TEXT("Bcc\r: a\n"), "Bcc : a\r\n", "", "Bcc|", LONE },
	{ TEXT("\0B\0cc\0: a\0\n"), "Bcc: a?\r\n", "", "Bcc|", NUL },
	{ TEXT("\xef\xbb\xbf"
	       "A: 1\nB: 2\n"),
		"A: 1\r\nB: 2\r\n", "", "A|B|", 0 },
	{ TEXT("\xef\xbb\xbf\n"), "", "", "", 0 },
	{ TEXT("\xef\xbb\xbftext\n"), "", "\xef\xbb\xbftext\n", "", 0 },
	/* mbox */
	{ TEXT("From a@b Thu Jan  1\nA: 1\n\nx"), "A: 1\r\n", "x", "A|", MBOX },
	{ TEXT("From a@b 00:00:00\r\r\nA: 1\n\nx"), "A: 1\r\n", "x", "A|", MBOX },
	{ TEXT("From a\nFrom b\nA: 1\n"), "A: 1\r\n", "", "A|", MBOX },
	{ TEXT(">From a\n>>From b\nFrom c\nA: 1\n"), "A: 1\r\n", "", "A|", MBOX },
	{ TEXT(">From: a\nB: 1\n"), ">From: a\r\nB: 1\r\n", "", ">From|B|", 0 },
	{ TEXT("> From a\nB: 1\n"), "", "> From a\nB: 1\n", "", 0 },
	{ TEXT("A: 1\n>From a\nB: 2\n"), "A: 1\r\n", ">From a\nB: 2\n", "A|", 0 },
	/* between fields it must have its date */
	{ TEXT("A: 1\nFrom a@b  Tue Sep  7 17:22:15 2002\nB: 2\n"), "A: 1\r\nB: 2\r\n", "", "A|B|",
		MBOX },
	{ TEXT("A: 1\nFrom a Mon Jan 1 0:00 2002\r\nFrom b Tue Jan 2 10:00 2002\n\nx"), "A: 1\r\n",
		"From a Mon Jan 1 0:00 2002\r\nFrom b Tue Jan 2 10:00 2002\n\nx", "A|", 0 },
	{ TEXT("A: 1\nFrom a Mon Jan 1 10:00 MET 2002\n\nx"), "A: 1\r\n", "x", "A|", MBOX },
	{ TEXT("A: 1\n>From a Mon Jan 1 10:00 2002\n"), "A: 1\r\n",
		">From a Mon Jan 1 10:00 2002\n", "A|", 0 },
	{ TEXT("A: 1\nFrom a Mon Jan x 10:00 2002\n"), "A: 1\r\n", "From a Mon Jan x 10:00 2002\n",
		"A|", 0 },
	{ TEXT("A: 1\nFrom a Mo Jan 1 10:00 2002\n"), "A: 1\r\n", "From a Mo Jan 1 10:00 2002\n",
		"A|", 0 },
	{ TEXT("A: 1\nFrom a Mon J1n 1 10:00 2002\n"), "A: 1\r\n", "From a Mon J1n 1 10:00 2002\n",
		"A|", 0 },
	{ TEXT("A: 1\nFrom now on: Mon Jan 111 10:00 x\n"), "A: 1\r\n",
		"From now on: Mon Jan 111 10:00 x\n", "A|", 0 },
	{ TEXT("A: 1\nFrom a Mon Jan 1 1000\nB: 2\n"), "A: 1\r\n", "From a Mon Jan 1 1000\nB: 2\n",
		"A|", 0 },
	{ TEXT("A: 1\nFrom a Mon Jan 1 10:00\n 2\n"), "A: 1\r\n 2\r\n", "", "A|", MBOX },
	/* blanks before the header */
	{ TEXT("  \n\t\r\nA: 1\n"), "A: 1\r\n", "", "A|", 0 },
	{ TEXT(" \nFrom a\n \nA: 1\n"), "A: 1\r\n", "", "A|", MBOX },
	{ TEXT(" \n\nA: 1\n"), "", "A: 1\n", "", 0 },
	{ TEXT(" \nx\n"), "", "x\n", "", 0 },
	/* CR alone ends lines */
	{ TEXT("A: 1\rB: 2\r\rbody\rmore"), "A: 1\r\nB: 2\r\n", "body\rmore", "A|B|", 0 },
	{ TEXT("A: 1\r 2\rB: 3\r"), "A: 1\r\n 2\r\nB: 3\r\n", "", "A|B|", 0 },
	{ TEXT("A: 1\rno field\rB: 2\r"), "A: 1\r\n", "no field\nB: 2\r", "A|", 0 },
	{ TEXT("From a\rA: 1\r\r"), "A: 1\r\n", "", "A|", MBOX },
	{ TEXT("A: 1\rB: 2\r\rx\n"), "A: 1 B: 2  x\r\n", "", "A|", LONE },
	{ TEXT("A: 1\nFrom a\nB: 2\n"), "A: 1\r\n", "From a\nB: 2\n", "A|", 0 },
	{ TEXT("From : a\nFrom: b\n"), "From : a\r\nFrom: b\r\n", "", "From|From|", 0 },
	{ TEXT("From a"), "", "", "", MBOX },
	{ TEXT("From a\n\nx"), "", "x", "", MBOX },
	/* line ends */
	{ TEXT("A: 1\r\r\nB: 2\r\r\r\n\r\r\nx"), "A: 1\r\nB: 2\r\n", "x", "A|B|", 0 },
	{ TEXT("A: 1\rB: 2\n\n"), "A: 1 B: 2\r\n", "", "A|", LONE },
	{ TEXT("A: 1\r\rBcc: 2\r\n\n"), "A: 1  Bcc: 2\r\n", "", "A|", LONE },
	{ TEXT("A: 1\n\rB: 2\n\n"), "A: 1\r\n B: 2\r\n", "", "A|", LONE },
	{ TEXT("A: 1\0\n 2\0\n"), "A: 1?\r\n 2?\r\n", "", "A|", NUL },
	{ TEXT("A\0: 1\n"), "A: 1\r\n", "", "A|", NUL },
	{ TEXT("no\0field\n"), "", NULL, "", 0 },
	{ TEXT("\0\0\r\nBcc: a\n"), "", NULL, "", 0 },
	{ TEXT("A: \xe9\n"), "A: \xe9\r\n", "", "A|", HIGH },
};

static void check_row(size_t i, size_t cut)
{
	struct buf body CLEAN_UP(buf_done) = BUF_INIT(1000);
	struct buf names CLEAN_UP(buf_done) = BUF_INIT(1000);
	const char *row = rows[i].raw.p;
	struct header h;

	feed(&h, rows[i].raw, cut, &body);
	for (size_t k = 0; k < h.count; k++) {
		buf_add(&names, field_name(&h, &h.fields[k]));
		buf_char(&names, '|');
	}
	CHECK_ROW(row, h.done, true);
	CHECK_TEXT(row, buf_str(&h.text), rows[i].text);
	CHECK_STR(row, buf_str(&body), rows[i].body ? str_of(rows[i].body) : rows[i].raw);
	CHECK_TEXT(row, buf_str(&names), rows[i].names);
	int flags = (h.had_mbox_line ? MBOX : 0) | (h.has_nul ? NUL : 0) | (h.has_8bit ? HIGH : 0) |
		    (h.has_lone_cr ? LONE : 0);
	CHECK_ROW(row, flags, rows[i].flags);
	header_done(&h);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t k = 0; k < ARRAY_LEN(cuts); k++)
			check_row(i, cuts[k]);
}

static void test_fields(void **state)
{
	(void)state;
	struct buf body CLEAN_UP(buf_done) = BUF_INIT(1000);
	struct header h;
	feed(&h, STR("Subject:  a\n b \nTo\t:x\nsubject:second\nEmpty:\n\n"), SIZE_MAX, &body);
	assert_int_equal(h.count, 4);
	const struct field *f = header_find(&h, "SUBJECT");
	assert_ptr_equal(f, &h.fields[0]);
	CHECK_TEXT("value", field_value(&h, f), "  a\r\n b ");
	CHECK_TEXT("whole", field_whole(&h, f), "Subject:  a\r\n b \r\n");
	f = header_find(&h, "to");
	CHECK_TEXT("name", field_name(&h, f), "To");
	CHECK_TEXT("value", field_value(&h, f), "x");
	f = header_find(&h, "empty");
	CHECK_TEXT("value", field_value(&h, f), "");
	assert_null(header_find(&h, "Subj"));
	assert_null(header_find(&h, "Subjects"));
	header_done(&h);
	header_done(&h);
}

/* The same, whatever the pieces: everything that is found must agree. */
static void check_cuts(const char *row, struct str text)
{
	struct buf body CLEAN_UP(buf_done) = BUF_INIT(4 << 20);
	struct buf first CLEAN_UP(buf_done) = BUF_INIT(4 << 20);
	static const size_t sizes[] = { SIZE_MAX, 4096, 1000, 999, 7, 1 };
	struct header whole, h;

	feed(&whole, text, SIZE_MAX, &first);
	for (size_t i = 1; i < ARRAY_LEN(sizes); i++) {
		feed(&h, text, sizes[i], &body);
		CHECK_ROW(row, h.too_large, whole.too_large);
		CHECK_ROW(row, h.count, whole.count);
		CHECK_ROW(row, h.had_mbox_line, whole.had_mbox_line);
		CHECK_ROW(row, str_eq(buf_str(&h.text), buf_str(&whole.text)), true);
		if (!h.too_large)
			CHECK_ROW(row, str_eq(buf_str(&body), buf_str(&first)), true);
		header_done(&h);
	}
	header_done(&whole);
}

static void test_long_lines(void **state)
{
	(void)state;
	static const struct {
		const char *before;
		char fill;
		const char *after;
	} kinds[] = {
		{ "", 'x', "\nB: 2\n" },
		{ "", 'x', ": 1\n\nbody" },
		{ "A: 1\n", 'x', "\nB: 2\n" },
		{ "A: ", 'x', "\n\nbody" },
		{ "A: 1\n ", 'x', ": 1\n\nbody" },
		{ "A", ' ', ": 1\n\nbody" },
		{ "From ", 'x', "\nA: 1\n\nbody" },
		{ "", '\r', "\nA: 1\n\nbody" },
		{ "A: 1\n", '\r', "\nbody" },
		{ "A: 1\n", '\r', "x: 1\nbody" },
		{ "A: 1", '\r', "\nB: 2\n\nbody" },
		{ "", ' ', "A: 1\n" },
		{ "A", ' ', "b\rB: 2" },
		{ "", 'x', " \rB: 2" },
		{ "A b", ' ', "\rB: 2\r" },
		{ "A: 1\r", 'x', "\r\rB: 2" },
		{ "A b", ' ', "\r\r" },
	};
	static const size_t sizes[] = { 900, 990, 995, 998, 999, 1000, 1001, 1005, 5000 };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
			struct buf b CLEAN_UP(buf_done) = BUF_INIT(10000);
			buf_add(&b, str_of(kinds[i].before));
			for (size_t n = 0; n < sizes[k]; n++)
				buf_char(&b, kinds[i].fill);
			buf_add(&b, str_of(kinds[i].after));
			check_cuts(buf_text(&b), buf_str(&b));
		}
	}
}

/* A header of exactly `size` octets in its canonical form. */
static void check_size(size_t size, bool folded, bool fits)
{
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(2 * HEADER_MAX);
	struct buf body CLEAN_UP(buf_done) = BUF_INIT(2 * HEADER_MAX);
	struct header h;

	buf_add(&b, STR("A: "));
	while (b.len < size - 2) {
		if (folded && b.len % 1000 == 0 && b.len < size - 10)
			buf_add(&b, STR("\r\n "));
		else
			buf_char(&b, 'x');
	}
	buf_add(&b, STR("\r\n\r\nbody"));
	feed(&h, buf_str(&b), 65536, &body);
	assert_int_equal(h.too_large, !fits);
	assert_true(h.done == fits);
	if (fits)
		assert_int_equal(h.text.len, size);
	for (size_t i = 0; i < h.count; i++) /* what is there can be looked at */
		assert_true(h.fields[i].end <= h.text.len &&
			    h.fields[i].at + h.fields[i].name_len < h.fields[i].end);
	assert_null(header_find(&h, "Bcc"));
	header_done(&h);
}

static void test_limit(void **state)
{
	(void)state;
	for (int folded = 0; folded < 2; folded++) {
		check_size(HEADER_MAX - 1, folded, true);
		check_size(HEADER_MAX, folded, true);
		check_size(HEADER_MAX + 1, folded, false);
		check_size(HEADER_MAX + 2, folded, false);
		check_size(HEADER_MAX + 100000, folded, false);
	}
}

/* Many fields up to the limit: the one that does not fit is not half there. */
static void test_limit_fields(void **state)
{
	(void)state;
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(2 * HEADER_MAX);
	struct buf body CLEAN_UP(buf_done) = BUF_INIT(2 * HEADER_MAX);
	for (size_t i = 0; i < HEADER_MAX / 10; i++)
		buf_add(&b, STR("Name: value\r\n"));
	for (size_t k = 0; k < ARRAY_LEN(cuts); k++) {
		struct header h;
		feed(&h, buf_str(&b), cuts[k], &body);
		assert_true(h.too_large);
		assert_int_equal(h.count, HEADER_MAX / 13);
		assert_null(header_find(&h, "other"));
		header_done(&h);
	}
}

/* A body of one endless line is not a header that is too large. */
static void test_endless_line(void **state)
{
	(void)state;
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(2 * HEADER_MAX);
	struct buf body CLEAN_UP(buf_done) = BUF_INIT(2 * HEADER_MAX);
	while (b.len < 3 << 20)
		buf_add(&b, STR("0123456789abcdef"));
	for (int ended = 0; ended < 2; ended++) {
		for (size_t k = 0; k < 2; k++) {
			struct header h;
			feed(&h, buf_str(&b), k ? 65536 : SIZE_MAX, &body);
			assert_false(h.too_large);
			assert_true(h.done);
			assert_true(str_eq(buf_str(&body), buf_str(&b)));
			header_done(&h);
		}
		buf_char(&b, '\n');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_limit_fields),
		cmocka_unit_test(test_endless_line),
	};
	return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}

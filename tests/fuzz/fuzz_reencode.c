/* SPDX-License-Identifier: MIT */
/*
 * Messages: the same in any pieces; what is sent has the same parts with the same content (decoded
 * here by other code), is canonical, 7-bit where that was asked for, and is not changed again.
 */
#include "fuzz.h"

#include "mail/body.h"
#include "mime/part_walk.h"
#include "mime/reencode.h"

enum { LIMIT = 1 << 28 };

static void make_canonical(struct str raw, struct buf *out)
{
	struct canon c = { 0 };
	struct buf piece CLEAN_UP(buf_done) = BUF_INIT(65536);

	while (raw.len) {
		raw = str_from(raw, canon_feed(&c, raw, &piece));
		buf_add(out, buf_str(&piece));
		buf_clear(&piece);
	}
	claim(canon_end(&c, &piece));
	buf_add(out, buf_str(&piece));
}

static void check_canonical(struct str text)
{
	while (text.len) {
		size_t lf = str_find(text, '\n');
		claim(lf > 0 && lf < text.len && text.p[lf - 1] == '\r');
		claim(str_find(text, '\r') == lf - 1);
		text = str_from(text, lf + 1);
	}
}

/* One run; false: refused. What is not changed is copied. */
static bool run(
	struct str text, unsigned wanted, size_t cut, struct reencode_outcome *ret, struct buf *out)
{
	struct reencode *m = reencode_new();
	struct buf small CLEAN_UP(buf_done) = BUF_INIT(cut);
	struct err e;

	for (size_t at = 0; at < text.len; at += cut)
		reencode_survey(m, str_head(str_from(text, at), cut));
	bool good = reencode_decide(m, wanted, ret, &e);
	claim(good || (e.kind == ERR_DATA && e.what[0] && e.hint[0]));
	claim(good || wanted & REENCODE_SEVENBIT);
	if (good && !ret->changes)
		buf_add(out, text);
	for (struct str rest = text; good && ret->changes && rest.len;) {
		rest = str_from(rest, reencode_copy(m, str_head(rest, cut), &small));
		buf_add(out, buf_str(&small));
		buf_clear(&small);
	}
	for (bool done = !good || !ret->changes; !done;) {
		done = reencode_copy_end(m, &small);
		buf_add(out, buf_str(&small));
		buf_clear(&small);
	}
	reencode_free(m);
	return good;
}

/* --- the decoded parts, one after the other --- */

struct reader {
	struct part_walk_state walk;
	struct buf *out;
	bool decode;          /* quoted-printable where the other message is not */
	const struct buf *as; /* a character for each part: 'q' if it is quoted-printable */
	struct buf seen;
	struct buf held; /* content that was quoted-printable before, not yet decoded */
};

static int digit(char c)
{
	return chr_is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A line with its line end, of what our own encoder wrote. */
static void decode(struct str line, struct buf *out)
{
	claim(line.len <= 78);
	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] != '=') {
			buf_char(out, line.p[i]);
			continue;
		}
		claim(i + 2 < line.len);
		if (line.p[i + 1] == '\r')
			return;
		int high = digit(line.p[i + 1]), low = digit(line.p[i + 2]);
		claim(high >= 0 && low >= 0);
		buf_char(out, (char)(high << 4 | low));
		i += 2;
	}
}

/* What somebody else wrote: soft line breaks go, "=XX" is an octet, all else stands for itself. */
static void decode_held(struct reader *r)
{
	struct str s = buf_str(&r->held);

	while (s.len) {
		int high = s.len > 2 ? digit(s.p[1]) : -1, low = s.len > 2 ? digit(s.p[2]) : -1;
		bool is_octet = s.p[0] == '=' && high >= 0 && low >= 0;
		bool is_soft = str_starts(s, STR("=\r\n"));
		if (!is_soft)
			buf_char(r->out, (char)(is_octet ? high << 4 | low : s.p[0]));
		s = str_from(s, is_octet || is_soft ? 3 : 1);
	}
	buf_clear(&r->held);
}

/* Between parts nothing outside ASCII need survive. */
static void add_outside(struct str octets, struct buf *out)
{
	for (size_t i = 0; i < octets.len; i++)
		buf_char(out, (unsigned char)octets.p[i] > 0x7f ? '?' : octets.p[i]);
}

static void read_part(void *ctx, enum part_walk_what what, struct str octets)
{
	struct reader *r = ctx;

	if (what != PART_WALK_BODY)
		decode_held(r);

	if (what == PART_WALK_HEADER_END) {
		buf_fmt(r->out, "[%zu:%zu:%d:%s]", r->walk.part, r->walk.depth, r->walk.entity.kind,
			r->walk.entity.type);
		buf_char(&r->seen, r->walk.entity.encoding == ENCODING_QP ? 'q' : '-');
	} else if (what == PART_WALK_OUTSIDE) {
		add_outside(octets, r->out);
	} else if (what == PART_WALK_BODY) {
		const struct buf *as = r->as ? r->as : &r->seen;
		bool was = r->walk.part < as->len && as->data[r->walk.part] == 'q';
		bool is = r->seen.data[r->walk.part] == 'q';
		if (was)
			buf_add(&r->held, octets);
		else if (is)
			decode(octets, r->out);
		else
			buf_add(r->out, octets);
	}
}

/* as: how the parts of the original were encoded; NULL: this is the original. */
static struct buf read_parts(struct str text, const struct buf *as, struct buf *out)
{
	struct reader r = {
		.out = out, .as = as, .seen = BUF_INIT(LIMIT), .held = BUF_INIT(LIMIT)
	};

	part_walk_init(&r.walk, read_part, &r);
	part_walk_feed(&r.walk, text);
	part_walk_end(&r.walk);
	decode_held(&r);
	buf_done(&r.held);
	part_walk_done(&r.walk);
	return r.seen;
}

static void check_content(struct str text, struct str sent)
{
	struct buf before CLEAN_UP(buf_done) = BUF_INIT(LIMIT);
	struct buf after CLEAN_UP(buf_done) = BUF_INIT(LIMIT);
	struct buf as CLEAN_UP(buf_done) = read_parts(text, NULL, &before);
	struct buf now CLEAN_UP(buf_done) = read_parts(sent, &as, &after);

	claim(now.len == as.len);
	claim(str_eq(buf_str(&before), buf_str(&after)));
}

static void check(struct str text, unsigned wanted, size_t cut)
{
	struct buf sent CLEAN_UP(buf_done) = BUF_INIT(LIMIT);
	struct buf pieces CLEAN_UP(buf_done) = BUF_INIT(LIMIT);
	struct buf again CLEAN_UP(buf_done) = BUF_INIT(LIMIT);
	struct reencode_outcome did, same, then;

	bool good = run(text, wanted, text.len + 1, &did, &sent);
	claim(run(text, wanted, cut, &same, &pieces) == good);
	claim(str_eq(buf_str(&sent), buf_str(&pieces)));
	if (!good)
		return;
	claim(did.recoded == same.recoded && did.passed == same.passed);
	check_canonical(buf_str(&sent));
	claim(did.has_8bit == !str_is_ascii(buf_str(&sent)));
	claim(!(wanted & REENCODE_SEVENBIT) || !did.has_8bit);
	claim(did.changes || str_eq(buf_str(&sent), text));
	check_content(text, buf_str(&sent));
	claim(run(buf_str(&sent), wanted, cut, &then, &again));
	claim(!then.changes && then.passed == did.passed && then.has_8bit == did.has_8bit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	size_t cut = input_octet(&in) % 16 + 1;
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(LIMIT);

	make_canonical(in.rest, &text);
	check(buf_str(&text), REENCODE_SEVENBIT, cut);
	check(buf_str(&text), REENCODE_LONG_LINES, cut);
	check(buf_str(&text), REENCODE_SEVENBIT | REENCODE_LONG_LINES, cut);
	return 0;
}

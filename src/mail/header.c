/* SPDX-License-Identifier: MIT */
#include "mail/header.h"

#include "base/mem.h"

#include <string.h>

enum {
	FIELD_NAME_MAX = 1000, /* a partial line this long without a ':' is no field */
	MBOX_LINE = 500,       /* nor a line of mbox, one that is longer */
	PIECE = 65536
};

void header_init(struct header *h)
{
	*h = (struct header) {
		.text = BUF_INIT(HEADER_MAX),
		.line = BUF_INIT(HEADER_MAX),
		.hidden = BUF_INIT(HEADER_MAX),
		.stray = BUF_INIT(HEADER_MAX),
		.rest = BUF_INIT(HEADER_MAX),
	};
}

void header_done(struct header *h)
{
	buf_done(&h->text);
	buf_done(&h->line);
	buf_done(&h->hidden);
	buf_done(&h->stray);
	buf_done(&h->rest);
	mem_free(h->fields);
	*h = (struct header) { 0 };
}

/* Length of what may be a field name (33-126 except ':', RFC 5322 2.2), and where ':' must be. */
static size_t scan_name(struct str line, size_t *ret_colon)
{
	size_t n = 0;

	while (n < line.len && line.p[n] > ' ' && line.p[n] < 0x7f && line.p[n] != ':')
		n++;
	size_t colon = n;
	while (colon < line.len && chr_is_blank(line.p[colon]))
		colon++;
	*ret_colon = colon;
	return n < FIELD_NAME_MAX ? n : 0;
}

/* Length of the field name that begins the line; 0 if it begins no field. */
static size_t name_length(struct str line, size_t *ret_value_at)
{
	size_t colon, n = scan_name(line, &colon);

	if (!n || colon == line.len || line.p[colon] != ':')
		return 0;
	*ret_value_at = colon + 1;
	return n;
}

/* Appends a line to text, with CRLF, lone CRs and NULs made canonical. */
static void add_line(struct header *h, struct str line)
{
	size_t at = h->text.len;

	buf_add(&h->text, line);
	buf_add(&h->text, STR("\r\n"));
	if (h->text.over)
		return;
	for (size_t i = at; i < at + line.len; i++) {
		char c = h->text.data[i];
		h->has_nul |= c == '\0';
		h->has_lone_cr |= c == '\r';
		h->has_8bit |= (unsigned char)c > 0x7f;
		if (c == '\0' || c == '\r')
			h->text.data[i] = c ? ' ' : '?';
	}
}

static void add_field(struct header *h, struct str line, size_t name_len, size_t value_at)
{
	size_t at = h->text.len;

	if (h->count == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 16;
		h->fields = mem_grow(h->fields, h->cap * sizeof(*h->fields));
	}
	add_line(h, line);
	if (h->text.over)
		return;
	h->fields[h->count++] = (struct field) {
		.at = at,
		.name_len = name_len,
		.value_at = at + value_at,
		.end = h->text.len,
	};
}

/* The line without a byte order mark in front of the first field's name. */
static struct str without_bom(const struct header *h, struct str line)
{
	bool bom = h->is_input && !h->text.len && str_starts(line, STR("\xef\xbb\xbf"));

	return bom ? str_from(line, 3) : line;
}

/* The next word of a line, and the blanks before it. */
static struct str cut_word(struct str *line)
{
	while (line->len && chr_is_blank(line->p[0]))
		*line = str_from(*line, 1);
	size_t n = 0;
	while (n < line->len && !chr_is_blank(line->p[n]))
		n++;
	struct str word = str_head(*line, n);
	*line = str_from(*line, n);
	return word;
}

static bool are_letters(struct str word)
{
	return word.len == 3 && chr_is_alpha(word.p[0]) && chr_is_alpha(word.p[1]) &&
	       chr_is_alpha(word.p[2]);
}

/* "From " sender, "Tue Sep 17 17:22:15 2002": no sentence of a text looks so (RFC 4155). */
static bool has_mbox_date(struct str line)
{
	(void)cut_word(&line);
	(void)cut_word(&line);
	bool named = are_letters(cut_word(&line)) && are_letters(cut_word(&line));
	struct str day = cut_word(&line), time = cut_word(&line);

	return named && day.len && day.len <= 2 && chr_is_digit(day.p[0]) && time.len >= 5 &&
	       chr_is_digit(time.p[0]) && time.p[time.len - 3] == ':';
}

/*
 * Whether it is a line of mbox, or, if it has not ended, may become one. Mail handlers that write
 * fields of their own in front of a message leave one between fields; it must have its date.
 */
static bool is_mbox_line(const struct header *h, struct str line, bool ended)
{
	struct str from = STR("From ");

	if (!h->is_input && (h->count || h->had_mbox_line))
		return false;
	if (h->count && (line.len > MBOX_LINE || (ended && !has_mbox_date(line))))
		return false;
	while (h->is_input && !h->count && line.len && line.p[0] == '>')
		line = str_from(line, 1);
	return str_starts(line, ended ? from : str_head(from, line.len));
}

/* A line of blanks alone, before the first field. */
static bool is_blank_line(const struct header *h, struct str line)
{
	size_t n = 0;

	while (n < line.len && chr_is_blank(line.p[n]))
		n++;
	return h->is_input && !h->count && n && n == line.len;
}

/*
 * The line with NULs and lone CRs replaced. NULs in the name of a field are dropped, so that none
 * hides what the field is. The result is in `scratch` if the line has any.
 */
static struct str readable(struct str line, struct buf *scratch)
{
	bool in_value = line.len && chr_is_white(line.p[0]); /* a continuation */

	if (str_find(line, '\0') == line.len && str_find(line, '\r') == line.len)
		return line;
	for (size_t i = 0; i < line.len; i++) {
		char c = line.p[i];
		in_value |= c == ':';
		if (c || in_value)
			buf_char(scratch, c == '\r' ? ' ' : c);
	}
	return buf_str(scratch);
}

/* Notes what would be a field if a CR alone ended lines. NULs in its name hide nothing. */
static void note_hidden(struct header *h, struct str line)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);

	(void)str_cut(&line, '\r');
	while (line.len) {
		struct str written = str_cut(&line, '\r');
		buf_clear(&text);
		for (size_t i = 0; i < written.len; i++)
			if (written.p[i])
				buf_char(&text, written.p[i]);
		struct str name = header_line_name(buf_str(&text));
		if (name.len)
			buf_fmt(&h->hidden, "%zu %.*s\n", h->lines, STR_ARG(name));
	}
}

/* Notes what a line had that is not sent. in_header: it is a field, or continues one. */
static void note_replaced(struct header *h, struct str written, bool in_header)
{
	note_hidden(h, written);
	h->has_nul |= in_header && str_find(written, '\0') < written.len;
	h->has_lone_cr |= in_header && str_find(written, '\r') < written.len;
}

/* The line at which the header ends; it begins the body if it is not empty: NULs alone are text. */
static void end_at_line(struct header *h, struct str line, struct str raw, bool ended)
{
	h->done = true;
	if (!line.len)
		return;
	buf_add(&h->stray, raw);
	if (ended)
		buf_char(&h->stray, '\n');
}

/* Takes a raw line without its LF. ended: it had one. */
static void take_header_line(struct header *h, struct str raw, bool ended)
{
	struct buf scratch CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);
	struct str line = without_bom(h, raw);
	size_t value_at = 0;

	h->lines++;
	while (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	struct str written = line;
	line = readable(line, &scratch);
	size_t name_len = name_length(line, &value_at);
	bool continues = line.len && h->count && chr_is_blank(line.p[0]);
	if (line.p != written.p)
		note_replaced(h, written, name_len || continues);
	if (name_len) {
		add_field(h, line, name_len, value_at);
	} else if (continues) {
		add_line(h, line);
		h->fields[h->count - 1].end = h->text.len;
	} else if (is_mbox_line(h, line, true)) {
		h->had_mbox_line = true;
	} else if (!is_blank_line(h, line)) {
		end_at_line(h, written, raw, ended);
	}
	h->too_large |= h->text.over || h->stray.over || h->hidden.over;
}

/* Whether the current line, which has not ended, may still be part of the header. */
static bool may_be_header(const struct header *h, struct str raw)
{
	struct buf scratch CLEAN_UP(buf_done) = BUF_INIT(2 * FIELD_NAME_MAX);
	struct str start = str_head(without_bom(h, raw), 2 * FIELD_NAME_MAX);
	struct str line = readable(start, &scratch);
	size_t colon, n = scan_name(line, &colon), crs = 0;

	if (n && (colon == line.len || line.p[colon] == ':'))
		return true;
	while (crs < raw.len && raw.p[crs] == '\r')
		crs++;
	return crs == raw.len || !line.len || (h->count && chr_is_blank(line.p[0])) ||
	       is_mbox_line(h, without_bom(h, raw), false) || is_blank_line(h, line);
}

/* Where the current line ends in these octets; their number if it does not. */
static size_t find_line_end(const struct header *h, struct str raw)
{
	size_t n = str_find(raw, '\n');

	return h->has_cr_lines ? str_find(str_head(raw, n), '\r') : n;
}

/* There is no LF: what was kept as one line is lines that end in CR. */
static void split_at_crs(struct header *h)
{
	struct buf kept CLEAN_UP(buf_done) = h->line;
	struct str rest = buf_str(&kept);

	h->line = BUF_INIT(HEADER_MAX);
	h->has_cr_lines = true;
	while (!h->done && rest.len) {
		size_t n = str_find(rest, '\r');
		h->after_cr = n < rest.len;
		if (h->after_cr)
			take_header_line(h, str_head(rest, n), true);
		else
			buf_add(&h->line, rest);
		rest = str_from(rest, n + 1);
	}
	buf_add(&h->rest, rest);
}

/* Whether it may still turn out that CRs alone end lines. */
static bool is_undecided(const struct header *h)
{
	return h->is_input && !h->seen_lf && !h->has_cr_lines && !h->done;
}

/* Whether they do if no LF comes: other octets follow one. */
static bool may_have_cr_lines(const struct header *h)
{
	struct str line = buf_str(&h->line);

	while (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	return is_undecided(h) && str_find(line, '\r') < line.len;
}

/*
 * Ends the header if the current line can only be body, even before that line is complete. A CR
 * counts where it is among the first octets alone: what came in one piece is no other header.
 */
static void give_up_line(struct header *h)
{
	struct str line = buf_str(&h->line);

	if (line.len < FIELD_NAME_MAX || may_be_header(h, line))
		return;
	if (is_undecided(h) && str_find(str_head(line, FIELD_NAME_MAX), '\r') < FIELD_NAME_MAX)
		return;
	h->done = true;
	h->lines++;
	buf_add(&h->stray, line);
	buf_clear(&h->line);
}

/* How many octets may be taken before it is decided what ends lines. */
static size_t most_at_once(const struct header *h)
{
	return is_undecided(h) ? HEADER_CR_OCTETS - h->line.len : PIECE;
}

/* The LF of a CRLF after which CRs alone end lines. */
static bool is_second_half(struct header *h, struct str raw)
{
	bool is = h->has_cr_lines && h->after_cr && raw.p[0] == '\n';

	h->after_cr = false;
	return is;
}

size_t header_feed(struct header *h, struct str raw)
{
	size_t used = 0;

	while (!h->done && !h->too_large && used < raw.len) {
		struct str rest = str_head(str_from(raw, used), most_at_once(h));
		if (is_second_half(h, rest)) {
			used++;
			continue;
		}
		size_t n = find_line_end(h, rest);
		bool ended = n < rest.len;
		used += n + ended;
		h->seen_lf |= ended;
		h->after_cr = ended && rest.p[n] == '\r';
		if (ended && !h->line.len) {
			take_header_line(h, str_head(rest, n), true);
			continue;
		}
		buf_add(&h->line, str_head(rest, n));
		h->too_large |= h->line.over;
		if (ended) {
			take_header_line(h, buf_str(&h->line), true);
			buf_clear(&h->line);
		} else {
			give_up_line(h);
			if (h->line.len >= HEADER_CR_OCTETS && is_undecided(h))
				split_at_crs(h);
		}
	}
	return used;
}

void header_finish(struct header *h)
{
	if (may_have_cr_lines(h))
		split_at_crs(h);
	if (!h->done && h->line.len)
		take_header_line(h, buf_str(&h->line), false);
	buf_clear(&h->line);
	h->done = true;
}

struct str header_line_name(struct str line)
{
	size_t value_at;

	return str_head(line, name_length(line, &value_at));
}

struct str field_name(const struct header *h, const struct field *f)
{
	return str_n(h->text.data + f->at, f->name_len);
}

struct str field_value(const struct header *h, const struct field *f)
{
	return str_n(h->text.data + f->value_at, f->end - 2 - f->value_at);
}

struct str field_whole(const struct header *h, const struct field *f)
{
	return str_n(h->text.data + f->at, f->end - f->at);
}

bool field_is(const struct header *h, const struct field *f, const char *name)
{
	return str_same(field_name(h, f), str_of(name));
}

const struct field *header_find(const struct header *h, const char *name)
{
	for (size_t i = 0; i < h->count; i++)
		if (field_is(h, &h->fields[i], name))
			return &h->fields[i];
	return NULL;
}

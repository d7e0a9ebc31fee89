/* SPDX-License-Identifier: MIT */
#include "mail/aliases.h"

#include "base/mem.h"
#include "base/printable.h"

#include <string.h>

/* --- names --- */

void aliases_done(struct aliases *a)
{
	for (size_t i = 0; i < a->count; i++)
		mem_free(a->rows[i].copy);
	mem_free(a->rows);
	lookup_done(&a->names);
	*a = (struct aliases) { 0 };
}

static bool has_name(const void *rows, size_t position, const void *name)
{
	return str_same(((const struct alias *)rows)[position].name, *(const struct str *)name);
}

struct alias *aliases_find(const struct aliases *a, struct str name)
{
	ptrdiff_t at = lookup_find(&a->names, lookup_hash(name, 0), has_name, a->rows, &name);

	return at == LOOKUP_NONE ? NULL : &a->rows[at];
}

/* --- words --- */

/* Whether the scanner is inside quotes or a comment in parentheses. */
struct scan {
	bool quoted, pair; /* pair: after a backslash */
	unsigned depth;
};

static void scan_on(struct scan *s, char c)
{
	bool inside = s->quoted || s->depth;

	if (s->pair)
		s->pair = false;
	else if (inside && c == '\\')
		s->pair = true;
	else if (!s->depth && c == '"')
		s->quoted = !s->quoted;
	else if (!s->quoted && c == '(')
		s->depth++;
	else if (!s->quoted && s->depth && c == ')')
		s->depth--;
}

static bool scan_is_inside(const struct scan *s)
{
	return s->quoted || s->depth;
}

static void skip_comment(struct alias_list *l)
{
	l->rest = str_from(l->rest, str_find(l->rest, '\n'));
}

static void skip_between(struct alias_list *l)
{
	while (l->rest.len) {
		char c = l->rest.p[0];
		if (c == '#') {
			skip_comment(l);
			continue;
		}
		if (c != ',' && !chr_is_white(c))
			return;
		l->line += c == '\n';
		l->rest = str_from(l->rest, 1);
	}
}

/* The next item without comments and line ends; false after the last. */
static bool next_item(struct alias_list *l, struct buf *out)
{
	struct scan scan = { 0 };

	buf_clear(out);
	skip_between(l);
	l->item_line = l->line;
	if (!l->rest.len)
		return false;
	while (l->rest.len) {
		char c = l->rest.p[0];
		bool inside = scan_is_inside(&scan);
		if ((!inside && c == ',') || (l->by_line && c == '\n'))
			break;
		if (!inside && c == '#' && chr_is_white(out->data[out->len - 1])) {
			skip_comment(l);
			continue;
		}
		scan_on(&scan, c);
		l->line += c == '\n';
		buf_char(out, c == '\n' || c == '\r' ? ' ' : c);
		l->rest = str_from(l->rest, 1);
	}
	return true;
}

/* --- the file --- */

struct reader {
	struct aliases *a;
	alias_report *tell;
	void *ctx;
};

static void report_problem(const struct reader *r, bool warning, unsigned line, struct err *e)
{
	e->kind = ERR_CONFIG;
	(void)err_in(e, "%s:%u", r->a->file, line);
	r->tell(r->ctx, warning, e);
}

/* Takes a line and its continuations: empty lines, comments, lines that begin with a space. */
static struct str take_lines(struct str *text, unsigned *ret_lines)
{
	struct str whole = *text;

	*ret_lines = 0;
	do {
		(void)str_cut(text, '\n');
		++*ret_lines;
	} while (text->len && (chr_is_white(text->p[0]) || text->p[0] == '#'));
	return str_head(whole, whole.len - text->len);
}

/* Position of the ':' after the name, which may be in quotes. */
static size_t find_colon(struct str lines)
{
	struct scan scan = { 0 };
	size_t i = 0;

	for (; i < lines.len && lines.p[i] != '\n'; i++) {
		if (lines.p[i] == ':' && !scan_is_inside(&scan))
			return i;
		scan_on(&scan, lines.p[i]);
	}
	return lines.len;
}

static bool misplaced_domain(struct str name, struct err *e)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(300);

	printable_add(&shown, str_head(name, 80));
	return err_set(e, ERR_CONFIG,
		"only names without a domain have aliases, so %s is never used", buf_text(&shown));
}

/* Takes the name in wire form. *ret_warning: the problem is only a warning. */
static bool take_name(struct str text, struct alias *row, bool *ret_warning, struct err *e)
{
	struct addr name;

	*ret_warning = false;
	row->name = text;
	if (str_is_ascii(text) && text.len < ADDR_MAX && addr_is_dot_atom(text) && text.p[0] != '-')
		return true;
	if (!addr_one(text, &name, e))
		return false;
	*ret_warning = !addr_is_bare(&name);
	if (*ret_warning)
		return misplaced_domain(text, e);
	row->copy = mem_str(name.text);
	row->name = str_of(row->copy);
	return true;
}

static bool add_row(struct aliases *a, struct alias *row, bool *ret_warning, struct err *e)
{
	const struct alias *first = aliases_find(a, row->name);

	if (first) {
		*ret_warning = true;
		return err_set(
			e, ERR_CONFIG, "the name is in line %u already, which counts", first->line);
	}
	if (a->count == a->cap) {
		a->cap = a->cap ? a->cap * 2 : 64;
		a->rows = mem_grow(a->rows, a->cap * sizeof(*a->rows));
	}
	lookup_add(&a->names, lookup_hash(row->name, 0), a->count);
	a->rows[a->count++] = *row;
	row->copy = NULL;
	return true;
}

static bool read_entry(
	struct aliases *a, struct str lines, unsigned line, bool *ret_warning, struct err *e)
{
	size_t colon = find_colon(lines);
	struct str name = str_trim_lines(str_head(lines, colon));
	struct alias row = { .targets = str_from(lines, colon + 1), .line = line };

	*ret_warning = false;
	if (chr_is_white(lines.p[0]))
		return err_set(e, ERR_CONFIG,
			"a line that begins with a blank goes on another, and "
			"none is above it");
	if (colon == lines.len)
		return err_set(e, ERR_CONFIG,
			"there is no \":\" (a line that goes on another begins "
			"with a blank)");
	if (!name.len)
		return err_set(e, ERR_CONFIG, "there is no name before the \":\"");
	bool good = take_name(name, &row, ret_warning, e) && add_row(a, &row, ret_warning, e);
	mem_free(row.copy);
	return good;
}

/* Whether this is only an empty line or a comment, which no line can continue. */
static bool is_empty(struct str text)
{
	struct str line = str_trim_lines(str_head(text, str_find(text, '\n')));

	return !line.len || line.p[0] == '#';
}

void aliases_read(
	struct aliases *ret, const char *file, struct str text, alias_report *told, void *ctx)
{
	struct reader r = { ret, told, ctx };
	unsigned line = 1, lines;
	bool warning;
	struct err e;

	*ret = (struct aliases) { .file = file };
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	for (; text.len; line += lines) {
		lines = 1;
		if (is_empty(text)) {
			(void)str_cut(&text, '\n');
			continue;
		}
		struct str entry = take_lines(&text, &lines);
		if (!read_entry(ret, entry, line, &warning, &e))
			report_problem(&r, warning, line, &e);
	}
}

/* --- targets --- */

void alias_target_done(struct alias_target *t)
{
	buf_done(&t->item);
}

/* The text inside the quotes, if they enclose all of it; otherwise text itself. */
static struct str inside_quotes(struct str text)
{
	struct scan scan = { 0 };
	size_t i = 0;

	if (!text.len || text.p[0] != '"')
		return text;
	do
		scan_on(&scan, text.p[i++]);
	while (i < text.len && scan.quoted);
	struct str behind = str_trim(str_from(text, i));
	bool address = scan.quoted || (behind.len && (behind.p[0] == '@' || behind.p[0] == '.'));
	return address ? text : str_n(text.p + 1, i - 2);
}

static bool is_delivery(struct str text)
{
	return text.len && (text.p[0] == '|' || text.p[0] == '/');
}

static bool refuse_delivery(struct str text, struct err *e)
{
	err_set(e, ERR_CONFIG, "mail is not handed to %s", text.p[0] == '|' ? "commands" : "files");
	return err_hint(e, "add an address, as in root: me@example.org");
}

bool alias_check_bare(const struct addr *a, struct err *e)
{
	struct str local = str_from(str_of(a->text), a->text[0] == '"');

	return !(addr_is_bare(a) && is_delivery(local)) || refuse_delivery(local, e);
}

static bool take_path(struct str text, struct buf *item, struct err *e)
{
	struct str path = inside_quotes(str_trim(text));

	if (!path.len || path.p[0] != '/')
		return err_set(e, ERR_CONFIG, ":include: needs a path that begins with \"/\"");
	if (str_find(path, '\0') < path.len)
		return err_set(e, ERR_CONFIG, ":include: has a path with a NUL");
	memmove(item->data, path.p, path.len); /* now the item is only the path */
	buf_cut(item, path.len);
	return true;
}

/* One mailbox, not a group: a ':' mostly means that a line end between two entries is missing. */
static bool take_address(struct str text, struct alias_target *ret, struct err *e)
{
	struct addr_list list = { .rest = text };
	struct addr second;
	struct err ignored;

	ret->last = text.p[0] == '\\';
	if (ret->last)
		list.rest = str_from(text, 1);
	enum addr_got got = addr_next(&list, &ret->addr, e);
	if (got == ADDR_BAD)
		return false;
	if (got == ADDR_END || list.in_group || addr_next(&list, &second, &ignored) != ADDR_END)
		return err_set(e, ERR_CONFIG, "addresses must be separated by commas");
	return alias_check_bare(&ret->addr, e);
}

enum alias_got alias_next(struct alias_list *l, struct alias_target *ret, struct err *e)
{
	if (!next_item(l, &ret->item))
		return ALIAS_END;
	struct str text = str_trim(buf_str(&ret->item));
	struct str inside = inside_quotes(text);
	bool good;

	if (ret->item.over)
		return err_set(e, ERR_CONFIG, "something is longer than %d octets", ALIAS_ITEM_MAX),
		       ALIAS_BAD;
	if (str_starts_same(inside, STR(":include:"))) {
		good = take_path(str_from(inside, 9), &ret->item, e);
		return good ? ALIAS_INCLUDE : ALIAS_BAD;
	}
	if (is_delivery(inside))
		good = refuse_delivery(inside, e);
	else
		good = take_address(text, ret, e);
	return good ? ALIAS_ADDRESS : ALIAS_BAD;
}

/* SPDX-License-Identifier: MIT */
#include "conf/rcfile.h"

#include <stdarg.h>
#include <string.h>

struct parser {
	struct rcfile *rc;
	unsigned line;
	bool in_defaults;
	bool has_from;      /* in the block at hand */
	struct rcblock *at; /* NULL: none yet */
};

void rcfile_done(struct rcfile *rc)
{
	for (size_t i = 0; i < rc->count; i++) {
		mem_free(rc->blocks[i].name);
		settings_done(&rc->blocks[i].defaults);
		settings_done(&rc->blocks[i].own);
		buf_done(&rc->blocks[i].problems);
	}
	mem_free(rc->blocks);
	mem_free(rc->path);
	settings_done(&rc->defaults);
	buf_done(&rc->problems);
	*rc = (struct rcfile) { 0 };
}

const struct rcblock *rcfile_find(const struct rcfile *rc, struct str name)
{
	for (size_t i = 0; i < rc->count; i++)
		if (str_eq(str_of(rc->blocks[i].name), name))
			return &rc->blocks[i];
	return NULL;
}

/* Where a problem is noted: with the account at hand, else with the file. */
static struct buf *notes(const struct parser *p)
{
	return p->at && !p->in_defaults ? &p->at->problems : &p->rc->problems;
}

static void problem(const struct parser *p, const char *text)
{
	buf_fmt(notes(p), "%s:%u: %s\n", p->rc->path, p->line, text);
}

static void problem_name(const struct parser *p, const char *what, struct str name)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(400);

	buf_add(&text, str_of(what));
	buf_add(&text, STR(" \""));
	buf_printable(&text, str_head(name, 60));
	buf_char(&text, '"');
	problem(p, buf_text(&text));
}

static struct rcblock *new_block(struct parser *p, struct str name)
{
	struct rcfile *rc = p->rc;

	rc->blocks = mem_grow(rc->blocks, (rc->count + 1) * sizeof(*rc->blocks));
	struct rcblock *b = &rc->blocks[rc->count++];
	*b = (struct rcblock) { .name = mem_dup(name.p, name.len), .problems = BUF_INIT(8192) };
	settings_merge(&b->defaults, &rc->defaults);
	p->at = b;
	p->in_defaults = p->has_from = false;
	return b;
}

static void inherit(struct parser *p, struct rcblock *b, struct str parents)
{
	while (parents.len) {
		struct str name = str_trim(str_cut(&parents, ','));
		const struct rcblock *parent = rcfile_find(p->rc, name);
		if (!parent || parent == b) {
			problem_name(p, "no account of that name stands above:", name);
			continue;
		}
		settings_merge(&b->own, &parent->own);
		buf_add(&b->problems, buf_str(&parent->problems));
	}
}

static void account_line(struct parser *p, struct str arg)
{
	struct str name = str_trim(str_cut(&arg, ':'));

	if (!name.len || str_find(name, ',') < name.len || p->rc->count == RCFILE_ACCOUNTS) {
		problem(p, name.len ? "not a name for an account" : "account: a name is wanted");
		return;
	}
	if (rcfile_find(p->rc, name)) {
		p->at = NULL; /* it concerns every account: which of the two is meant? */
		problem_name(p, "a second account named", name);
	}
	inherit(p, new_block(p, name), arg);
}

/* What msmtp's files may have and this version does not do. */
static void check_from(struct parser *p, struct str arg)
{
	if (p->has_from)
		problem(p, "from stands here twice; this version takes one address or pattern");
	p->has_from = true;
	if (str_find(arg, '%') < arg.len)
		problem(p, "from: patterns with % are not in this version");
}

static void setting_line(struct parser *p, struct str word, struct str arg)
{
	const struct setting_row *row = str_find(word, '-') < word.len ? NULL : setting_find(word);
	struct err e;

	if (!p->at && !p->in_defaults)
		new_block(p, STR("default"));
	if (!row) {
		const char *nearest = setting_nearest(word);
		char *what CLEAN_UP(mem_free_at) =
			nearest ? mem_fmt("unknown setting (did you mean %s?)", nearest)
				: mem_str("unknown setting");
		problem_name(p, what, word);
		return;
	}
	if (row->type == SETTING_SECRET || row->type == SETTING_COMMAND)
		p->rc->has_secrets = true;
	struct settings *to = p->in_defaults ? &p->rc->defaults : &p->at->own;
	if (row == setting_row(SETTING_ID_from))
		check_from(p, arg);
	if (!settings_assign(to, row, arg, &e))
		problem(p, e.what);
}

static struct str unquote(struct str arg)
{
	if (arg.len >= 2 && arg.p[0] == '"' && arg.p[arg.len - 1] == '"')
		return str_n(arg.p + 1, arg.len - 2);
	return arg;
}

static void take_line(struct parser *p, struct str line)
{
	struct str rest = line;
	struct str word = str_word(&rest);
	struct str arg = unquote(rest);

	if (!word.len || word.p[0] == '#')
		return;
	if (str_eq(word, STR("account"))) {
		account_line(p, arg);
	} else if (str_eq(word, STR("defaults"))) {
		p->in_defaults = true;
		p->has_from = false;
		if (arg.len)
			problem(p, "defaults stands alone on its line");
	} else {
		setting_line(p, word, arg);
	}
}

void rcfile_parse(struct rcfile *ret, const char *path, struct str text)
{
	struct parser p = { .rc = ret };

	*ret = (struct rcfile) { .path = mem_str(path), .problems = BUF_INIT(8192) };
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	while (text.len) {
		struct str line = str_chop(str_cut(&text, '\n'), '\r');
		p.line++;
		take_line(&p, line);
	}
}

void rcfile_problems(const struct rcfile *rc, const struct rcblock *block, struct buf *out)
{
	buf_add(out, buf_str(&rc->problems));
	if (block)
		buf_add(out, buf_str(&block->problems));
}

/* SPDX-License-Identifier: MIT */
#include "conf/option_hint.h"

#include "conf/setting.h"

#include <string.h>

/* A word of the text, cut into what stands around it and the word itself. */
struct word {
	struct str before, text, behind;
};

/* What is left of the hint, and what was read of it. */
struct reader {
	struct str rest;
	struct buf *out;
	bool in_list; /* the word "line" came, and behind it only settings, commas, "and", "or" */
};

static struct word split(struct str s)
{
	struct word w;
	size_t n = 0;

	while (n < s.len && s.p[n] == '(')
		n++;
	w.before = str_head(s, n);
	s = str_from(s, n);
	n = s.len;
	while (n && strchr(",;:)?", s.p[n - 1]))
		n--;
	w.text = str_head(s, n);
	w.behind = str_from(s, n);
	return w;
}

static struct word peek(struct str rest)
{
	return split(str_head(rest, str_find(rest, ' ')));
}

/* The setting of that name, if it is an option; its current name. */
static const struct setting_row *option_of(struct str name)
{
	struct str none = STR("");
	const struct setting_row *row = name.len ? setting_find(name, &none) : NULL;

	return row && str_eq(str_of(row->name), name) && !(row->flags & SETTING_RC_ONLY) ? row
											 : NULL;
}

static bool is_upper(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.p[i] >= 'A' && s.p[i] <= 'Z') && !chr_is_digit(s.p[i]) && s.p[i] != '_')
			return false;
	return s.len > 0;
}

/* Whether the word can be the setting's value: NAME, or one that it accepts. */
static bool is_value(const struct setting_row *row, struct str word)
{
	struct settings s = { 0 };
	struct err ignored;

	if (is_upper(word) || str_find(word, ':') < word.len)
		return true;
	bool is_free = row->type <= SETTING_SECRET && setting_id(row) != SETTING_ID_auth;
	bool good = word.len && !is_free && settings_assign(&s, row, word, &ignored);
	settings_done(&s);
	return good;
}

static void add_option(const struct setting_row *row, struct buf *out)
{
	buf_add(out, STR("--"));
	for (const char *c = row->name; *c; c++)
		buf_char(out, *c == '_' ? '-' : *c);
}

static void add_space(struct buf *out)
{
	if (out->len)
		buf_char(out, ' ');
}

static void add_word(struct word w, struct buf *out)
{
	add_space(out);
	buf_fmt(out, "%.*s%.*s%.*s", STR_ARG(w.before), STR_ARG(w.text), STR_ARG(w.behind));
}

/* "line" or "lines" before a setting; its article becomes "an". */
static bool turn_noun(struct reader *r, struct word w)
{
	bool many = str_eq(w.text, STR("lines"));

	if ((!many && !str_eq(w.text, STR("line"))) || !option_of(peek(r->rest).text))
		return false;
	if (str_ends_same(buf_str(r->out), STR(" a")))
		buf_char(r->out, 'n');
	w.text = many ? STR("options") : STR("option");
	add_word(w, r->out);
	r->in_list = true;
	return true;
}

static bool turn_setting(struct reader *r, struct word w)
{
	const struct setting_row *row = option_of(w.text);

	if (!row || !(r->in_list || str_find(w.text, '_') < w.text.len))
		return false;
	add_space(r->out);
	buf_add(r->out, w.before);
	add_option(row, r->out);
	struct word value = peek(r->rest);
	if (!w.behind.len && !value.before.len && is_value(row, value.text)) {
		(void)str_cut(&r->rest, ' ');
		buf_fmt(r->out, "=%.*s", STR_ARG(value.text));
		w.behind = value.behind;
	}
	buf_add(r->out, w.behind);
	r->in_list = true;
	return true;
}

void option_hint(struct str hint, struct buf *out)
{
	struct reader r = { .rest = hint, .out = out };
	bool changed = false;

	while (r.rest.len) {
		struct word w = split(str_cut(&r.rest, ' '));
		bool to_account = changed && str_eq(w.text, STR("account")) &&
				  str_ends_same(buf_str(out), STR("to the"));
		if (turn_noun(&r, w) || turn_setting(&r, w)) {
			changed = true;
			continue;
		}
		r.in_list &= str_eq(w.text, STR("and")) || str_eq(w.text, STR("or"));
		if (to_account)
			w.text = STR("command");
		add_word(w, out);
	}
}

/* SPDX-License-Identifier: MIT */
#include "cred/netrc.h"

#include "base/buf.h"

struct reader {
	struct str rest;
	struct buf word; /* the last word read, perhaps a secret */
};

static void skip_white(struct reader *r)
{
	while (r->rest.len && chr_is_white(r->rest.p[0]))
		r->rest = str_from(r->rest, 1);
}

static void skip_line(struct reader *r)
{
	(void)str_cut(&r->rest, '\n');
}

/* Reads the next word; false at the end of the file. */
static bool next_netrc_word(struct reader *r)
{
	bool quoted = false;

	buf_wipe(&r->word);
	skip_white(r);
	if (!r->rest.len)
		return false;
	if (r->rest.p[0] == '"') {
		quoted = true;
		r->rest = str_from(r->rest, 1);
	}
	while (r->rest.len) {
		char c = r->rest.p[0];
		if (quoted ? c == '"' : chr_is_white(c))
			break;
		if (quoted && c == '\\' && r->rest.len > 1)
			r->rest = str_from(r->rest, 1);
		buf_char(&r->word, r->rest.p[0]);
		r->rest = str_from(r->rest, 1);
	}
	if (quoted)
		r->rest = str_from(r->rest, 1);
	return true;
}

static void skip_macro(struct reader *r)
{
	do
		skip_line(r);
	while (r->rest.len && str_trim_lines(str_head(r->rest, str_find(r->rest, '\n'))).len);
}

/* The current entry. */
struct entry {
	bool machine, named, login; /* it has our machine; a login name; our login name */
	struct secret password;
};

static void entry_done(struct entry *e)
{
	secret_done(&e->password);
}

static void begin_entry(struct entry *e, bool machine)
{
	entry_done(e);
	*e = (struct entry) { .machine = machine };
}

static bool is_whole(const struct entry *e)
{
	return e->machine && e->login && secret_is_set(&e->password);
}

static void reader_done(struct reader *r)
{
	buf_wipe_done(&r->word);
}

/* Reads the item whose keyword is in r->word. */
static void read_item(struct reader *r, struct entry *e, struct str machine, struct str login)
{
	struct str key = buf_str(&r->word);

	if (str_eq(key, STR("default"))) {
		begin_entry(e, true);
	} else if (str_eq(key, STR("machine"))) {
		begin_entry(e, next_netrc_word(r) && str_same(buf_str(&r->word), machine));
	} else if (str_eq(key, STR("login"))) {
		if (e->named) /* the password read before belongs to an earlier login name */
			secret_done(&e->password);
		e->named = true;
		e->login = next_netrc_word(r) && str_eq(buf_str(&r->word), login);
	} else if (str_eq(key, STR("password"))) {
		if (next_netrc_word(r) && e->machine && !r->word.over)
			(void)secret_set(&e->password, r->word.data, r->word.len);
	} else if (str_eq(key, STR("account"))) {
		(void)next_netrc_word(r);
	} else if (str_eq(key, STR("macdef"))) {
		skip_macro(r);
	} else if (str_starts(key, STR("#"))) {
		skip_line(r);
	}
}

bool netrc_find(struct str text, struct str machine, struct str login, struct secret *ret)
{
	struct reader r CLEAN_UP(reader_done) = { text, BUF_INIT(SECRET_MAX) };
	struct entry e CLEAN_UP(entry_done) = { 0 };

	buf_reserve(&r.word, SECRET_MAX);
	while (next_netrc_word(&r)) {
		read_item(&r, &e, machine, login);
		if (is_whole(&e)) {
			secret_copy(ret, &e.password);
			return true;
		}
	}
	return false;
}

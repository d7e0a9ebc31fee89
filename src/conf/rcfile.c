/* SPDX-License-Identifier: MIT */
#include "conf/rcfile.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/printable.h"
#include "os/file.h"
#include "os/process.h"

#include <glob.h>
#include <string.h>
#include <sys/stat.h>

/* The file that a line is in. */
struct place {
	const char *path;
	unsigned line, depth;
	bool has_secrets, names_secrets;
};

struct parser {
	struct rcfile *rc;
	struct place *place;
	size_t files; /* included so far */
	bool includes;
	bool in_defaults;
	struct setting_set lists; /* settings that the current block has had */
	size_t at;                /* the number of the current block + 1; 0: none */
	bool secret_left_out;     /* the last setting was a password without a value */
	struct err shortage;      /* that kept a file from being read; ERR_NONE: none did */
};

static void evals_done(struct rcevals *evals)
{
	for (size_t i = 0; i < evals->count; i++) {
		mem_free(evals->rows[i].command);
		mem_free(evals->rows[i].place);
	}
	mem_free(evals->rows);
	*evals = (struct rcevals) { 0 };
}

static struct rceval *add_eval(struct rcevals *evals, const char *command, const char *place)
{
	evals->rows = mem_grow(evals->rows, (evals->count + 1) * sizeof(*evals->rows));
	struct rceval *eval = &evals->rows[evals->count++];
	*eval = (struct rceval) { .command = mem_str(command), .place = mem_str(place) };
	return eval;
}

static void merge_evals(struct rcevals *to, const struct rcevals *from, bool inherited)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct rceval *old = &from->rows[i];
		struct rceval *eval = add_eval(to, old->command, old->place);
		eval->later = old->later;
		eval->beside = old->beside;
		eval->inherited = inherited;
	}
}

void rcfile_done(struct rcfile *rc)
{
	for (size_t i = 0; i < rc->count; i++) {
		struct rcblock *b = &rc->blocks[i];
		mem_free(b->name);
		settings_done(&b->defaults);
		settings_done(&b->own);
		evals_done(&b->default_evals);
		evals_done(&b->own_evals);
		buf_done(&b->problems);
	}
	mem_free(rc->blocks);
	lookup_done(&rc->names);
	mem_free(rc->path);
	settings_done(&rc->defaults);
	evals_done(&rc->default_evals);
	buf_done(&rc->problems);
	buf_done(&rc->doubts);
	*rc = (struct rcfile) { 0 };
}

struct str rcfile_from(const struct rcblock *block)
{
	return str_of(block->own.from ? block->own.from : block->defaults.from);
}

static bool is_block_named(const void *rows, size_t position, const void *name)
{
	return str_eq(
		str_of(((const struct rcblock *)rows)[position].name), *(const struct str *)name);
}

const struct rcblock *rcfile_find(const struct rcfile *rc, struct str name)
{
	ptrdiff_t at = lookup_find(
		&rc->names, lookup_hash(name, name.len), is_block_named, rc->blocks, &name);

	return at == LOOKUP_NONE ? NULL : &rc->blocks[at];
}

static struct rcblock *block_at_hand(const struct parser *p)
{
	return p->at && !p->in_defaults ? &p->rc->blocks[p->at - 1] : NULL;
}

/* Notes a problem with the current account, or else with the file. */
static void problem(const struct parser *p, const char *text)
{
	struct rcblock *b = block_at_hand(p);

	buf_fmt(b ? &b->problems : &p->rc->problems, "%s:%u: %s\n", p->place->path, p->place->line,
		text);
}

/* Notes a problem that concerns every account, not only the current one. */
static void file_problem(const struct parser *p, const char *text)
{
	buf_fmt(&p->rc->problems, "%s:%u: %s\n", p->place->path, p->place->line, text);
}

static void problem_name(const struct parser *p, const char *what, struct str name)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(400);

	buf_add(&text, str_of(what));
	buf_add(&text, STR(" \""));
	printable_add(&text, str_head(name, 60));
	buf_char(&text, '"');
	problem(p, buf_text(&text));
}

static struct rcblock *new_block(struct parser *p, struct str name)
{
	struct rcfile *rc = p->rc;

	if (rc->count == rc->cap) {
		rc->cap = rc->cap ? 2 * rc->cap : 4;
		rc->blocks = mem_grow(rc->blocks, rc->cap * sizeof(*rc->blocks));
	}
	struct rcblock *b = &rc->blocks[rc->count++];
	*b = (struct rcblock) { .name = mem_dup(name.p, name.len), .problems = BUF_INIT(8192) };
	name = str_of(b->name);     /* up to a NUL */
	if (!rcfile_find(rc, name)) /* the first of a name counts */
		lookup_add(&rc->names, lookup_hash(name, name.len), rc->count - 1);
	settings_merge(&b->defaults, &rc->defaults);
	merge_evals(&b->default_evals, &rc->default_evals, false);
	p->at = rc->count;
	p->in_defaults = false;
	p->lists = (struct setting_set) { 0 };
	return b;
}

static void inherit(struct parser *p, struct rcblock *b, struct str parents)
{
	while (parents.len) {
		struct str name = str_trim(str_cut(&parents, ','));
		const struct rcblock *parent = rcfile_find(p->rc, name);
		if (!parent || parent == b) {
			problem_name(p, "there is no account of that name above this line:", name);
			continue;
		}
		settings_merge(&b->own, &parent->own);
		merge_evals(&b->own_evals, &parent->own_evals, true);
		buf_add(&b->problems, buf_str(&parent->problems));
	}
}

static void account_line(struct parser *p, struct str arg)
{
	struct str name = str_trim(str_cut(&arg, ':'));

	if (p->rc->count == RCFILE_ACCOUNTS) {
		char *text CLEAN_UP(mem_free_at) =
			mem_fmt("account: there may be %d in a file", RCFILE_ACCOUNTS);
		file_problem(p, text);
		return;
	}
	if (!name.len || str_find(name, ',') < name.len) {
		file_problem(
			p, name.len ? "not a name for an account" : "account: the name is missing");
		return;
	}
	if (rcfile_find(p->rc, name)) {
		p->at = 0; /* every account is concerned: it is not known which of two is meant */
		problem_name(p, "a second account named", name);
	}
	inherit(p, new_block(p, name), arg);
}

static void defaults_line(struct parser *p, struct str arg)
{
	p->in_defaults = true;
	p->lists = (struct setting_set) { 0 };
	if (arg.len)
		problem(p, "defaults must be alone on its line");
}

/* Where settings and eval lines go; makes the account named default if no line began one. */
static struct settings *target(struct parser *p, struct rcevals **ret_evals)
{
	if (!p->at && !p->in_defaults)
		new_block(p, STR("default"));
	struct rcblock *b = block_at_hand(p);
	*ret_evals = b ? &b->own_evals : &p->rc->default_evals;
	return b ? &b->own : &p->rc->defaults;
}

/* In files, names have only underscores, no dashes. */
static const struct setting_row *find_row(struct str word, struct str *arg)
{
	return str_find(word, '-') < word.len ? NULL : setting_find(word, arg);
}

static size_t name_length(struct str word)
{
	size_t n = 0;

	while (n < word.len && (chr_is_alpha(word.p[n]) || chr_is_digit(word.p[n]) ||
				       word.p[n] == '_' || word.p[n] == '-'))
		n++;
	return n;
}

/* What stands behind the octets of a name is not shown: after "=" or ":" it may be a password. */
static void unknown_setting(const struct parser *p, struct str word)
{
	struct str name = str_head(word, name_length(word));
	const char *nearest = name.len ? setting_nearest(name) : NULL;
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(400);

	buf_add(&text, STR("unknown setting \""));
	printable_add(&text, str_head(name, 60));
	buf_char(&text, '"');
	if (nearest && name.len < word.len)
		buf_fmt(&text, "; separate name and value with a blank: %s VALUE", nearest);
	else if (nearest)
		buf_fmt(&text, " (did you mean %s?)", nearest);
	problem(p, buf_text(&text));
}

/* Notes that the file holds a secret, or a command whose output may be one. */
static void note_secret(struct parser *p)
{
	p->rc->has_secrets = p->place->has_secrets = true;
}

/* A setting line of the block: what the earlier eval lines print must not replace it. */
static void note_in_evals(struct rcevals *evals, const struct setting_row *row)
{
	bool list = row->type == SETTING_LIST;

	for (size_t i = 0; i < evals->count; i++) {
		struct rceval *eval = &evals->rows[i];
		setting_set_add(
			list && !eval->inherited ? &eval->beside : &eval->later, setting_id(row));
	}
}

static void setting_line(struct parser *p, struct str word, struct str arg)
{
	const struct setting_row *row = find_row(word, &arg);
	struct rcevals *evals;
	struct settings *to = target(p, &evals);
	struct err e;

	if (!row && p->secret_left_out) {
		problem(p, "unknown setting; if it is the password of the line above, put it into "
			   "that line");
		return;
	}
	if (!row) {
		unknown_setting(p, word);
		return;
	}
	enum setting_id id = setting_id(row);
	p->secret_left_out = row->type == SETTING_SECRET && !arg.len;
	if (row->type == SETTING_SECRET || row->type == SETTING_COMMAND ||
		setting_pin_in(row, arg).len)
		note_secret(p);
	if (id == SETTING_ID_password_file)
		p->place->names_secrets = true;
	if (row->type == SETTING_LIST && !setting_set_has(&p->lists, id))
		settings_clear(to, row);
	else if (row->type != SETTING_LIST && setting_set_has(&p->lists, id))
		buf_fmt(&p->rc->doubts, "%s:%u: %s is given twice; this line counts\n",
			p->place->path, p->place->line, row->name);
	setting_set_add(&p->lists, id);
	if (!settings_assign(to, row, arg, &e))
		problem(p, e.what);
	note_in_evals(evals, row);
}

static void eval_line(struct parser *p, struct str arg)
{
	struct rcevals *evals;

	(void)target(p, &evals);
	if (!arg.len || str_has_ctl(arg)) {
		problem(p, arg.len ? "eval: must be a command without control characters"
				   : "eval: the command is missing");
		return;
	}
	char *command CLEAN_UP(mem_free_at) = mem_dup(arg.p, arg.len);
	char *place CLEAN_UP(mem_free_at) = mem_fmt("%s:%u", p->place->path, p->place->line);
	note_secret(p);
	if (evals->count == RCFILE_EVALS) {
		problem(p, "eval: there are too many for one account");
		return;
	}
	add_eval(evals, command, place)->beside = p->lists;
}

static struct str unquote(struct str arg)
{
	if (arg.len >= 2 && arg.p[0] == '"' && arg.p[arg.len - 1] == '"')
		return str_n(arg.p + 1, arg.len - 2);
	return arg;
}

static void include_line(struct parser *p, struct str arg);

static void parse_line(struct parser *p, struct str line)
{
	static const struct {
		const char *word;
		void (*take)(struct parser *p, struct str arg);
	} commands[] = {
		{ "account", account_line },
		{ "defaults", defaults_line },
		{ "include", include_line },
		{ "eval", eval_line },
	};
	struct str rest = line;
	struct str word = str_word(&rest);
	struct str arg = unquote(rest);

	if (!word.len || word.p[0] == '#')
		return;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (str_eq(word, str_of(commands[i].word))) {
			p->secret_left_out = false;
			commands[i].take(p, arg);
			return;
		}
	}
	setting_line(p, word, arg);
}

static void parse_text(struct parser *p, struct str text)
{
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	while (text.len) {
		p->place->line++;
		parse_line(p, str_chop(str_cut(&text, '\n'), '\r'));
	}
}

/* --- files --- */

static bool check_rights(const struct place *place, const struct file_facts *facts, struct err *e)
{
	if (!place->has_secrets && !place->names_secrets)
		return true;
	return file_permissions_check(place->path, facts, place->has_secrets, e) ||
	       err_in(e, "a configuration with secrets");
}

/* Reads an included file in place of the current line. */
static bool take_file(struct parser *p, const char *path, struct file_facts *facts, struct err *e)
{
	struct buf text CLEAN_UP(buf_wipe_done) = BUF_INIT(RCFILE_MAX);
	struct place *before = p->place;
	struct place here = { .path = path, .depth = before ? before->depth + 1 : 0 };

	buf_reserve(&text, 16384);
	if (!file_read(path, &text, facts, e))
		return false;
	p->place = &here;
	parse_text(p, buf_str(&text));
	p->place = before;
	return check_rights(&here, facts, e);
}

static void include_file(struct parser *p, const char *path)
{
	struct file_facts facts;
	struct err e;

	if (p->files++ >= RCFILE_FILES) {
		file_problem(p, "include: too many files");
		return;
	}
	if (take_file(p, path, &facts, &e))
		return;
	if (e.kind == ERR_TEMPORARY) {
		p->shortage = e;
		(void)err_in(&p->shortage, "include");
	}
	char *text CLEAN_UP(mem_free_at) =
		mem_fmt("include: %s%s%s", e.what, e.hint[0] ? "; " : "", e.hint);
	file_problem(p, text);
}

/* The path to open: "~" is expanded, and a relative path made absolute. The caller frees. */
static char *include_path(const struct parser *p, struct str arg)
{
	struct str here = str_of(p->place->path);
	size_t slash = str_rfind(here, '/');

	if (arg.p[0] == '/' || arg.p[0] == '~' || slash == here.len)
		return setting_home_path(arg);
	return mem_fmt("%.*s/%.*s", (int)slash, here.p, STR_ARG(arg));
}

/* A pipe among the matches of a pattern was not meant, and could be waited for in vain. */
static void include_match(struct parser *p, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISFIFO(st.st_mode)) {
		include_file(p, path);
		return;
	}
	char *text CLEAN_UP(mem_free_at) =
		mem_fmt("include: %s: it is a pipe, and only matches a pattern", path);
	file_problem(p, text);
}

static void include_line(struct parser *p, struct str arg)
{
	glob_t found = { 0 };

	if (!arg.len || !p->includes || str_find(arg, '\0') < arg.len) {
		file_problem(p, p->includes ? "include: the file name is missing"
					    : "include is not possible");
		return;
	}
	if (p->place->depth >= RCFILE_DEPTH) {
		file_problem(p, "include: files include each other too deeply");
		return;
	}
	char *path CLEAN_UP(mem_free_at) = include_path(p, arg);
	bool wild = strpbrk(path, "*?[") != NULL;
	if (!wild) {
		include_file(p, path);
		return;
	}
	if (glob(path, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			include_match(p, found.gl_pathv[i]);
	globfree(&found);
}

static void begin_file(struct rcfile *rc, const char *path)
{
	*rc = (struct rcfile) {
		.path = mem_str(path), .problems = BUF_INIT(8192), .doubts = BUF_INIT(8192)
	};
}

bool rcfile_read(struct rcfile *ret, const char *path, bool *ret_missing, struct err *e)
{
	struct parser p = { .rc = ret, .includes = true };
	struct file_facts facts;

	begin_file(ret, path);
	bool good = take_file(&p, path, &facts, e);
	if (good && p.shortage.kind != ERR_NONE) {
		*e = p.shortage;
		good = false;
	}
	*ret_missing = !good && facts.missing;
	if (ret->has_secrets)
		process_guard_memory();
	return good;
}

void rcfile_parse(struct rcfile *ret, const char *path, struct str text)
{
	struct place place = { .path = path };
	struct parser p = { .rc = ret, .place = &place };

	begin_file(ret, path);
	parse_text(&p, text);
}

void rcfile_problems(const struct rcfile *rc, const struct rcblock *block, struct buf *out)
{
	buf_add(out, buf_str(&rc->problems));
	if (block)
		buf_add(out, buf_str(&block->problems));
}

/* --- eval --- */

/* Lists that commands have begun: those of the block's parents, and of the block itself. */
struct begun {
	struct setting_set by[2];
};

/* The first value of a list replaces what was inherited, unless the block's own lines did. */
static void begin_list(struct settings *to, const struct rceval *eval,
	const struct setting_row *row, struct begun *begun)
{
	enum setting_id id = setting_id(row);
	struct setting_set *set = &begun->by[!eval->inherited];

	if (!setting_set_has(set, id) && !setting_set_has(&eval->beside, id))
		settings_clear(to, row);
	setting_set_add(set, id);
}

static bool set_printed(struct settings *to, const struct rceval *eval, struct str line,
	struct begun *begun, struct err *e)
{
	struct str rest = line;
	struct str word = str_word(&rest);
	struct str arg = unquote(rest);
	const struct setting_row *row = find_row(word, &arg);

	if (!row)
		return err_set(e, ERR_CONFIG, "it printed no line with a setting");
	if (setting_set_has(&eval->later, setting_id(row)))
		return true;
	if (row->type == SETTING_LIST)
		begin_list(to, eval, row, begun);
	return settings_assign(to, row, arg, e);
}

static bool run_evals(struct settings *to, struct rcevals *evals, struct err *e)
{
	struct begun begun = { 0 };

	for (size_t i = 0; i < evals->count; i++) {
		const struct rceval *eval = &evals->rows[i];
		struct secret line CLEAN_UP(secret_done) = { 0 };
		deadline until = deadline_in((int64_t)RCFILE_EVAL_SECONDS * 1000);
		if (process_first_line(eval->command, until, &line, e) &&
			set_printed(to, eval, str_n(line.bytes, line.len), &begun, e))
			continue;
		err_in(e, "%s: eval", eval->place);
		return err_hint(e, "run the command of that line at a prompt: the first line it "
				   "prints has to be the setting");
	}
	evals_done(evals);
	return true;
}

bool rcfile_evaluate(struct rcblock *block, struct err *e)
{
	return run_evals(&block->defaults, &block->default_evals, e) &&
	       run_evals(&block->own, &block->own_evals, e);
}

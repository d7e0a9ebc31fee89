/* SPDX-License-Identifier: MIT */
#include "submit/aliases_file.h"

#include "base/log.h"
#include "os/file.h"

void aliases_file_done(struct aliases_file *f)
{
	aliases_done(&f->table);
	buf_done(&f->text);
}

static bool include(void *ctx, const char *path, struct buf *ret, struct err *e)
{
	struct file_facts facts;

	(void)ctx;
	return file_read(path, ret, &facts, e) && file_permissions_check(path, &facts, false, e);
}

/* --- the file --- */

static void name_hosts(struct aliases_file *f)
{
	size_t n = 0;

	f->hosts[n++] = "localhost";
	if (!host_name(f->host))
		return;
	struct str name = str_of(f->host);
	struct str label = str_head(name, str_find(name, '.'));
	text_fmt(f->label, sizeof(f->label), "%.*s", STR_ARG(label));
	f->hosts[n++] = f->host;
	if (label.len && label.len < name.len)
		f->hosts[n++] = f->label;
}

/* For lines that nobody asked to check, one warning is enough: later mistakes are only notes. */
static void note_mistake(void *ctx, bool warning, const struct err *problem)
{
	struct aliases_file *f = ctx;

	if (warning || f->mistakes++)
		log_note("%s", problem->what);
	else
		log_warning("%s; -bi lists all mistakes", problem->what);
}

static bool read_file(struct aliases_file *f, alias_report *tell, void *ctx, struct err *e)
{
	struct file_facts facts;

	f->text = BUF_INIT(ALIAS_EXPAND_FILE_MAX);
	f->was_read = true;
	bool there = file_read(f->path, &f->text, &facts, e);
	if (!there && f->preset && e->kind != ERR_TEMPORARY) {
		log_warning("%s; there are no aliases then", e->what);
		f->path = NULL;
		return true;
	}
	f->failed = !there || !file_permissions_check(f->path, &facts, false, e);
	if (!f->failed) {
		aliases_read(&f->table, f->path, buf_str(&f->text), tell, ctx);
		return true;
	}
	err_become(e, ERR_CONFIG);
	(void)err_in(e, "aliases");
	if (!e->hint[0])
		(void)err_hint(e, "correct the line aliases FILE; a line aliases without a value "
				  "means there are none");
	f->why = *e;
	return false;
}

/* --- looking up --- */

bool aliases_file_concerns(struct aliases_file *f, const struct addr *a)
{
	if (!f->path)
		return false;
	if (!f->hosts[0])
		name_hosts(f);
	return alias_expand_applies(a, f->hosts);
}

bool aliases_file_expand(struct aliases_file *f, const struct addr *a,
	bool (*take)(void *ctx, const struct addr *a, struct err *e), void *ctx, struct err *e)
{
	struct alias_expand_options options = { f->hosts, include, take, NULL, ctx };

	if (!aliases_file_concerns(f, a))
		return take(ctx, a, e);
	if (!f->was_read && !read_file(f, note_mistake, f, e))
		return false;
	if (f->failed) {
		*e = f->why;
		return false;
	}
	return f->path ? alias_expand(&f->table, a, &options, e) : take(ctx, a, e);
}

bool aliases_file_has(const struct aliases_file *f, const struct addr *a)
{
	return f->path && aliases_find(&f->table, str_head(str_of(a->text), a->local_len));
}

void aliases_file_check(struct aliases_file *f, alias_report *tell, void *ctx)
{
	struct alias_expand_options options = { f->hosts, include, NULL, tell, ctx };
	struct err e;

	if (!f->path)
		return;
	name_hosts(f);
	f->preset = false; /* the user asks for this file now */
	if (!read_file(f, tell, ctx, &e))
		tell(ctx, false, &e);
	else if (f->path)
		alias_expand_check(&f->table, &options);
}

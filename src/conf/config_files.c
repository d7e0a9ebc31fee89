/* SPDX-License-Identifier: MIT */
#include "conf/config_files.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void config_files_done(struct config_files *s)
{
	for (size_t i = 0; i < s->count; i++)
		rcfile_done(&s->files[i]);
	buf_done(&s->looked);
}

char *config_files_cache_folder(void)
{
	return config_files_below("XDG_CACHE_HOME", ".cache/", "postrider");
}

bool config_files_is_msmtp(const char *path)
{
	struct str p = str_of(path);
	struct str base = str_base(p);

	return str_eq(base, STR("msmtprc")) || str_eq(base, STR(".msmtprc")) ||
	       str_ends_same(p, STR("/msmtp/config"));
}

static void noted(struct config_files *s, const char *path, const char *what)
{
	buf_fmt(&s->looked, "%s%s: %s", s->looked.len ? ", " : "", path, what);
}

/* The system's file stops nobody whose own file is enough; it is not used, and that is told. */
static void skip_open(struct config_files *s, const char *path, const struct err *why)
{
	rcfile_done(&s->files[--s->count]);
	s->closed = *why;
	buf_fmt(&s->looked, "%snot used: %s", s->looked.len ? ", " : "", why->what);
	log_warning("%s is not used: %s", path, why->what);
}

/* *ret_found: the file was read. ours: not the system's file, so it must be readable. */
static bool load(
	struct config_files *s, const char *path, bool ours, bool *ret_found, struct err *e)
{
	struct rcfile *rc = &s->files[s->count++];
	bool missing;

	*ret_found = rcfile_read(rc, path, &missing, e);
	if (*ret_found) {
		noted(s, path, rc->count ? "read" : "no account in it");
		return true;
	}
	if (e->kind == ERR_CONFIG && ours) /* others have rights that they must not have */
		return false;
	if (e->kind == ERR_CONFIG) {
		skip_open(s, path, e);
		*ret_found = true; /* but no other is read in its place */
		return true;
	}
	if (e->kind == ERR_TEMPORARY)
		return err_in(e, "configuration");
	rcfile_done(rc);
	s->count--;
	if (missing || !ours) {
		if (e->os == EACCES)
			s->closed = *e;
		noted(s, path, e->os == EACCES ? strerror(EACCES) : "none");
		return true;
	}
	err_become(e, ERR_CONFIG);
	return err_in(e, "configuration");
}

char *config_files_below(const char *variable, const char *home_part, const char *rest)
{
	const char *folder = variable ? getenv(variable) : NULL;
	char *home CLEAN_UP(mem_free_at) = setting_home_path(STR("~"));

	if (folder && folder[0] == '/')
		return mem_fmt("%s/%s", folder, rest);
	if (home[0] != '/')
		return NULL;
	return mem_fmt("%s/%s%s", home, home_part, rest);
}

static bool load_first(struct config_files *s, char *const *paths, size_t n, struct err *e)
{
	bool found = false;

	for (size_t i = 0; i < n && !found; i++)
		if (paths[i] && !load(s, paths[i], true, &found, e))
			return false;
	return true;
}

static bool load_ours(struct config_files *s, const char *named, struct err *e)
{
	bool found;

	if (named) {
		if (!load(s, named, true, &found, e))
			return false;
		if (found)
			return true;
		err_set(e, ERR_CONFIG, "configuration: %s: the file does not exist", named);
		return err_hint(e, "check the file name after -C; without it "
				   "~/.config/postrider/config and /etc/postrider/config are read");
	}
	char *paths[] = {
		config_files_below("XDG_CONFIG_HOME", ".config/", "postrider/config"),
		config_files_below(NULL, "", ".msmtprc"),
		config_files_below("XDG_CONFIG_HOME", ".config/", "msmtp/config"),
	};
	bool good = load_first(s, paths, ARRAY_LEN(paths), e);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		mem_free(paths[i]);
	return good;
}

static bool load_all(struct config_files *s, struct err *e)
{
	bool found;

	return load_ours(s, s->named, e) && load(s, "/etc/postrider/config", false, &found, e) &&
	       (found || load(s, "/etc/msmtprc", false, &found, e));
}

bool config_load(struct config_files *files, const char *named, struct err *e)
{
	if (!files->loaded) {
		*files = (struct config_files) {
			.named = named, .looked = BUF_INIT(2000), .loaded = true
		};
		files->failed = !load_all(files, &files->failure);
	}
	if (files->failed)
		*e = files->failure;
	return !files->failed;
}

static bool is_hidden(const struct config_files *s, size_t file, const struct rcblock *b)
{
	return file > 0 && rcfile_find(&s->files[0], str_of(b->name));
}

bool config_files_next(struct config_files *s, struct config_files_cursor *cursor)
{
	for (; cursor->file < s->count; cursor->file++, cursor->block = 0) {
		cursor->rc = &s->files[cursor->file];
		while (cursor->block < cursor->rc->count) {
			cursor->found = &cursor->rc->blocks[cursor->block++];
			if (!is_hidden(s, cursor->file, cursor->found))
				return true;
		}
	}
	return false;
}

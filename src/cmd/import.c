/* SPDX-License-Identifier: MIT */
#include "cmd/import.h"

#include "base/log.h"
#include "conf/rcfile.h"
#include "import/formats.h"
#include "os/file.h"
#include "os/process.h"
#include "ui/print.h"

#include <string.h>
#include <unistd.h>

/* The texts that were read; the first is the file that was named. */
struct pile {
	struct converted_file files[CONVERTED_FILES];
	char *paths[CONVERTED_FILES];
	struct buf texts[CONVERTED_FILES];
	size_t count;
};

static void pile_done(struct pile *p)
{
	for (size_t i = 0; i < p->count; i++) {
		mem_free(p->paths[i]);
		buf_wipe_done(&p->texts[i]);
	}
}

static bool has_role(const struct pile *p, const char *role)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->files[i].role && strcmp(p->files[i].role, role) == 0)
			return true;
	return p->count == CONVERTED_FILES;
}

static bool read_input(struct buf *out, struct err *e)
{
	char piece[4096];
	size_t n = 0;

	do {
		if (!file_read_some(STDIN_FILENO, piece, sizeof(piece), &n, e))
			return err_in(e, "standard input");
		buf_bytes(out, piece, n);
		mem_wipe(piece, n);
	} while (n && !out->over);
	return !out->over ||
	       err_set(e, ERR_NOINPUT, "standard input: larger than %d octets", (int)RCFILE_MAX);
}

/* Reads a file, and takes ownership of path. optional: the file may be missing. */
static bool add_file(struct pile *p, char *path, const char *role, bool optional, struct err *e)
{
	struct buf *text = &p->texts[p->count];
	struct file_facts facts = { 0 };
	bool input = !optional && strcmp(path, "-") == 0;

	p->files[p->count] = (struct converted_file) { .path = input ? "standard input" : path };
	p->files[p->count].role = role;
	p->paths[p->count] = path;
	*text = BUF_INIT(RCFILE_MAX);
	buf_reserve(text, 16384);
	p->count++;
	if (input ? read_input(text, e) : file_read(path, text, &facts, e)) {
		p->files[p->count - 1].text = buf_str(text);
		return true;
	}
	if (!optional || !facts.missing) {
		err_become(e, ERR_NOINPUT);
		return false;
	}
	p->count--;
	buf_done(text);
	mem_free(path);
	return true;
}

/* The path of the file name in the same folder as path. */
static char *beside(const char *path, const char *name)
{
	struct str p = str_of(path);
	size_t slash = str_rfind(p, '/');

	return mem_fmt("%.*s%s", (int)(slash == p.len ? 0 : slash + 1), path, name);
}

/* The files that the program reads along with the first. */
static bool add_others(struct pile *p, const struct import_format *format, struct err *e)
{
	const char *first = p->paths[0];

	if (strcmp(first, "-") == 0)
		return true;
	for (const struct import_name *n = format->names; n->name; n++)
		if (!n->alone && !has_role(p, n->name) &&
			!add_file(p, beside(first, n->name), n->name, true, e))
			return false;
	for (size_t i = 0; i < p->count; i++) {
		if (strcmp(p->files[i].role, format->names[0].name) != 0)
			continue;
		for (size_t k = 0; k < IMPORT_POINTERS; k++) {
			const struct import_pointer *pointer = &format->pointers[k];
			char *path = import_pointed(pointer, p->files[i].text);
			if (path && has_role(p, pointer->role))
				mem_free(path);
			else if (path && !add_file(p, path, pointer->role, true, e))
				return false;
		}
	}
	return true;
}

/* The path itself, or, of a folder, the file in it that identifies the program; to be freed. */
static char *find_first(const char *path)
{
	const struct import_format *format;
	char *dot CLEAN_UP(mem_free_at) = mem_fmt("%s/.", path);

	if (strcmp(path, "-") == 0 || !file_is_there(dot))
		return mem_str(path);
	for (size_t i = 0; (format = import_format(i)); i++)
		for (const struct import_name *n = format->names; n->name; n++) {
			char *file = mem_fmt("%s/%s", path, n->name);
			if (file_is_there(file))
				return file;
			mem_free(file);
		}
	return mem_str(path);
}

static bool read_all(
	struct pile *p, const char *path, const struct import_format **ret, struct err *e)
{
	const char *role = NULL;

	if (!add_file(p, find_first(path), NULL, false, e))
		return false;
	if (import_is_ours(p->paths[0], p->files[0].text)) {
		err_set(e, ERR_DATA, "%s: this is a configuration of postrider already", path);
		return err_hint(e, "postrider -P shows what it says");
	}
	*ret = import_by_name(p->paths[0], &role);
	if (!*ret) {
		*ret = import_by_text(p->files[0].text);
		role = *ret ? (*ret)->names[0].name : NULL;
		if (*ret)
			log_warning("%s: recognised as a file of %s by its contents",
				p->files[0].path, (*ret)->program);
	}
	p->files[0].role = role;
	if (*ret)
		return add_others(p, *ret, e);
	err_set(e, ERR_DATA,
		"%s: this is no configuration of ssmtp, dma, nullmailer, esmtp or msmtp",
		p->files[0].path);
	return err_hint(
		e, "name the file as that program does, or its folder: --import /etc/ssmtp");
}

/* Checks the result, and writes what is wrong with it into it as a comment. */
static bool check(struct buf *out, struct err *e)
{
	struct buf why CLEAN_UP(buf_done) = BUF_INIT(2048);

	if (import_check(buf_str(out), e))
		return true;
	buf_fmt(&why, "%s%s%s", e->what, e->hint[0] ? "; " : "", e->hint);
	buf_char(out, '\n');
	converted_comment(out, (struct converted_place) { 0 }, buf_str(&why));
	return false;
}

static bool import_file(const char *path, struct err *e)
{
	struct pile p CLEAN_UP(pile_done) = { 0 };
	struct buf out CLEAN_UP(buf_wipe_done) = BUF_INIT(PRINT_OUT_MAX);
	const struct import_format *format = NULL;
	struct err ignored;

	process_guard_memory();
	buf_reserve(&out, 65536);
	if (!read_all(&p, path, &format, e))
		return false;
	struct converted files = { .files = p.files, .file_count = p.count };
	if (!import_write(format, &files, &out, e))
		return false;
	bool good = check(&out, e);
	return print_out(&out, good ? e : &ignored) && good;
}

int import_run(const struct cli *cli)
{
	struct err e;

	if (cli->count || cli->seen[OPTION_READ_RECIPIENTS] || cli->compose_count || cli->message)
		err_set(&e, ERR_USAGE, "--import prints a configuration, and sends no message");
	else if (import_file(cli->import, &e))
		return EX_OK;
	print_error(&e);
	return err_status(&e);
}

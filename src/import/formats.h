/* SPDX-License-Identifier: MIT */
/*
 * formats - converts other programs' configurations to our own form.
 *
 * The program is recognised by the file's name, or else as the one that knows most of its lines.
 * The caller reads the files: a format says which files belong together, and gets their texts by
 * role. The result parses without an error; import_check() says whether its accounts are complete.
 */
#ifndef IMPORT_FORMATS_H
#define IMPORT_FORMATS_H

#include "import/converted.h"

struct import_name {
	const char *name;
	bool alone; /* it is never read in addition to another file */
};

/* A line "key path" in the first file that names a further file. */
struct import_pointer {
	const char *key, *role;
};

enum { IMPORT_POINTERS = 2 };

struct import_format {
	const char *program;
	const struct import_name *names; /* NULL after the last; the first identifies a folder */
	struct import_pointer pointers[IMPORT_POINTERS];
	bool (*knows)(struct str line);
	void (*reads)(struct converted *d);
};

/* The i-th format; NULL after the last. */
const struct import_format *import_format(size_t i);
/* Recognises the last part of the path. *ret_role: the file's role in the format. NULL: unknown. */
const struct import_format *import_by_name(const char *path, const char **ret_role);
const struct import_format *import_by_text(struct str text);
/* Whether it is our own file, by path or first line: msmtp's grammar, but not its defaults. */
bool import_is_ours(const char *path, struct str text);
/* The absolute path that the pointer's line names, or NULL. The caller frees. */
char *import_pointed(const struct import_pointer *pointer, struct str text);

/*
 * Appends our configuration to out. False with ERR_DATA if a file is not text or the result is too
 * long. If no smarthost is named, a warning is logged.
 */
bool import_write(const struct import_format *format, const struct converted *files,
	struct buf *out, struct err *e);
/* Whether every account with a host is complete and valid; ERR_CONFIG names the first bad one. */
bool import_check(struct str config, struct err *e);

#endif

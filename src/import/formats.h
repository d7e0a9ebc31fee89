/* SPDX-License-Identifier: MIT */
/*
 * formats - other programs' configurations in our own form.
 *
 * Whose file it is says its name, else the program that knows most of its lines. Reading files is
 * the caller's: formats say which files belong together, and texts come in by their roles. What
 * comes out parses without a problem; import_check() says whether its accounts are complete.
 */
#ifndef IMPORT_FORMATS_H
#define IMPORT_FORMATS_H

#include "import/converted.h"

struct import_name {
	const char *name;
	bool alone; /* it is not taken along with another */
};

/* A line of the first file, "key path", that names a further one. */
struct import_pointer {
	const char *key, *role;
};

enum { IMPORT_POINTERS = 2 };

struct import_format {
	const char *program;
	const struct import_name *names; /* NULL behind the last; the first tells of a folder */
	struct import_pointer pointers[IMPORT_POINTERS];
	bool (*knows)(struct str line);
	void (*reads)(struct converted *d);
};

/* NULL behind the last. */
const struct import_format *import_format(size_t i);
/* By the last part of the path; *ret_role: the name it has in the format. */
const struct import_format *import_by_name(const char *path, const char **ret_role);
const struct import_format *import_by_text(struct str text);
/* Is it where our own file is, or did we make it? Its grammar is msmtp's, its defaults are not. */
bool import_is_ours(const char *path, struct str text);
/* The absolute path that the pointer names; NULL: none. Yours. */
char *import_pointed(const struct import_pointer *pointer, struct str text);

/* False with ERR_DATA: a file is no text, or the result would be too long. A warning is logged
 * where no smarthost is named. */
bool import_write(const struct import_format *format, const struct converted *files,
	struct buf *out, struct err *e);
/* Is every account that has a host complete, and right? ERR_CONFIG tells of the first that is not.
 */
bool import_check(struct str config, struct err *e);

#endif

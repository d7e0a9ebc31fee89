/* SPDX-License-Identifier: MIT */
/*
 * private_cache - keeps small files that make a later run faster, and that nothing depends on.
 *
 * They are in a folder that is ours and closed to all others (0700); any other folder is not used.
 * A missing folder is made, and its parent too, if the parent's parent is ours. A file is replaced
 * by one rename, so that readers see the old one or the new one. Failures are silent: the result is
 * false, and the run goes on without a cache.
 */
#ifndef OS_PRIVATE_CACHE_H
#define OS_PRIVATE_CACHE_H

#include "base/buf.h"

/* Reads the whole file, up to out's limit; false if written more than max_age seconds ago. */
bool private_cache_read(const char *folder, const char *name, unsigned max_age, struct buf *out);
/* Makes one folder, in one that is ours. True if it is there now. */
bool private_cache_make(const char *folder);
/* Makes the folder if it is missing. True if there is one that may be used. */
bool private_cache_prepare(const char *folder);
/*
 * Writes the file. Others of its kind (the text behind the first dot of the name) that were written
 * more than max_age seconds ago are removed, and what a process left behind that was killed here.
 */
bool private_cache_write(const char *folder, const char *name, unsigned max_age, struct str bytes);
/* Removes the file. True if this call removed it, also when others try at the same time. */
bool private_cache_remove(const char *folder, const char *name);

#endif

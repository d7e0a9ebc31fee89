/* SPDX-License-Identifier: MIT */
/*
 * private_cache - small files that make a later run faster, and that nothing depends on.
 *
 * They are in a folder that is ours and closed to all others (0700); with any other folder there is
 * no cache. A missing folder is made, and the one above it too, if what is above that is ours. A
 * file is replaced by one rename, so that readers see the old one or the new one. Failures are
 * silent: the result is false, and the run goes on without a cache.
 */
#ifndef OS_PRIVATE_CACHE_H
#define OS_PRIVATE_CACHE_H

#include "base/buf.h"

/* The whole file, up to out's limit, unless it was written more than max_age seconds ago. */
bool private_cache_read(const char *folder, const char *name, unsigned max_age, struct buf *out);
/* Makes the folder if it is missing; is there one that may be used? */
bool private_cache_prepare(const char *folder);
bool private_cache_write(const char *folder, const char *name, struct str bytes);
/* Was it there, and is it gone by this call? Of several at once only one hears true. */
bool private_cache_remove(const char *folder, const char *name);

#endif

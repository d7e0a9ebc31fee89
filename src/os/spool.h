/* SPDX-License-Identifier: MIT */
/*
 * spool - keeps octets that are written once and read as often as needed, at any offset.
 *
 * Up to SPOOL_MEMORY octets stay in memory. A longer text moves to a file in $TMPDIR, /var/tmp or
 * /tmp (the first that works) that has no name or is unlinked immediately: nobody else can open it,
 * and nothing is left behind. If there is not enough room, the error is ERR_TEMPORARY and names the
 * folder.
 *
 * A text can be rewritten while it is read, even when no file may be opened any more: the new text
 * is written after the old one, in the same memory or file, and then replaces it.
 */
#ifndef OS_SPOOL_H
#define OS_SPOOL_H

#include "base/buf.h"
#include "base/err.h"

enum { SPOOL_MEMORY = 1 << 20, SPOOL_PIECE = 65536 };

/* All zero is an empty text. */
struct spool {
	uint64_t size; /* octets of the text */
	/* Private: */
	struct buf memory;
	int fd; /* 0: all is in memory */
	const char *folder;
	uint64_t start, added; /* where the text begins; octets of the new text written after it */
	bool rewriting;
	char *piece; /* SPOOL_PIECE octets, allocated when needed */
};

void spool_done(struct spool *s);
bool spool_write(struct spool *s, struct str bytes, struct err *e);
/*
 * Gives at most SPOOL_PIECE octets from octet `at` on, none at the end; borrowed until the next
 * spool_at(), or spool_write() unless the text is being rewritten.
 */
bool spool_at(struct spool *s, uint64_t at, struct str *ret, struct err *e);
/* From here on spool_write() writes the new text, while the old one can be read. */
void spool_rewrite_begin(struct spool *s);
/* Replaces the old text by the new one; without `keep`, drops the new one. */
void spool_rewrite_end(struct spool *s, bool keep);

#endif

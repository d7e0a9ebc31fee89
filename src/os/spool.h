/* SPDX-License-Identifier: MIT */
/*
 * spool - octets written once and read as often as needed, from any place.
 *
 * Up to SPOOL_MEMORY octets stay in memory; beyond that all of it moves to a file in $TMPDIR,
 * /var/tmp or /tmp (the first that works) that never has a name or is unlinked at once: nobody can
 * open it and nothing is left behind. If there is not enough room the error is ERR_TEMPORARY and
 * names the folder.
 *
 * A text can be rewritten while it is read, also where no file may be opened any more: the new text
 * is written behind the old one, in the same memory or file, and then takes its place.
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
	uint64_t start,
		added; /* where the text begins; octets of the one that is written behind it */
	bool rewriting;
	char *piece; /* SPOOL_PIECE octets, once they were needed */
};

void spool_done(struct spool *s);
bool spool_write(struct spool *s, struct str bytes, struct err *e);
/*
 * At most SPOOL_PIECE octets from octet `at` on, none at the end. Borrowed until the next call of
 * spool_at(), or of spool_write() unless the text is being rewritten.
 */
bool spool_at(struct spool *s, uint64_t at, struct str *ret, struct err *e);
/* From here on spool_write() writes the new text, and the old one can be read. */
void spool_rewrite_begin(struct spool *s);
/* The new text takes the place of the old one; or it is dropped, and the old one stays. */
void spool_rewrite_end(struct spool *s, bool keep);

#endif

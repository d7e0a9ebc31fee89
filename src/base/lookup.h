/* SPDX-License-Identifier: MIT */
/*
 * lookup - finds the row of an array that has a key, in constant time.
 *
 * The array belongs to the caller, and so do its keys: the table holds positions in it, each with
 * the hash of its key. Rows are never taken out. All zero is an empty table.
 */
#ifndef BASE_LOOKUP_H
#define BASE_LOOKUP_H

#include "base/str.h"

struct lookup {
	struct lookup_slot {
		uint32_t hash, at; /* at: position + 1; 0: free */
	} * slots;
	size_t cap, count;
};

/* Whether the row at that position of the array has this key. */
typedef bool lookup_match(const void *rows, size_t position, const void *key);

enum { LOOKUP_NONE = -1 };

/* The hash of a key; upper and lower case are the same in octets from `folded` on. */
uint32_t lookup_hash(struct str key, size_t folded);
/* The position of the row that matches, or LOOKUP_NONE. */
ptrdiff_t lookup_find(const struct lookup *table, uint32_t hash, lookup_match *match,
	const void *rows, const void *key);
/* Adds a row whose key is not there yet. */
void lookup_add(struct lookup *table, uint32_t hash, size_t position);
void lookup_done(struct lookup *table);

#endif

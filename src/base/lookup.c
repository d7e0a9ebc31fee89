/* SPDX-License-Identifier: MIT */
#include "base/lookup.h"

#include "base/mem.h"

/* FNV-1a */
uint32_t lookup_hash(struct str key, size_t folded)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)(i < folded ? key.p[i] : chr_lower(key.p[i]))) * 16777619u;
	return h;
}

ptrdiff_t lookup_find(const struct lookup *table, uint32_t hash, lookup_match *match,
	const void *rows, const void *key)
{
	for (size_t i = hash; table->cap; i++) {
		const struct lookup_slot *slot = &table->slots[i & (table->cap - 1)];
		if (!slot->at)
			break;
		if (slot->hash == hash && match(rows, slot->at - 1, key))
			return (ptrdiff_t)slot->at - 1;
	}
	return LOOKUP_NONE;
}

static void put(struct lookup *table, struct lookup_slot row)
{
	size_t i = row.hash;

	while (table->slots[i & (table->cap - 1)].at)
		i++;
	table->slots[i & (table->cap - 1)] = row;
}

void lookup_add(struct lookup *table, uint32_t hash, size_t position)
{
	if (2 * table->count >= table->cap) {
		struct lookup more = { .cap = table->cap ? 2 * table->cap : 16 };
		more.slots = mem_alloc(more.cap * sizeof(*more.slots));
		for (size_t i = 0; i < table->cap; i++)
			if (table->slots[i].at)
				put(&more, table->slots[i]);
		mem_free(table->slots);
		more.count = table->count;
		*table = more;
	}
	put(table, (struct lookup_slot) { hash, (uint32_t)position + 1 });
	table->count++;
}

void lookup_done(struct lookup *table)
{
	mem_free(table->slots);
	*table = (struct lookup) { 0 };
}

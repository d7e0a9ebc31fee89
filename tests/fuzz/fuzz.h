/* SPDX-License-Identifier: MIT */
/*
 * fuzz - what the fuzz targets share.
 *
 * A target is LLVMFuzzerTestOneInput(). libFuzzer calls it with inputs of its own (-Dfuzz=true);
 * replay.c with every file of a corpus folder, as a regression test. claim() states what must hold;
 * it and must() (through the linker's --wrap) abort, so that the input at hand is kept.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void __wrap_mem_bug(const char *what, const char *file, int line) ATTR_NORETURN;

/* A target may have several sources. */
__attribute__((weak)) void __wrap_mem_bug(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s does not hold\n", file, line, what);
	abort();
}

#define claim(cond) ((cond) ? (void)0 : __wrap_mem_bug(#cond, __FILE__, __LINE__))

/* The input, taken from the front. */
struct input {
	struct str rest;
};

static inline struct input input_of(const uint8_t *data, size_t size)
{
	return (struct input) { { size ? (const char *)data : "", size } };
}

/* One octet, or 0 at the end. */
static inline unsigned input_octet(struct input *in)
{
	unsigned octet = in->rest.len ? (unsigned char)in->rest.p[0] : 0;

	in->rest = str_from(in->rest, 1);
	return octet;
}

static inline struct str input_octets(struct input *in, size_t n)
{
	struct str head = str_head(in->rest, n);

	in->rest = str_from(in->rest, n);
	return head;
}

#endif

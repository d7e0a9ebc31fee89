/* SPDX-License-Identifier: MIT */
/* A .netrc: what is found stands in the file, and reading it has an end. */
#include "fuzz.h"

#include "cred/netrc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = input_of(data, size).rest;
	struct secret got CLEAN_UP(secret_done) = { 0 };

	if (!netrc_find(text, STR("m"), STR("j"), &got)) {
		claim(!secret_is_set(&got));
		return 0;
	}
	claim(got.len <= text.len);
	for (size_t i = 0; i < got.len; i++)
		claim(str_find(text, got.bytes[i]) < text.len);
	return 0;
}

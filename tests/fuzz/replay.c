/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over every file of a folder: replay FOLDER prints TAP. */
#include "base/mem.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUT_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool replay(const char *folder, const char *name)
{
	char *path CLEAN_UP(mem_free_at) = mem_fmt("%s/%s", folder, name);
	FILE *file = fopen(path, "rb");

	if (!file)
		return false;
	uint8_t *all CLEAN_UP(mem_free_at) = mem_alloc(INPUT_MAX);
	size_t size = fread(all, 1, INPUT_MAX, file);
	fclose(file);
	/* In a block of its own size: a sanitizer sees the octet behind it. */
	uint8_t *data CLEAN_UP(mem_free_at) = mem_grow(NULL, size);
	for (size_t i = 0; i < size; i++)
		data[i] = all[i];
	return LLVMFuzzerTestOneInput(data, size) == 0;
}

int main(int argc, char **argv)
{
	struct dirent **names;
	int count = argc == 2 ? scandir(argv[1], &names, is_file, alphasort) : -1;
	int failed = 0;

	if (count <= 0) {
		printf("Bail out! no corpus\n");
		return EXIT_FAILURE;
	}
	printf("1..%d\n", count);
	for (int i = 0; i < count; i++) {
		printf("# %s\n", names[i]->d_name);
		fflush(stdout);
		bool ok = replay(argv[1], names[i]->d_name);
		printf("%s %d - %s\n", ok ? "ok" : "not ok", i + 1, names[i]->d_name);
		failed += !ok;
		free(names[i]);
	}
	free(names);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/*
 * reach - which code a test came to.
 *
 * Linked into programs built with -fsanitize-coverage=trace-pc, which calls us at the start of each
 * block of code. The octet at the block's offset is set in a file beside the program,
 * PROGRAM.reach, mapped before main(): nothing is left to be written at the end, so that _exit(),
 * signals and Landlock lose nothing. Where there is no such file, nothing is noted.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

extern const char __ehdr_start[] __attribute__((visibility("hidden")));
static unsigned char *seen;
static size_t size;

__attribute__((visibility("hidden"))) void __sanitizer_cov_trace_pc(void)
{
	size_t at = (uintptr_t)__builtin_return_address(0) - (uintptr_t)__ehdr_start;

	if (seen && at < size)
		seen[at] = 1;
}

/* Shared objects that are loaded into a program have a copy of this, which must not write. */
static int in_the_program(void)
{
	uintptr_t headers = getauxval(AT_PHDR);

	return headers - (uintptr_t)__ehdr_start < 4096;
}

__attribute__((constructor(101))) static void begin(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof(".reach"));
	struct stat st;

	if (n <= 0 || !in_the_program())
		return;
	snprintf(path + n, sizeof(path) - (size_t)n, ".reach");
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	void *map =
		fstat(fd, &st) == 0 && st.st_size
			? mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
			: MAP_FAILED;
	close(fd);
	if (map == MAP_FAILED)
		return;
	seen = map;
	size = (size_t)st.st_size;
}

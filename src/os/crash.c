/* SPDX-License-Identifier: MIT */
#include "os/crash.h"

#include "base/mem.h"

#include <errno.h>
#include <signal.h>

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

enum { STACK_OCTETS = 65536 }; /* the normal one may be what ran out */

/* A failed allocation has left its mark, as nothing was called since. */
static void end(int number)
{
	(void)number;
	if (errno == ENOMEM)
		verdict_end("out of memory in a library");
	verdict_crash(
		"a library, or this program, crashed; please report it with the command you used");
}

void crash_handle(void)
{
	static char octets[STACK_OCTETS];
	static const int numbers[] = { SIGSEGV, SIGBUS, SIGABRT };
	struct sigaction action = { .sa_handler = end, .sa_flags = SA_ONSTACK | (int)SA_RESETHAND };
	stack_t stack = { .ss_sp = octets, .ss_size = sizeof(octets) };

	if (IS_SANITIZED || sigaltstack(&stack, NULL) != 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		sigaction(numbers[i], &action, NULL);
}

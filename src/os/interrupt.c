/* SPDX-License-Identifier: MIT */
#include "os/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	int number;
	const char *name;
} signals[] = { { SIGINT, "SIGINT" }, { SIGTERM, "SIGTERM" }, { SIGHUP, "SIGHUP" } };

static volatile sig_atomic_t caught;
static int wake[2] = { -1, -1 }; /* a pipe: poll() must not miss a signal that comes before it */
static bool is_held;

static void die_by(int number)
{
	struct sigaction normal = { .sa_handler = SIG_DFL };
	sigset_t one;

	sigaction(number, &normal, NULL);
	sigemptyset(&one);
	sigaddset(&one, number);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	raise(number);
}

static void note_signal(int number)
{
	int before = errno;

	if (caught)
		die_by(number);
	caught = number;
	ssize_t ignored = write(wake[1], "", 1);
	(void)ignored;
	errno = before;
}

void interrupt_init(void)
{
	struct sigaction noted = { .sa_handler = note_signal }, old;

	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
		return; /* they end the process as they did before */
	sigemptyset(&noted.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (sigaction(signals[i].number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i].number, &noted, NULL);
}

int interrupt_signal(void)
{
	return caught;
}

bool interrupt_is_due(void)
{
	return !is_held && caught;
}

const char *interrupt_name(void)
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (signals[i].number == caught)
			return signals[i].name;
	return "a signal";
}

void interrupt_hold(bool held)
{
	is_held = held;
}

int interrupt_fd(void)
{
	return is_held ? -1 : wake[0];
}

bool interrupt_err(struct err *e)
{
	return err_set(e, ERR_INTERRUPTED, "ended by %s", interrupt_name());
}

void interrupt_die(void)
{
	die_by(caught);
	_exit(128 + caught); /* it was blocked by who started us, and is pending */
}

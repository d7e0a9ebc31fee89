/* SPDX-License-Identifier: MIT */
/* What tests/integration/test_prompt.py cannot wait for: the end of the time; and no terminal. */
#include "unit.h"

#include "base/clock.h"
#include "os/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>

/* A child whose controlling terminal, and standard error, is this one. */
static int with_terminal(void (*fn)(void))
{
	int leader = posix_openpt(O_RDWR | O_NOCTTY), status = 0;

	if (leader < 0 || grantpt(leader) != 0 || unlockpt(leader) != 0)
		skip();
	pid_t child = fork();
	if (child == 0) {
		setsid();
		int fd = open(ptsname(leader), O_RDWR);
		if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) != 0 || dup2(fd, STDERR_FILENO) < 0)
			_exit(100);
		fn();
		_exit(0);
	}
	assert_true(child > 0 && waitpid(child, &status, 0) == child);
	close(leader);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool echoes(void)
{
	struct termios now;

	return tcgetattr(STDERR_FILENO, &now) == 0 && now.c_lflag & ECHO;
}

static void wait_in_vain(void)
{
	struct secret got = { 0 };
	struct err e;
	int64_t begin = clock_now();

	if (!terminal_is_there())
		_exit(1);
	if (terminal_ask("Password: ", 1, &got, &e) || secret_is_set(&got))
		_exit(2);
	if (e.kind != ERR_CONFIG || !holds(str_of(e.what), "within 1 s"))
		_exit(3);
	if (clock_now() - begin < 1000)
		_exit(4);
	if (!echoes())
		_exit(5);
}

static void test_end_of_the_time(void **state)
{
	(void)state;
	assert_int_equal(with_terminal(wait_in_vain), 0);
}

static void save_and_restore(void)
{
	struct terminal_state *s = terminal_save();
	struct termios raw;

	if (!s || tcgetattr(STDERR_FILENO, &raw) != 0)
		_exit(1);
	cfmakeraw(&raw);
	if (tcsetattr(STDERR_FILENO, TCSANOW, &raw) != 0 || echoes())
		_exit(2);
	terminal_restore(s);
	terminal_state_free(s);
	if (!echoes())
		_exit(3);
}

static void test_restore(void **state)
{
	(void)state;
	assert_int_equal(with_terminal(save_and_restore), 0);
}

static void ask_no_one(void)
{
	struct secret got = { 0 };
	struct err e;

	setsid();
	terminal_restore(NULL);
	terminal_state_free(NULL);
	_exit(terminal_is_there() || terminal_save() || terminal_ask("Password: ", 1, &got, &e)
			? 1
			: 0);
}

static void test_no_terminal(void **state)
{
	(void)state;
	assert_int_equal(dies(ask_no_one), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_end_of_the_time),
		cmocka_unit_test(test_restore),
		cmocka_unit_test(test_no_terminal),
	};
	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}

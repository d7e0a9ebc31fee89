/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "cred/cred.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* What was found says where it is from. */
static void check_found(const struct cred_options *options, enum cred_source source, bool token)
{
	struct cred found CLEAN_UP(cred_done) = { .source = CRED_NONE };
	struct err e;

	assert_true(cred_find(options, &found, &e));
	assert_int_equal(found.source, source);
	assert_int_equal(found.token, token);
	assert_int_equal(secret_is_set(&found.secret), source != CRED_NONE);
	assert_int_equal(found.expires, 0);
}

static void test_sources(void **state)
{
	struct secret password CLEAN_UP(secret_done) = { 0 };
	struct cred_options options = {
		.password = &password, .account = "", .user = "u", .host = "h", .optional = true
	};
	char path[] = "/tmp/test-cred-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	unsetenv("DBUS_SESSION_BUS_ADDRESS");
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "in a file\n", 10), 10);
	close(fd);
	check_found(&options, CRED_NONE, false);
	options.passwordeval = "echo by a command";
	check_found(&options, CRED_COMMAND, false);
	options.password_file = path;
	check_found(&options, CRED_FILE, false);
	assert_true(secret_set(&password, "written", 7));
	check_found(&options, CRED_SETTING, false);
	options.token = true;
	check_found(&options, CRED_SETTING, true);
	unlink(path);
}

/* Each source has words of its own for people. */
static void test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CRED_SOURCES; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(cred_source_name((enum cred_source)i, false),
				cred_source_name((enum cred_source)k, false));
	assert_string_equal(cred_source_name(CRED_NETRC, true), "~/.netrc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests_name("cred", tests, NULL, NULL);
}

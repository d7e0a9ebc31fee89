/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "conf/option_hint.h"

static void test_rows(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "the server requires TLS: add the lines tls on and tls_starttls on to the "
		  "account",
			"the server requires TLS: add the options --tls=on and --tls-starttls=on "
			"to the "
			"command" },
		{ "add the lines auth on, user NAME and passwordeval COMMAND to the account",
			"add the options --auth=on, --user=NAME and --passwordeval=COMMAND to the "
			"command" },
		{ "add a line: user NAME", "add an option: --user=NAME" },
		{ "is it the right server (line host NAME)? the same command",
			"is it the right server (option --host=NAME)? the same command" },
		{ "shows its line from; change that line, use -f ADDRESS",
			"shows its option --from; change that line, use -f ADDRESS" },
		{ "write tls_trust_file FILE with the authority; or tls_fingerprint AB:CD",
			"write --tls-trust-file=FILE with the authority; or "
			"--tls-fingerprint=AB:CD" },
		{ "the line user must name its mailbox",
			"the option --user must name its mailbox" },
		{ "auth plain (and tls on)", "auth plain (and tls on)" },
		{ "with the line auth plain (and tls on)",
			"with the option --auth=plain (and --tls=on)" },
		{ "lines port 465 and tls_starttls off make TLS begin at once",
			"options --port=465 and --tls-starttls=off make TLS begin at once" },
		{ "correct the line host srv:example.org",
			"correct the option --host=srv:example.org" },
		{ "the line nameserver in /etc/resolv.conf",
			"the line nameserver in /etc/resolv.conf" },
		{ "the first line it prints has to be the token",
			"the first line it prints has to be the token" },
		{ "the host is up, and the user too", "the host is up, and the user too" },
		{ "the password is from the line password",
			"the password is from the line password" },
		{ "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(1000);
		option_hint(str_of(rows[i][0]), &out);
		CHECK_TEXT(rows[i][0], buf_str(&out), rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};
	return cmocka_run_group_tests_name("option_hint", tests, NULL, NULL);
}

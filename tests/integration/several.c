/* SPDX-License-Identifier: MIT */
/*
 * several - sends messages over one session, by the functions of session/session.
 *
 *   several PORT < LIST
 *
 * Each line of LIST is one message: its recipients, with blanks between. The server is 127.0.0.1,
 * without TLS and AUTH. For each message a line is printed: outcome, status, and the status of each
 * recipient (p pending, m accepted by RCPT, a accepted, r refused).
 */
#include "base/mem.h"
#include "session/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_recipients(struct envelope *env, char *line)
{
	struct str rest = str_trim_lines(str_of(line)), word;
	struct err e;

	envelope_from(env, "a@x.example");
	while ((word = str_word(&rest)).len) {
		char *addr CLEAN_UP(mem_free_at) = mem_dup(word.p, word.len);
		must(envelope_add(env, addr, &e));
	}
}

static void print_statuses(const struct envelope *env)
{
	for (size_t i = 0; i < env->count; i++)
		putchar("pmar"[env->rcpts[i].status]);
	putchar('\n');
	fflush(stdout);
}

struct text {
	const char *octets;
};

static bool suit(
	void *ctx, const struct capabilities *caps, struct client_message *ret, struct err *e)
{
	const struct text *text = ctx;

	(void)caps;
	(void)e;
	*ret = (struct client_message) { .size = strlen(text->octets), .partial = true };
	return true;
}

static bool read_octets(void *ctx, uint64_t at, struct str *ret, struct err *e)
{
	const struct text *text = ctx;

	(void)e;
	*ret = str_from(str_of(text->octets), at);
	return true;
}

static void send_one(struct session *s, char *line, unsigned number)
{
	static const char *const outcomes[] = { "not-sent", "accepted", "refused", "unknown" };
	struct envelope env CLEAN_UP(envelope_done) = { 0 };
	char *octets CLEAN_UP(mem_free_at) =
		mem_fmt("Subject: %u\r\n\r\nmessage %u\r\n", number, number);
	struct text text = { octets };
	const struct session_message message = {
		.env = &env, .suit = suit, .read = read_octets, .ctx = &text
	};

	set_recipients(&env, line);
	const struct client_result *r = session_send(s, &message);
	printf("%s %d ", outcomes[r->outcome], err_status(&r->err));
	print_statuses(&env);
}

int main(int argc, char **argv)
{
	struct session_server target = { .host = "127.0.0.1", .helo = "localhost" };
	struct session_facts facts = { .begun = { 0 } };
	struct session_options options = {
		.facts = &facts,
		.account = "several",
		.servers = &target,
		.count = 1,
		.chunking = true,
		.pipelining = PIPELINING_AUTO,
		.timeout = 10,
		.timeout_final = 10,
		.run_until = DEADLINE_NEVER,
	};
	char line[4096];
	struct err e;

	must(argc == 2);
	target.port = (unsigned)strtoul(argv[1], NULL, 10);
	struct session *s = session_open(&options, &e);
	if (!s) {
		fprintf(stderr, "%s\n", e.what);
		return err_status(&e);
	}
	for (unsigned number = 1; fgets(line, sizeof(line), stdin); number++)
		send_one(s, line, number);
	session_close(s);
	return 0;
}

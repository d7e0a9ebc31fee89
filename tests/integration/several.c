/* SPDX-License-Identifier: MIT */
/*
 * several - sends messages over one session, by the functions of session/session.
 *
 *   several PORT < LIST
 *
 * Each line of LIST is one message: its recipients, with blanks between. The server is 127.0.0.1,
 * without TLS and AUTH. For each message a line is printed: outcome, status, and the fate of each
 * recipient (p pending, m promised, a accepted, r refused).
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

static void print_fates(const struct envelope *env)
{
	for (size_t i = 0; i < env->count; i++)
		putchar("pmar"[env->rcpts[i].status]);
	putchar('\n');
	fflush(stdout);
}

static void send_one(struct session *s, char *line, unsigned number)
{
	static const char *const outcomes[] = { "not-sent", "accepted", "refused", "unknown" };
	struct envelope env CLEAN_UP(envelope_done) = { 0 };
	struct spool content CLEAN_UP(spool_done) = { 0 };
	char *text CLEAN_UP(mem_free_at) =
		mem_fmt("Subject: %u\r\n\r\nmessage %u\r\n", number, number);
	struct err e;

	set_recipients(&env, line);
	spool_init(&content);
	must(spool_write(&content, str_of(text), &e));
	struct client_message mail = { .size = content.size, .partial = true };
	const struct client_result *r = NULL;
	while (!r)
		r = session_send(s, &env, &mail, &content);
	printf("%s %d ", outcomes[r->outcome], err_status(&r->err));
	print_fates(&env);
}

int main(int argc, char **argv)
{
	struct session_server target = { .host = "127.0.0.1", .helo = "localhost" };
	struct session_options options = {
		.account = "several",
		.targets = &target,
		.count = 1,
		.chunking = true,
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

/* SPDX-License-Identifier: MIT */
#include "net/resolve.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "os/forked_call.h"
#include "os/task.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

enum {
	SLOW_MS = 500,     /* of an answer for both families together */
	OTHER_MS = 50,     /* how much later the other family may answer */
	LIST_OCTETS = 600, /* of addresses in a log */
};

static bool is_local_name(const char *host)
{
	struct str name = str_chop(str_of(host), '.');

	return str_same(name, STR("localhost")) || str_ends_same(name, STR(".localhost"));
}

bool resolve_is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (is_local_name(host))
		return true;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static const struct {
	int af;
	const char *name;
} families[] = {
	[RESOLVE_ANY] = { AF_UNSPEC, "" },
	[RESOLVE_IPV4] = { AF_INET, "IPv4 " },
	[RESOLVE_IPV6] = { AF_INET6, "IPv6 " },
};

/* os: errno, for what has no words of its own. */
static bool explain_lookup(const struct resolve_options *options, int failed, int os, struct err *e)
{
	bool none = failed == EAI_NODATA || failed == EAI_ADDRFAMILY || failed == EAI_NONAME;

	if (none && options->family) {
		err_set(e, ERR_NETWORK, "host %s: it is unknown, or has no %saddress",
			options->host, families[options->family].name);
		return err_hint_about(e, "getent ahosts ", options->host,
			" shows its addresses; the family is asked for by address_family, -4, -6 "
			"or source_ip");
	}
	err_set(e, ERR_NETWORK, "host %s: %s", options->host,
		failed == EAI_SYSTEM ? strerror(os) : gai_strerror(failed));
	return err_hint_about(e,
		"is the name spelt right, and is the network up? ask again with: getent hosts ",
		options->host, "");
}

/* --- a look-up, as a task: libc knows no deadline --- */

struct lookup {
	struct addrinfo hints, *found;
	char host[NI_MAXHOST], service[16];
	int failed, os; /* of getaddrinfo(), 0: none; and errno */
};

static void fill_lookup(struct lookup *l, const struct resolve_options *options, int flags)
{
	*l = (struct lookup) { .hints = {
				       .ai_socktype = SOCK_STREAM,
				       .ai_family = families[options->family].af,
				       .ai_flags = AI_NUMERICSERV | flags,
			       } };
	text_fmt(l->host, sizeof(l->host), "%s", options->host);
	text_fmt(l->service, sizeof(l->service), "%u", options->port);
}

static void ask_libc(void *ctx)
{
	struct lookup *l = ctx;

	l->failed = getaddrinfo(l->host, l->service, &l->hints, &l->found);
	l->os = errno;
}

static void release_lookup(void *ctx)
{
	struct lookup *l = ctx;

	if (l->found)
		freeaddrinfo(l->found);
	mem_free(l);
}

/* One that was started, or could not be: then there is no task. */
struct job {
	struct lookup *lookup;
	struct task *task;
};

static struct job start_lookup(const struct resolve_options *options, int flags)
{
	struct job job = { .lookup = mem_alloc(sizeof(*job.lookup)) };
	struct err ignored;

	fill_lookup(job.lookup, options, flags);
	job.task = task_start(
		&(struct task_options) {
			.call = ask_libc, .release = release_lookup, .ctx = job.lookup },
		&ignored);
	if (!job.task)
		release_lookup(job.lookup);
	return job;
}

static void end_job(struct job *job)
{
	task_end(job->task);
}

static bool has_answer(const struct job *job)
{
	return task_is_done(job->task) && !job->lookup->failed;
}

/* NULL: there is none. */
static struct addrinfo *take_answer(struct job *job)
{
	struct addrinfo *found = has_answer(job) ? job->lookup->found : NULL;

	if (found)
		job->lookup->found = NULL;
	return found;
}

static void list_addresses(const struct addrinfo *found, struct buf *ret)
{
	for (const struct addrinfo *ai = found; ai; ai = ai->ai_next) {
		char text[RESOLVE_TEXT_MAX];
		resolve_text(ai, text);
		buf_fmt(ret, " %s", text);
	}
}

static void log_answer(const char *host, const char *list, int64_t since)
{
	log_detail("host %s is%s (%lld ms)", host, list, (long long)(clock_now() - since));
}

static bool too_late(const struct resolve_options *options, struct err *e)
{
	err_set(e, ERR_TIMEOUT, "host %s: the name server did not answer in time", options->host);
	return err_hint_about(e,
		"is the network up, and the line nameserver in /etc/resolv.conf right? ask again "
		"with: getent hosts ",
		options->host, "");
}

struct apart {
	const struct resolve_options *options;
	struct job *both, v6, v4;
};

/* The first of the three that is of use: both families together, or what there is of them. */
static bool wait_apart(struct apart *a, deadline until, struct err *e)
{
	struct task *const tasks[] = { a->both->task, a->v6.task, a->v4.task };
	deadline later = until;
	bool one = false;

	while (!has_answer(a->both)) {
		bool all = task_is_done(a->v6.task) && task_is_done(a->v4.task);
		if (!one && (has_answer(&a->v6) || has_answer(&a->v4))) {
			one = true;
			later = deadline_first(deadline_in(OTHER_MS), until);
		}
		if (all || (one && deadline_passed(later)))
			return true;
		if (deadline_passed(until))
			return too_late(a->options, e);
		if (!tasks_wait(tasks, ARRAY_LEN(tasks), later, e))
			return false;
	}
	return true;
}

static struct addrinfo *join(struct addrinfo *first, struct addrinfo *second)
{
	struct addrinfo *last = first;

	while (last && last->ai_next)
		last = last->ai_next;
	if (last)
		last->ai_next = second;
	return first ? first : second;
}

/*
 * A resolver that gets no answer about one family holds back what it knows of the other. So they
 * are asked for one by one, and who is late by OTHER_MS is not waited for (RFC 8305 section 3).
 */
static struct addrinfo *find_apart(
	const struct resolve_options *options, struct job *both, deadline until, struct err *e)
{
	struct resolve_options v6 = *options, v4 = *options;
	struct addrinfo *found = NULL;

	v6.family = RESOLVE_IPV6;
	v4.family = RESOLVE_IPV4;
	struct apart a = {
		.options = options,
		.both = both,
		.v6 = start_lookup(&v6, 0),
		.v4 = start_lookup(&v4, 0),
	};
	bool started = a.v6.task && a.v4.task;
	bool good = started ? wait_apart(&a, until, e) : too_late(options, e);
	if (good && !(found = take_answer(both)))
		found = join(take_answer(&a.v6), take_answer(&a.v4));
	if (good && !found)
		explain_lookup(options, a.v4.lookup->failed, a.v4.lookup->os, e);
	end_job(&a.v6);
	end_job(&a.v4);
	return found;
}

static struct addrinfo *find_addresses(
	const struct resolve_options *options, int flags, deadline until, struct err *e)
{
	bool any = options->family == RESOLVE_ANY;
	deadline first = any ? deadline_first(deadline_in(SLOW_MS), until) : until;
	struct job both CLEAN_UP(end_job) = start_lookup(options, flags);
	struct addrinfo *found = NULL;

	if (!both.task) {
		explain_lookup(options, EAI_AGAIN, 0, e);
		return NULL;
	}
	if (!tasks_wait(&both.task, 1, first, e))
		return NULL;
	if (task_is_done(both.task) && !(found = take_answer(&both)))
		explain_lookup(options, both.lookup->failed, both.lookup->os, e);
	else if (!found && any)
		found = find_apart(options, &both, until, e);
	else if (!found)
		too_late(options, e);
	return found;
}

/* What needs no resolver; *ret_failed: 0, or why not, of getaddrinfo(). */
static struct addrinfo *find_here(const struct resolve_options *options, int *ret_failed)
{
	struct lookup l;
	struct addrinfo *found = NULL;

	fill_lookup(&l, options, AI_NUMERICHOST);
	*ret_failed = getaddrinfo(
		is_local_name(options->host) ? NULL : l.host, l.service, &l.hints, &found);
	return *ret_failed ? NULL : found;
}

struct addrinfo *resolve(const struct resolve_options *options, deadline until, struct err *e)
{
	int failed;
	struct addrinfo *found = find_here(options, &failed);

	if (found)
		return found;
	if (failed == EAI_ADDRFAMILY) {
		err_set(e, ERR_CONFIG, "host %s: this is no %saddress", options->host,
			families[options->family].name);
		(void)err_hint(e, "take out what chooses the family: -4, -6, the line "
				  "address_family or source_ip");
		return NULL;
	}
	int64_t since = clock_now();
	struct buf list CLEAN_UP(buf_done) = BUF_INIT(LIST_OCTETS);
	if (!(found = find_addresses(options, 0, until, e)))
		return NULL;
	list_addresses(found, &list);
	log_answer(options->host, buf_text(&list), since);
	return found;
}

/* One by one: the list may be joined of two answers, which not every libc can release at once. */
void resolve_free(struct addrinfo *list)
{
	while (list) {
		struct addrinfo *next = list->ai_next;
		list->ai_next = NULL;
		freeaddrinfo(list);
		list = next;
	}
}

/* --- the canonical name, which is asked for before the process is confined --- */

struct question {
	const char *host;
	deadline until;
};
struct answer {
	bool good;
	struct err err;
	char name[NI_MAXHOST], list[LIST_OCTETS];
};

/* In a child, with which whatever was left behind ends. */
static void find_canonical(const void *ctx, struct buf *ret)
{
	const struct question *q = ctx;
	const struct resolve_options options = { .host = q->host };
	struct answer answer = { .good = false };
	struct buf list = BUF_INIT(sizeof(answer.list) - 1);
	struct addrinfo *found = find_addresses(&options, AI_CANONNAME, q->until, &answer.err);

	if (found) {
		answer.good = true;
		text_fmt(answer.name, sizeof(answer.name), "%s",
			found->ai_canonname ? found->ai_canonname : q->host);
		list_addresses(found, &list);
		text_fmt(answer.list, sizeof(answer.list), "%s", buf_text(&list));
	}
	buf_bytes(ret, (const char *)&answer, sizeof(answer));
}

bool resolve_canonical(const char *host, deadline until, char *ret, size_t size, struct err *e)
{
	const struct resolve_options options = { .host = host };
	const struct question question = { host, until };
	struct answer answer = { .good = false };
	struct buf octets CLEAN_UP(buf_done) = BUF_INIT(sizeof(answer));
	int64_t since = clock_now();
	int ignored;
	struct addrinfo *here = find_here(&options, &ignored);

	if (here) {
		freeaddrinfo(here);
		text_fmt(ret, size, "%s", host);
		return true;
	}
	if (!forked_call_run(find_canonical, &question, until, &octets, e))
		return e->kind == ERR_TIMEOUT && too_late(&options, e);
	if (octets.len != sizeof(answer))
		return explain_lookup(&options, EAI_AGAIN, 0, e);
	memcpy(&answer, octets.data, sizeof(answer));
	if (!answer.good) {
		*e = answer.err;
		return false;
	}
	log_answer(host, answer.list, since);
	text_fmt(ret, size, "%s", answer.name);
	return true;
}

enum resolve_family resolve_literal(const char *host)
{
	const struct resolve_options options = { .host = host };
	enum resolve_family family = RESOLVE_ANY;
	int failed;

	if (is_local_name(host))
		return RESOLVE_ANY;
	struct addrinfo *found = find_here(&options, &failed);
	if (found) {
		family = found->ai_family == AF_INET ? RESOLVE_IPV4 : RESOLVE_IPV6;
		freeaddrinfo(found);
	}
	return family;
}

void resolve_text(const struct addrinfo *address, char ret[RESOLVE_TEXT_MAX])
{
	if (getnameinfo(address->ai_addr, address->ai_addrlen, ret, RESOLVE_TEXT_MAX, NULL, 0,
		    NI_NUMERICHOST))
		text_fmt(ret, RESOLVE_TEXT_MAX, "unknown");
}

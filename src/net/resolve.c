/* SPDX-License-Identifier: MIT */
#include "net/resolve.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

enum {
	SLOW_MS = 500, /* of an answer for both families together */
	OTHER_MS = 50, /* how much later the other family may answer */
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

/* A command that can be typed, whatever the name. */
static bool hint_host(const struct resolve_options *options, const char *before, const char *behind,
	struct err *e)
{
	struct buf word CLEAN_UP(buf_done) = BUF_INIT(sizeof(e->hint));

	buf_shell(&word, str_of(options->host));
	return err_hint(e, "%s%s%s", before, buf_text(&word), behind);
}

static bool explain_lookup(const struct resolve_options *options, int failed, struct err *e)
{
	bool none = failed == EAI_NODATA || failed == EAI_ADDRFAMILY || failed == EAI_NONAME;

	if (none && options->family) {
		err_set(e, ERR_NETWORK, "host %s: it is unknown, or has no %saddress",
			options->host, families[options->family].name);
		return hint_host(options, "getent ahosts ",
			" shows its addresses; the family is asked for by address_family, -4, -6 "
			"or source_ip",
			e);
	}
	err_set(e, ERR_NETWORK, "host %s: %s", options->host,
		failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
	return hint_host(options,
		"is the name spelt right, and is the network up? ask again with: getent hosts ", "",
		e);
}

/* libc knows no deadline: it has threads of its own, which may be left behind. */
struct lookup {
	struct addrinfo hints;
	struct gaicb job;
	char host[NI_MAXHOST], service[16];
};

static struct lookup *new_lookup(const struct resolve_options *options)
{
	struct lookup *l = mem_alloc(sizeof(*l));

	l->hints = (struct addrinfo) {
		.ai_socktype = SOCK_STREAM,
		.ai_family = families[options->family].af,
		.ai_flags = AI_NUMERICSERV,
	};
	text_fmt(l->host, sizeof(l->host), "%s", options->host);
	text_fmt(l->service, sizeof(l->service), "%u", options->port);
	l->job = (struct gaicb) {
		.ar_name = l->host, .ar_service = l->service, .ar_request = &l->hints
	};
	return l;
}

static struct lookup *start(const struct resolve_options *options, int flags)
{
	struct lookup *l = new_lookup(options);
	struct gaicb *jobs[] = { &l->job };

	l->hints.ai_flags |= flags;
	if (getaddrinfo_a(GAI_NOWAIT, jobs, 1, NULL) == 0)
		return l;
	mem_free(l);
	return NULL;
}

static bool is_done(struct lookup *l)
{
	return gai_error(&l->job) != EAI_INPROGRESS;
}

static bool has_answer(struct lookup *l)
{
	return gai_error(&l->job) == 0;
}

/* What is still under way is written to, and left alone. */
static void drop(struct lookup *l)
{
	if (!is_done(l))
		return;
	if (l->job.ar_result)
		freeaddrinfo(l->job.ar_result);
	mem_free(l);
}

static struct addrinfo *take_answer(struct lookup *l)
{
	struct addrinfo *found = has_answer(l) ? l->job.ar_result : NULL;

	if (found)
		l->job.ar_result = NULL;
	return found;
}

/* Until one of them has ended, or the time. */
static void wait_some(struct lookup *const *list, size_t count, deadline until)
{
	const struct gaicb *jobs[3] = { NULL };
	int left = deadline_left(until);
	struct timespec wait = { .tv_sec = left / 1000, .tv_nsec = (long)(left % 1000) * 1000000 };

	for (size_t i = 0; i < count; i++)
		jobs[i] = is_done(list[i]) ? NULL : &list[i]->job;
	(void)gai_suspend(jobs, (int)count, left < 0 ? NULL : &wait);
}

static void log_answer(
	const struct resolve_options *options, const struct addrinfo *found, int64_t since)
{
	struct buf list CLEAN_UP(buf_done) = BUF_INIT(600);

	for (const struct addrinfo *ai = found; ai; ai = ai->ai_next) {
		char text[RESOLVE_TEXT_MAX];
		resolve_text(ai, text);
		buf_fmt(&list, " %s", text);
	}
	log_detail("host %s is%s (%lld ms)", options->host, buf_text(&list),
		(long long)(clock_now() - since));
}

static bool too_late(const struct resolve_options *options, struct err *e)
{
	err_set(e, ERR_TIMEOUT, "host %s: the name server did not answer in time", options->host);
	return hint_host(options,
		"is the network up, and the line nameserver in /etc/resolv.conf right? ask again "
		"with: getent hosts ",
		"", e);
}

/* The first of the three that is of use: both families together, or what there is of them. */
static bool wait_apart(struct lookup *const jobs[3], deadline until)
{
	deadline later = until;
	bool one = false;

	while (!has_answer(jobs[0])) {
		bool all = is_done(jobs[1]) && is_done(jobs[2]);
		if (!one && (has_answer(jobs[1]) || has_answer(jobs[2]))) {
			one = true;
			later = deadline_first(deadline_in(OTHER_MS), until);
		}
		if (all || (one && deadline_passed(later)))
			return true;
		if (deadline_passed(until))
			return false;
		wait_some(jobs, 3, later);
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
	const struct resolve_options *options, struct lookup *both, deadline until, struct err *e)
{
	struct resolve_options v6 = *options, v4 = *options;
	struct addrinfo *found = NULL;

	v6.family = RESOLVE_IPV6;
	v4.family = RESOLVE_IPV4;
	struct lookup *jobs[] = { both, start(&v6, 0), start(&v4, 0) };
	bool started = jobs[1] && jobs[2];
	bool in_time = started && wait_apart(jobs, until);
	if (in_time && !(found = take_answer(both)))
		found = join(take_answer(jobs[1]), take_answer(jobs[2]));
	if (!in_time)
		too_late(options, e);
	else if (!found)
		explain_lookup(options, gai_error(&jobs[2]->job), e);
	for (size_t i = 1; i < ARRAY_LEN(jobs); i++)
		if (jobs[i])
			drop(jobs[i]);
	return found;
}

static struct addrinfo *find_addresses(
	const struct resolve_options *options, int flags, deadline until, struct err *e)
{
	bool any = options->family == RESOLVE_ANY;
	deadline first = any ? deadline_first(deadline_in(SLOW_MS), until) : until;
	struct lookup *l = start(options, flags);
	int64_t since = clock_now();
	struct addrinfo *found = NULL;

	if (!l) {
		explain_lookup(options, EAI_AGAIN, e);
		return NULL;
	}
	while (!is_done(l) && !deadline_passed(first))
		wait_some(&l, 1, first);
	if (is_done(l) && !(found = take_answer(l)))
		explain_lookup(options, gai_error(&l->job), e);
	else if (!found && any)
		found = find_apart(options, l, until, e);
	else if (!found)
		too_late(options, e);
	drop(l);
	if (found)
		log_answer(options, found, since);
	return found;
}

/* What needs no resolver; *ret_failed: 0, or why not, of getaddrinfo(). */
static struct addrinfo *find_here(const struct resolve_options *options, int *ret_failed)
{
	struct lookup *l = new_lookup(options);
	struct addrinfo *found = NULL;

	l->hints.ai_flags |= AI_NUMERICHOST;
	*ret_failed = getaddrinfo(
		is_local_name(options->host) ? NULL : l->host, l->service, &l->hints, &found);
	mem_free(l);
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
	return find_addresses(options, 0, until, e);
}

void resolve_free(struct addrinfo *list)
{
	freeaddrinfo(list);
}

bool resolve_canonical(const char *host, deadline until, char *ret, size_t size, struct err *e)
{
	const struct resolve_options options = { .host = host };
	int ignored;
	struct addrinfo *found = find_here(&options, &ignored);

	if (!found && !(found = find_addresses(&options, AI_CANONNAME, until, e)))
		return false;
	text_fmt(ret, size, "%s", found->ai_canonname ? found->ai_canonname : host);
	freeaddrinfo(found);
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

/* SPDX-License-Identifier: MIT */
#include "sys/resolve.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

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

static bool explain(const struct resolve_terms *terms, int failed, struct err *e)
{
	bool none = failed == EAI_NODATA || failed == EAI_ADDRFAMILY || failed == EAI_NONAME;

	if (none && terms->family) {
		err_set(e, ERR_NETWORK, "host %s: it is unknown, or has no %saddress", terms->host,
			families[terms->family].name);
		return err_hint(
			e, "the family is asked for by address_family, -4, -6 or source_ip");
	}
	err_set(e, ERR_NETWORK, "host %s: %s", terms->host,
		failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
	return err_hint(e, "is the name spelt right (host), and is the network up?");
}

/* libc knows no deadline: it has a thread of its own, which may be left behind. */
static bool look_up(
	const struct resolve_terms *terms, struct gaicb *job, deadline until, struct err *e)
{
	const struct gaicb *jobs[] = { job };
	struct gaicb *start[] = { job };
	int failed = getaddrinfo_a(GAI_NOWAIT, start, 1, NULL);

	if (failed)
		return explain(terms, failed, e);
	while ((failed = gai_error(job)) == EAI_INPROGRESS) {
		int left = deadline_left(until);
		struct timespec wait = { .tv_sec = left / 1000,
			.tv_nsec = (long)(left % 1000) * 1000000 };
		if (!left) {
			err_set(e, ERR_TIMEOUT, "host %s: the name server did not answer in time",
				job->ar_name);
			return err_hint(e, "is the network up, and /etc/resolv.conf right?");
		}
		(void)gai_suspend(jobs, 1, left < 0 ? NULL : &wait);
	}
	return !failed || explain(terms, failed, e);
}

struct lookup {
	struct addrinfo hints;
	struct gaicb job;
	char host[NI_MAXHOST], service[16];
};

static struct lookup *prepare(const struct resolve_terms *terms)
{
	struct lookup *l = mem_alloc(sizeof(*l));

	l->hints = (struct addrinfo) {
		.ai_socktype = SOCK_STREAM,
		.ai_family = families[terms->family].af,
		.ai_flags = AI_NUMERICSERV,
	};
	text_fmt(l->host, sizeof(l->host), "%s", terms->host);
	text_fmt(l->service, sizeof(l->service), "%u", terms->port);
	l->job = (struct gaicb) {
		.ar_name = l->host, .ar_service = l->service, .ar_request = &l->hints
	};
	return l;
}

static void tell(const struct resolve_terms *terms, const struct addrinfo *found, int64_t since)
{
	struct buf list CLEAN_UP(buf_done) = BUF_INIT(600);

	for (const struct addrinfo *ai = found; ai; ai = ai->ai_next) {
		char text[RESOLVE_TEXT_MAX];
		resolve_text(ai, text);
		buf_fmt(&list, " %s", text);
	}
	log_detail("host %s is%s (%lld ms)", terms->host, buf_text(&list),
		(long long)(clock_now() - since));
}

static struct addrinfo *find(
	const struct resolve_terms *terms, int flags, deadline until, struct err *e)
{
	struct lookup *l = prepare(terms);
	int64_t since = clock_now();

	l->hints.ai_flags |= flags;
	if (!look_up(terms, &l->job, until, e)) {
		if (e->kind != ERR_TIMEOUT) /* else it is still written to */
			mem_free(l);
		return NULL;
	}
	struct addrinfo *found = l->job.ar_result;
	mem_free(l);
	tell(terms, found, since);
	return found;
}

/* What needs no resolver; *ret_failed: 0, or why not, of getaddrinfo(). */
static struct addrinfo *find_here(const struct resolve_terms *terms, int *ret_failed)
{
	struct lookup *l = prepare(terms);
	struct addrinfo *found = NULL;

	l->hints.ai_flags |= AI_NUMERICHOST;
	*ret_failed = getaddrinfo(
		is_local_name(terms->host) ? NULL : l->host, l->service, &l->hints, &found);
	mem_free(l);
	return *ret_failed ? NULL : found;
}

struct addrinfo *resolve(const struct resolve_terms *terms, deadline until, struct err *e)
{
	int failed;
	struct addrinfo *found = find_here(terms, &failed);

	if (found)
		return found;
	if (failed == EAI_ADDRFAMILY) {
		err_set(e, ERR_CONFIG, "host %s: this is no %saddress", terms->host,
			families[terms->family].name);
		(void)err_hint(e, "the family is asked for by address_family, -4, -6 or source_ip");
		return NULL;
	}
	return find(terms, 0, until, e);
}

void resolve_free(struct addrinfo *list)
{
	freeaddrinfo(list);
}

bool resolve_canonical(const char *host, deadline until, char *ret, size_t size, struct err *e)
{
	const struct resolve_terms terms = { .host = host };
	int ignored;
	struct addrinfo *found = find_here(&terms, &ignored);

	if (!found && !(found = find(&terms, AI_CANONNAME, until, e)))
		return false;
	text_fmt(ret, size, "%s", found->ai_canonname ? found->ai_canonname : host);
	freeaddrinfo(found);
	return true;
}

enum resolve_family resolve_literal(const char *host)
{
	const struct resolve_terms terms = { .host = host };
	enum resolve_family family = RESOLVE_ANY;
	int failed;

	if (is_local_name(host))
		return RESOLVE_ANY;
	struct addrinfo *found = find_here(&terms, &failed);
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

/* SPDX-License-Identifier: MIT */
#include "net/srv.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "os/forked_call.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>
#include <sys/random.h>

enum {
	ANSWER_MAX = 16384,    /* octets of a DNS message */
	HEAD = 12,             /* octets of a message before its questions */
	FLAG_TRUNCATED = 0x02, /* of octet 2 */
	FLAG_PROVED = 0x20,    /* AD, of octet 3 */
	RECORDS_MAX = 256,     /* that are looked at */
};

/* --- the answer --- */

struct reader {
	const unsigned char *start, *at, *end;
};

static unsigned number_at(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static bool has(const struct reader *r, size_t octets)
{
	return (size_t)(r->end - r->at) >= octets;
}

/* A domain name, as text; the root is "". */
static bool read_name(struct reader *r, char *ret, int size)
{
	int n = dn_expand(r->start, r->end, r->at, ret, size);

	if (n <= 0)
		return false;
	r->at += n;
	return true;
}

/* One that may stand in a log and in a certificate. */
static bool is_host_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];
		if (!chr_is_alpha(c) && !chr_is_digit(c) && c != '-' && c != '_' && c != '.')
			return false;
	}
	return name.len <= SRV_NAME_MAX;
}

/* RDATA of SRV: priority, weight, port, target. What is no host name is passed over. */
static bool take_srv(struct reader data, struct srv_answer *ret)
{
	char name[NS_MAXDNAME];
	struct srv found;

	if (!has(&data, 7))
		return false;
	found.priority = number_at(data.at);
	found.weight = number_at(data.at + 2);
	found.port = number_at(data.at + 4);
	data.at += 6;
	if (!read_name(&data, name, sizeof(name)))
		return false;
	if (!name[0]) {
		ret->refused = true;
		return true;
	}
	if (!is_host_name(str_of(name)) || !found.port || ret->count == SRV_MOST)
		return true;
	text_fmt(found.target, sizeof(found.target), "%s", name);
	ret->list[ret->count++] = found;
	return true;
}

/* *name: whom the records are about; a CNAME leads to another. */
static bool take_record(struct reader *r, char name[NS_MAXDNAME], struct srv_answer *ret)
{
	enum { FIXED = 10 }; /* type, class, TTL, length of the data */
	char owner[NS_MAXDNAME];

	if (!read_name(r, owner, sizeof(owner)) || !has(r, FIXED))
		return false;
	unsigned type = number_at(r->at), class = number_at(r->at + 2);
	size_t len = number_at(r->at + 8);
	r->at += FIXED;
	if (!has(r, len))
		return false;
	/* A name in the data may point to what stands before, never behind the data. */
	struct reader data = { r->start, r->at, r->at + len };
	r->at += len;
	if (class != ns_c_in || !str_same(str_of(owner), str_of(name)))
		return true;
	if (type == ns_t_cname)
		return read_name(&data, name, NS_MAXDNAME);
	return type != ns_t_srv || take_srv(data, ret);
}

static bool skip_questions(struct reader *r, unsigned count)
{
	char ignored[NS_MAXDNAME];

	while (count--) {
		if (!read_name(r, ignored, sizeof(ignored)) || !has(r, 4))
			return false;
		r->at += 4;
	}
	return true;
}

bool srv_parse(const unsigned char *octets, size_t len, const char *name, struct srv_answer *ret,
	struct err *e)
{
	struct reader r = { octets, octets, octets + len };
	char about[NS_MAXDNAME];

	*ret = (struct srv_answer) { 0 };
	text_fmt(about, sizeof(about), "%.*s", STR_ARG(str_chop(str_of(name), '.')));
	if (len < HEAD)
		return err_set(e, ERR_NETWORK, "the name server's answer is too short");
	unsigned records = number_at(octets + 6);
	bool cut = octets[2] & FLAG_TRUNCATED;
	ret->proved = octets[3] & FLAG_PROVED;
	r.at += HEAD;
	bool good = skip_questions(&r, number_at(octets + 4));
	for (unsigned i = 0; good && i < records && i < RECORDS_MAX; i++)
		good = take_record(&r, about, ret);
	if (!good && !(cut && ret->count))
		return err_set(e, ERR_NETWORK, "the name server's answer does not hold together");
	return true;
}

/* --- the order --- */

static void move_to(struct srv *list, size_t from, size_t to)
{
	struct srv moved = list[from];

	memmove(list + to + 1, list + to, (from - to) * sizeof(*list));
	list[to] = moved;
}

/* Insertion; those of weight 0 first, as RFC 2782 wants it. */
static void sort(struct srv_answer *a)
{
	for (size_t i = 1; i < a->count; i++) {
		size_t to = i;
		while (to && (a->list[to - 1].priority > a->list[i].priority ||
				     (a->list[to - 1].priority == a->list[i].priority &&
					     a->list[to - 1].weight && !a->list[i].weight)))
			to--;
		move_to(a->list, i, to);
	}
}

void srv_order(struct srv_answer *a, unsigned (*pick)(void *ctx, unsigned below), void *ctx)
{
	sort(a);
	for (size_t next = 0; next < a->count; next++) {
		unsigned sum = 0, running = 0;
		size_t i = next;
		for (size_t k = next; k < a->count && a->list[k].priority == a->list[next].priority;
			k++)
			sum += a->list[k].weight;
		unsigned drawn = pick(ctx, sum + 1);
		while ((running += a->list[i].weight) < drawn)
			i++;
		move_to(a->list, i, next);
	}
}

/* Chances need not be exact: 65,535 times SRV_MOST is far below 2^32. */
static unsigned draw(void *ctx, unsigned below)
{
	uint32_t n = 0;

	(void)ctx;
	if (getrandom(&n, sizeof(n), GRND_NONBLOCK) != sizeof(n))
		return 0;
	return n % below;
}

/* --- the look-up --- */

/* musl's resolver knows no such option: what its name servers say is never believed. */
#ifndef RES_TRUSTAD
#define RES_TRUSTAD 0
#endif

/* What goes into the look-up, and what comes out of it first: the message stands behind. */
struct query {
	char name[NS_MAXDNAME];
	deadline until;
};
struct query_result {
	bool started;    /* there is a configuration to begin with */
	int len, failed; /* as of res_query(), and of h_errno */
	bool trusted;    /* the name server may be believed */
};

/*
 * The resolver asks each name server once, and then each again for twice that time shared by all:
 * so that each has its turn within the deadline. What is cut is used as far as it goes, and not
 * asked for again over TCP, whose time-outs are none of ours.
 */
static void limit_time(deadline until)
{
	int left = deadline_left(until), servers = _res.nscount ? _res.nscount : 1;
	int each = left < 0 ? RES_TIMEOUT : left / 1000 / (servers + 2);

	_res.retrans = each < 1 ? 1 : each < RES_TIMEOUT ? each : RES_TIMEOUT;
	_res.retry = 2;
	_res.options |= RES_IGNTC | RES_USE_EDNS0;
}

/* In the child, whose resolver is its own. */
static void run_query(const void *ctx, struct buf *ret)
{
	const struct query *q = ctx;
	struct query_result result = { .started = res_init() == 0 };
	unsigned char octets[ANSWER_MAX];

	if (result.started) {
		limit_time(q->until);
		result.len = res_query(q->name, ns_c_in, ns_t_srv, octets, sizeof(octets));
		result.failed = h_errno;
		result.trusted = _res.options & RES_TRUSTAD;
	}
	buf_bytes(ret, (const char *)&result, sizeof(result));
	if (result.len > 0)
		buf_bytes(ret, (const char *)octets,
			result.len < ANSWER_MAX ? (size_t)result.len : ANSWER_MAX);
}

static bool explain_srv_failure(const char *name, int failed, struct err *e)
{
	if (failed == TRY_AGAIN)
		err_set(e, ERR_TIMEOUT,
			"SRV records of %s: the name server did not answer, or failed", name);
	else
		err_set(e, ERR_NETWORK, "SRV records of %s: the name server refused", name);
	return err_hint(e, "is the network up, and the line nameserver in /etc/resolv.conf right? "
			   "ip route shows the way out");
}

static bool read_answer(
	const struct query *q, struct str answer, struct srv_answer *ret, struct err *e)
{
	struct query_result result = { .started = true, .len = -1, .failed = TRY_AGAIN };

	if (answer.len >= sizeof(result)) /* else the child died */
		memcpy(&result, answer.p, sizeof(result));
	if (!result.started)
		return err_set(e, ERR_NETWORK, "/etc/resolv.conf cannot be used");
	if (result.len < 0 && (result.failed == HOST_NOT_FOUND || result.failed == NO_DATA))
		return true;
	if (result.len < 0)
		return explain_srv_failure(q->name, result.failed, e);
	struct str message = str_from(answer, sizeof(result));
	if (!srv_parse((const unsigned char *)message.p, message.len, q->name, ret, e))
		return err_in(e, "SRV records of %s", q->name);
	ret->proved = ret->proved && result.trusted;
	return true;
}

static bool ask(const char *name, deadline until, struct srv_answer *ret, struct err *e)
{
	struct query q = { .until = until };
	struct buf answer CLEAN_UP(buf_done) = BUF_INIT(sizeof(struct query_result) + ANSWER_MAX);

	text_fmt(q.name, sizeof(q.name), "%s", name);
	if (forked_call_run(run_query, &q, until, &answer, e))
		return read_answer(&q, buf_str(&answer), ret, e);
	return e->kind == ERR_TIMEOUT && explain_srv_failure(name, TRY_AGAIN, e);
}

bool srv_find(const char *service, const char *domain, deadline until, struct srv_answer *ret,
	struct err *e)
{
	char name[NS_MAXDNAME];
	int64_t since = clock_now();

	*ret = (struct srv_answer) { 0 };
	text_fmt(name, sizeof(name), "%s.%s", service, domain);
	if (!ask(name, until, ret, e))
		return false;
	log_detail("SRV records of %s: %zu%s (%lld ms)", name, ret->count,
		ret->proved ? ", proved by DNSSEC" : "", (long long)(clock_now() - since));
	srv_order(ret, draw, NULL);
	return true;
}

/* SPDX-License-Identifier: MIT */
#include "net/happy_eyeballs.h"

#include "base/buf.h"
#include "base/log.h"
#include "net/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TOLD_OCTETS = 300 }; /* of an error, about addresses */

/* Those of one family, or of all others. */
static const struct addrinfo *next_of(const struct addrinfo *ai, int family, bool same)
{
	while (ai && (ai->ai_family == family) != same)
		ai = ai->ai_next;
	return ai;
}

size_t happy_eyeballs_order(
	const struct addrinfo *list, const struct addrinfo *ret[HAPPY_EYEBALLS_MOST])
{
	int family = list ? list->ai_family : AF_UNSPEC;
	const struct addrinfo *first = list;
	const struct addrinfo *other = next_of(list, family, false);
	size_t n = 0;

	while ((first || other) && n < HAPPY_EYEBALLS_MOST) {
		if (first) {
			ret[n++] = first;
			first = next_of(first->ai_next, family, true);
		}
		if (other && n < HAPPY_EYEBALLS_MOST) {
			ret[n++] = other;
			other = next_of(other->ai_next, family, false);
		}
	}
	return n;
}

struct runner {
	const struct addrinfo *to;
	int64_t since;
};

struct happy_eyeballs {
	const struct happy_eyeballs_options *options;
	const struct addrinfo *order[HAPPY_EYEBALLS_MOST];
	size_t count, next;
	/* Under way, side by side: */
	struct runner runners[HAPPY_EYEBALLS_MOST];
	struct poll_one waits[HAPPY_EYEBALLS_MOST];
	size_t running;
	deadline next_at;
	int64_t began;
	/* What went wrong: */
	struct buf *told;
	size_t failures, untold;
	struct err first;
	bool timed_out;
	bool stopped; /* waiting was not possible, for the reason in first */
};

/* It is not running any more: the last one takes its place. */
static void leave(struct happy_eyeballs *r, size_t i)
{
	r->running--;
	r->runners[i] = r->runners[r->running];
	r->waits[i] = r->waits[r->running];
}

static void note_failure(struct happy_eyeballs *r, const struct addrinfo *to, const struct err *why)
{
	char text[RESOLVE_TEXT_MAX];

	resolve_text(to, text);
	log_detail("%s: %s", text, why->what);
	if (!r->failures++)
		r->first = *why;
	r->timed_out |= why->kind == ERR_TIMEOUT;
	if (r->told->len < TOLD_OCTETS)
		buf_fmt(r->told, "%s%s: %s", r->told->len ? "; " : "", text, why->what);
	else
		r->untold++;
	r->next_at = 0;
}

static bool bind_source(const struct happy_eyeballs_options *options, const struct addrinfo *to,
	int fd, struct err *e)
{
	const struct addrinfo *from =
		to->ai_family == AF_INET6 ? options->from_v6 : options->from_v4;
	char text[RESOLVE_TEXT_MAX];

	if (!from || bind(fd, from->ai_addr, from->ai_addrlen) == 0)
		return true;
	int failed = errno;
	resolve_text(from, text);
	err_os(e, ERR_NETWORK, failed, "source_ip %s", text);
	return err_hint(e, failed == EADDRNOTAVAIL
				   ? "write in the line source_ip an address of this machine: ip "
				     "address shows them"
				   : "correct the line source_ip ADDRESS; ip address shows those "
				     "of this machine");
}

/* *ret_done: it is connected already. */
static int begin_connect(
	const struct happy_eyeballs *r, const struct addrinfo *to, bool *ret_done, struct err *e)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*ret_done = false;
	if (fd < 0) {
		err_os(e, errno == EAFNOSUPPORT ? ERR_NETWORK : ERR_OS, errno, "socket");
		return -1;
	}
	if (!bind_source(r->options, to, fd, e)) {
		close(fd);
		return -1;
	}
	*ret_done = connect(fd, to->ai_addr, to->ai_addrlen) == 0;
	if (*ret_done || errno == EINPROGRESS)
		return fd;
	err_os(e, ERR_NETWORK, errno, "cannot connect");
	close(fd);
	return -1;
}

/* The next one enters. True if it has won. */
static bool start_next_attempt(struct happy_eyeballs *r)
{
	const struct addrinfo *to = r->order[r->next++];
	char text[RESOLVE_TEXT_MAX];
	struct err e;
	bool done;
	int64_t now = clock_now();

	resolve_text(to, text);
	log_detail("connecting to %s (after %lld ms)", text, (long long)(now - r->began));
	int fd = begin_connect(r, to, &done, &e);
	if (fd < 0) {
		note_failure(r, to, &e);
		return false;
	}
	r->runners[r->running] = (struct runner) { to, now };
	r->waits[r->running] = (struct poll_one) { .fd = fd, .want = POLL_WRITE };
	r->running++;
	r->next_at = deadline_in(HAPPY_EYEBALLS_STAGGER_MS);
	return done;
}

/* Something came of this attempt: has it won? */
static bool is_winner(const struct happy_eyeballs *r, size_t i, struct err *e)
{
	int failed = 0;
	socklen_t len = sizeof(failed);

	if (getsockopt(r->waits[i].fd, SOL_SOCKET, SO_ERROR, &failed, &len) != 0)
		failed = errno;
	return !failed || err_os(e, ERR_NETWORK, failed, "cannot connect");
}

/* True if one has won; it is *ret then. */
static bool poll_attempts(struct happy_eyeballs *r, size_t *ret)
{
	struct err e;

	for (size_t i = 0; i < r->running;) {
		*ret = i;
		if (!r->waits[i].ready) {
			i++;
		} else if (is_winner(r, i, &e)) {
			return true;
		} else {
			note_failure(r, r->runners[i].to, &e);
			close(r->waits[i].fd);
			leave(r, i);
		}
	}
	return false;
}

/* Until one has won (*ret), or none is left, or the deadline has passed. */
static bool race_attempts(struct happy_eyeballs *r, deadline until, size_t *ret)
{
	struct err e;

	while (!deadline_passed(until)) {
		bool more = r->next < r->count;
		if (more && (!r->running || deadline_passed(r->next_at))) {
			*ret = r->running;
			if (start_next_attempt(r))
				return true;
			continue;
		}
		if (!r->running)
			return false;
		deadline turn = more ? deadline_first(r->next_at, until) : until;
		if (!poll_any(r->waits, r->running, turn, &e)) {
			r->first = e;
			r->stopped = true;
			return false;
		}
		if (poll_attempts(r, ret))
			return true;
	}
	return false;
}

/* Those that still run have not answered. */
static void give_up(struct happy_eyeballs *r)
{
	struct err late;

	for (size_t i = 0; i < r->running; i++) {
		int64_t tenths = (clock_now() - r->runners[i].since + 50) / 100;
		err_set(&late, ERR_TIMEOUT,
			"no answer to the connection attempt within %lld.%lld s",
			(long long)(tenths / 10), (long long)(tenths % 10));
		if (!r->stopped)
			note_failure(r, r->runners[i].to, &late);
		close(r->waits[i].fd);
	}
	r->running = 0;
}

static bool explain_no_winner(struct happy_eyeballs *r, struct err *e)
{
	size_t untold = r->untold + r->count - r->next;

	if (r->stopped) {
		*e = r->first;
		return false;
	}
	if (!r->failures)
		return err_set(e, ERR_TIMEOUT, "no time was left to connect");
	*e = r->first;
	err_set(e, r->timed_out ? ERR_TIMEOUT : r->first.kind, "%s", buf_text(r->told));
	if (untold)
		err_set(e, e->kind, "%s; and %zu more", buf_text(r->told), untold);
	if (r->count > 1)
		err_in(e, "none of its %zu addresses", r->count);
	e->os = r->first.os;
	return err_hint(e, "%s", r->first.hint);
}

/* Closes all but the winner. */
static int close_losers(struct happy_eyeballs *r, size_t winner, const struct addrinfo **ret_winner)
{
	struct runner won = r->runners[winner];
	int fd = r->waits[winner].fd;
	char text[RESOLVE_TEXT_MAX];

	leave(r, winner);
	while (r->running) {
		close(r->waits[0].fd);
		leave(r, 0);
	}
	resolve_text(won.to, text);
	log_detail("%s: connected within %lld ms", text, (long long)(clock_now() - won.since));
	*ret_winner = won.to;
	return fd;
}

int happy_eyeballs(const struct happy_eyeballs_options *options, deadline until,
	const struct addrinfo **ret_winner, struct err *e)
{
	struct buf told CLEAN_UP(buf_done) = BUF_INIT(TOLD_OCTETS + 200);
	struct happy_eyeballs r = { .options = options, .told = &told, .began = clock_now() };
	size_t winner;

	r.count = happy_eyeballs_order(options->to, r.order);
	if (race_attempts(&r, until, &winner))
		return close_losers(&r, winner, ret_winner);
	give_up(&r);
	(void)explain_no_winner(&r, e);
	return -1;
}

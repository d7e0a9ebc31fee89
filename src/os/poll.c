/* SPDX-License-Identifier: MIT */
#include "os/poll.h"

#include "base/mem.h"
#include "os/interrupt.h"

#include <errno.h>
#include <poll.h>

static unsigned ready_for(const struct pollfd *p, unsigned want)
{
	unsigned ready = p->revents & (POLLERR | POLLHUP | POLLNVAL) ? want : 0;

	if (p->revents & POLLIN)
		ready |= POLL_READ;
	if (p->revents & POLLOUT)
		ready |= POLL_WRITE;
	return ready;
}

bool poll_any(struct poll_one *ones, size_t count, deadline until, struct err *e)
{
	struct pollfd p[POLL_MOST + 1];
	int n;

	must(count <= POLL_MOST);
	for (size_t i = 0; i < count; i++) {
		int events = (ones[i].want & POLL_READ ? POLLIN : 0) |
			     (ones[i].want & POLL_WRITE ? POLLOUT : 0);
		p[i] = (struct pollfd) { .fd = ones[i].fd, .events = (short)events };
	}
	p[count] = (struct pollfd) { .fd = interrupt_fd(), .events = POLLIN };
	do
		n = poll(p, count + 1, deadline_left(until));
	while (n < 0 && errno == EINTR);
	if (n > 0 && p[count].revents)
		return interrupt_err(e);
	if (n < 0)
		return err_os(e, ERR_OS, errno, "poll");
	for (size_t i = 0; i < count; i++)
		ones[i].ready = ready_for(&p[i], ones[i].want);
	return true;
}

bool poll_fd(int fd, unsigned want, deadline until, unsigned *ret_ready, struct err *e)
{
	struct poll_one one = { .fd = fd, .want = want };

	if (!poll_any(&one, 1, until, e))
		return false;
	*ret_ready = one.ready;
	return true;
}

/* SPDX-License-Identifier: MIT */
#include "sys/wait.h"

#include <errno.h>
#include <poll.h>

bool wait_fd(int fd, unsigned want, deadline until, unsigned *ret_ready, struct err *e)
{
	struct pollfd p = { .fd = fd };
	int n;

	p.events = (short)((want & WAIT_READ ? POLLIN : 0) | (want & WAIT_WRITE ? POLLOUT : 0));
	do
		n = poll(&p, 1, deadline_left(until));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_os(e, ERR_OS, errno, "poll");
	*ret_ready = 0;
	if (n && p.revents & (POLLERR | POLLHUP | POLLNVAL))
		*ret_ready = want;
	if (p.revents & POLLIN)
		*ret_ready |= WAIT_READ;
	if (p.revents & POLLOUT)
		*ret_ready |= WAIT_WRITE;
	return true;
}

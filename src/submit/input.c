/* SPDX-License-Identifier: MIT */
#include "submit/input.h"

#include "os/file.h"
#include "os/poll.h"

#include <unistd.h>

void input_init(struct input *in, int fd, bool dots_are_text, struct buf *typed)
{
	bool is_terminal = isatty(fd);

	*in = (struct input) {
		.fd = fd,
		.ends_at_dot = !dots_are_text && is_terminal,
		.typed = is_terminal ? typed : NULL,
	};
}

bool input_read(struct input *in, char *to, size_t size, size_t *ret_n, struct err *e)
{
	unsigned ready;

	if (!poll_fd(in->fd, POLL_READ, DEADLINE_NEVER, &ready, e) ||
		!file_read_some(in->fd, to, size, ret_n, e))
		return err_in(e, "the message cannot be read; nothing was sent");
	/* A terminal returns one line per read. */
	if (in->ends_at_dot && !in->in_line && str_eq(str_n(to, *ret_n), STR(".\n")))
		*ret_n = 0;
	if (in->typed)
		buf_bytes(in->typed, to, *ret_n);
	in->in_line = *ret_n && to[*ret_n - 1] != '\n';
	return true;
}

/* SPDX-License-Identifier: MIT */
#include "submit/input.h"

#include "os/file.h"
#include "os/poll.h"

#include <termios.h>
#include <unistd.h>

enum { PASTE_MS = 100, PASTE_OCTETS = 4096 }; /* silence that ends it; read at once */

void input_init(struct input *in, int fd, bool dots_are_text, struct buf *typed)
{
	bool is_terminal = isatty(fd);
	uint64_t size;

	*in = (struct input) {
		.fd = fd,
		.ends_at_dot = !dots_are_text && is_terminal,
		.typed = is_terminal ? typed : NULL,
	};
	off_t at = lseek(fd, 0, SEEK_CUR);
	if (at >= 0 && file_size(fd, &size) && size > (uint64_t)at)
		in->left = size - (uint64_t)at;
}

/* n octets were read; 0: that was the end. */
static bool check_size(struct input *in, size_t n, struct err *e)
{
	if (!n && in->left) {
		err_set(e, ERR_TEMPORARY, "the message became shorter while it was read");
		return err_hint(e, "nothing was sent; run the same command again when nothing "
				   "writes to the file");
	}
	in->left -= n < in->left ? n : in->left;
	return true;
}

bool input_read(struct input *in, char *to, size_t size, size_t *ret_n, struct err *e)
{
	unsigned ready;

	if (!poll_fd(in->fd, POLL_READ, DEADLINE_NEVER, &ready, e) ||
		!file_read_some(in->fd, to, size, ret_n, e))
		return err_in(e, "the message cannot be read; nothing was sent");
	if (!check_size(in, *ret_n, e))
		return false;
	/* A terminal returns one line per read. */
	if (in->ends_at_dot && !in->in_line && str_eq(str_n(to, *ret_n), STR(".\n")))
		*ret_n = 0;
	if (in->typed)
		buf_bytes(in->typed, to, *ret_n);
	in->in_line = *ret_n && to[*ret_n - 1] != '\n';
	return true;
}

void input_refused(struct input *in)
{
	char piece[PASTE_OCTETS];
	unsigned ready = POLL_READ;
	struct err ignored;
	size_t n = 1;

	if (!in->typed)
		return;
	while (n && ready) {
		bool good = poll_fd(in->fd, POLL_READ, deadline_in(PASTE_MS), &ready, &ignored);
		if (!good || (ready && !input_read(in, piece, sizeof(piece), &n, &ignored)))
			break;
	}
	(void)tcflush(in->fd, TCIFLUSH);
}

/* SPDX-License-Identifier: MIT */
/*
 * input - reads a message from a descriptor.
 *
 * At a terminal, and only there, a line that is a lone dot ends the input, unless dots are text.
 * Reading has no deadline: a job may write for days. A regular file that is cut while it is read is
 * an error, since a part could be taken for the whole.
 */
#ifndef SUBMIT_INPUT_H
#define SUBMIT_INPUT_H

#include "base/buf.h"
#include "base/err.h"

struct input {
	int fd;            /* borrowed */
	struct buf *typed; /* gets what comes from a terminal; or NULL */
	bool ends_at_dot, in_line;
	uint64_t left; /* of a regular file: octets that must still come; else 0 */
};

void input_init(struct input *in, int fd, bool dots_are_text, struct buf *typed);
/* Reads the next octets, up to size; *ret_n is 0 at the end. Fails with ERR_IO or ERR_TEMPORARY. */
bool input_read(struct input *in, char *to, size_t size, size_t *ret_n, struct err *e);
/*
 * The message is refused before its end. At a terminal the rest of what was pasted is read too, so
 * that it is kept with the other text, and does not become commands of the shell.
 */
void input_refused(struct input *in);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * input - octets of a message from a descriptor, until it ends or a person says so.
 *
 * At a terminal, and nowhere else, a line that is a lone dot is the end too, unless dots are text.
 * Reading has no deadline: a job may write for days.
 */
#ifndef SUBMIT_INPUT_H
#define SUBMIT_INPUT_H

#include "base/err.h"

struct input {
	int fd; /* borrowed */
	bool ends_at_dot, in_line;
};

void input_init(struct input *in, int fd, bool dots_are_text);
/* The next octets; *ret_n is 0 at the end. ERR_IO. */
bool input_read(struct input *in, char *to, size_t size, size_t *ret_n, struct err *e);

#endif

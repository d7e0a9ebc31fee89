/* SPDX-License-Identifier: MIT */
/*
 * compose_files - reads the text and files of a composed message, and makes the message of them.
 *
 * The text is read whole first, because its header says what it is: UTF-8, or of an unknown
 * charset; lines over 998 octets make it quoted-printable. An empty text is left out where files
 * go with the message. Files are read once, from the start to their end, a FIFO too. Text of up to
 * COMPOSE_FILES_LOOK octets goes as it is where that keeps every octet, everything else as base64.
 * The type of a file is the one that is said, that of its name in ASSEMBLE_TYPES, or what it looks
 * like. All files are looked for before anything is read; one that is missing is ERR_NOINPUT.
 * Memory is constant; what is made is in the message's spool.
 */
#ifndef SUBMIT_COMPOSE_FILES_H
#define SUBMIT_COMPOSE_FILES_H

#include "conf/compose_options.h"
#include "submit/read_message.h"

#define ASSEMBLE_TYPES "/etc/mime.types"
enum { COMPOSE_FILES_LOOK = 1 << 18 };

/* options->fd: standard input, where the text is read if no option gives it. */
bool compose_files(const struct compose_options *compose, struct read_message_options *options,
	struct message *ret, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * compose_files - builds a message from a text and files.
 *
 * The text is read whole first, because its header depends on it: UTF-8 or an unknown charset, and
 * quoted-printable if a line has over 990 octets. An empty text is left out if there are files.
 * Each file, which may be a FIFO, is read once from start to end. A text file of up to
 * COMPOSE_FILES_LOOK octets is sent unencoded if that keeps every octet; all others are base64. A
 * file's type is the one given, or else found by its name in ASSEMBLE_TYPES, or else by its
 * contents. A missing file is ERR_NOINPUT, before anything is read. Memory is constant: the
 * message is written to its spool.
 */
#ifndef SUBMIT_COMPOSE_FILES_H
#define SUBMIT_COMPOSE_FILES_H

#include "conf/compose_options.h"
#include "submit/read_message.h"

#define ASSEMBLE_TYPES "/etc/mime.types"
enum { COMPOSE_FILES_LOOK = 1 << 18 }; /* octets */

/* options->fd: standard input, from which the text is read unless an option gives the text. */
bool compose_files(const struct compose_options *compose, struct read_message_options *options,
	struct message *ret, struct err *e);

#endif

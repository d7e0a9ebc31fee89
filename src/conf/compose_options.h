/* SPDX-License-Identifier: MIT */
/*
 * compose_options - turns the command-line options into a message to compose.
 *
 * --to, --cc and --bcc become one field each; recipients given as arguments are added to To. A
 * --from with a display name becomes the From field. --header is checked: a field that a message
 * has only once (RFC 5322 section 3.6) must not be given twice, nor fields that describe encodings,
 * except the Content-Type of the text. --attach is FILE, optionally followed by ";type=" and
 * ";name=" with values; the first of these ends the file's name. Every mistake is ERR_USAGE and
 * names the option, except that an address that does not parse is ERR_DATA.
 */
#ifndef CONF_COMPOSE_OPTIONS_H
#define CONF_COMPOSE_OPTIONS_H

#include "conf/cli.h"

struct compose_options_file {
	char *path;            /* "-": standard input */
	struct str type, name; /* borrowed from argv; empty: not given */
};

struct compose_options {
	struct buf fields;    /* header fields, each with CRLF, in the charset of the arguments */
	struct str text_type; /* Content-Type of the text; empty: not given */
	const char *text;     /* --body; NULL: it is on standard input */
	struct compose_options_file *files;
	size_t count;
};

/* Whether the options ask for a message to be composed. */
bool compose_options_is_wanted(const struct cli *cli);
/* *ret borrows cli; free it with compose_options_done(). */
bool compose_options_read(const struct cli *cli, struct compose_options *ret, struct err *e);
/* Whether standard input is one of the files, and therefore does not hold the text. */
bool compose_options_attaches_input(const struct compose_options *l);
void compose_options_done(struct compose_options *l);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * compose_options - a message to be composed, as the options of the command line say it.
 *
 * --to, --cc and --bcc become one field each, arguments that are recipients belong to To; a --from
 * with a display name becomes the From field. What --header says is checked: a field that a message
 * has once (RFC 5322 section 3.6) is not said twice, and what describes how the message is encoded
 * is not the caller's, but for the Content-Type of its text. --attach is FILE, then maybe ";type="
 * and ";name=" with their values: the first of these words ends the name of the file. Everything
 * wrong is ERR_USAGE and names the option; an address that does not parse is ERR_DATA.
 */
#ifndef CONF_COMPOSE_OPTIONS_H
#define CONF_COMPOSE_OPTIONS_H

#include "conf/cli.h"

struct compose_options_file {
	char *path;            /* "-": standard input */
	struct str type, name; /* borrowed from argv; empty: not said */
};

struct compose_options {
	struct buf fields;    /* of its header, each with CRLF, in the octets of the arguments */
	struct str text_type; /* Content-Type of its text; empty: not said */
	const char *text;     /* --body; NULL: it is on standard input */
	struct compose_options_file *files;
	size_t count;
};

/* Do the options say that a message is to be composed? */
bool compose_options_is_wanted(const struct cli *cli);
/* cli is borrowed for as long as *ret lives. */
bool compose_options_read(const struct cli *cli, struct compose_options *ret, struct err *e);
/* Is standard input one of its files? Then its text is not there. */
bool compose_options_attaches_input(const struct compose_options *l);
void compose_options_done(struct compose_options *l);

#endif

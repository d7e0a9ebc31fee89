/* SPDX-License-Identifier: MIT */
/*
 * command_lines - looks in a message for lines that a server would obey if it took them for
 * commands.
 *
 * A server that does not know BDAT reads the message behind it line by line, as commands. Such a
 * line begins, after any blanks and in any case, with a verb of SMTP and a blank, a colon or the
 * line's end; or it is longer than a command line may be (RFC 5321 section 4.5.3.1.4), so that its
 * tail may be read as the next line. Feed the message as it will be sent, in pieces of any size.
 */
#ifndef SESSION_COMMAND_LINES_H
#define SESSION_COMMAND_LINES_H

#include "base/buf.h"

enum { COMMAND_LINE_MAX = 510 }; /* octets without CRLF */

struct command_lines {
	struct buf line;  /* the current one without its LF; `over` if it is too long */
	struct buf first; /* the first line with its CRLF; empty if it is such a line */
	bool first_ended;
	bool found; /* at least one line of the message is such a line */
};

void command_lines_init(struct command_lines *c);
void command_lines_done(struct command_lines *c);
void command_lines_feed(struct command_lines *c, struct str text);
/* The message has ended. A last line without a line end counts too. */
void command_lines_end(struct command_lines *c);

#endif

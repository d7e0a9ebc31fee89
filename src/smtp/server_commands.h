/* SPDX-License-Identifier: MIT */
/*
 * server_commands - parses SMTP commands for a server (RFC 5321 section 4.1.1, 3030, 3461, 6531).
 *
 * Each function gets one line, or a part of one, without its end. Verbs and keywords match in upper
 * and lower case. Beyond the grammar, spaces before a path and a path without "<" and ">" are
 * accepted. On failure *fault is the reply to send: always 5yz, with enhanced status (RFC 3463) and
 * a sentence.
 */
#ifndef SMTP_SERVER_COMMANDS_H
#define SMTP_SERVER_COMMANDS_H

#include "mail/addr.h"
#include "mail/dsn.h"

enum server_command_verb {
	SERVER_COMMAND_UNKNOWN,
	SERVER_COMMAND_EHLO,
	SERVER_COMMAND_HELO,
	SERVER_COMMAND_MAIL,
	SERVER_COMMAND_RCPT,
	SERVER_COMMAND_DATA,
	SERVER_COMMAND_BDAT,
	SERVER_COMMAND_RSET,
	SERVER_COMMAND_NOOP,
	SERVER_COMMAND_VRFY,
	SERVER_COMMAND_HELP,
	SERVER_COMMAND_QUIT,
	SERVER_COMMAND_NOT_HERE, /* known, but not offered by this server: AUTH, STARTTLS, ... */
	SERVER_COMMAND_VERBS
};

enum { SERVER_COMMAND_TEXT = 300 };

struct server_command_fault {
	int code;
	char enhanced[12];
	char text[SERVER_COMMAND_TEXT];
};

struct server_command_mail {
	char from[ADDR_MAX + 1]; /* wire form, perhaps bare; "" is the null sender */
	bool eightbit, smtputf8;
	enum dsn_return returns;
	char envid[DSN_ENVID_MAX + 1]; /* xtext; "": none */
};

struct server_command_rcpt {
	char to[ADDR_MAX + 1]; /* wire form, perhaps bare */
	unsigned notify;
	char orcpt[DSN_ORCPT_MAX + 1]; /* "": none */
};

/* Sets *ret; both texts are copied. */
void server_command_set_fault(
	struct server_command_fault *ret, int code, const char *enhanced, const char *text);
/* Returns the verb. *ret_args: the rest of the line without spaces around it, borrowed. */
enum server_command_verb server_command_verb(struct str line, struct str *ret_args);
bool server_command_mail(
	struct str args, struct server_command_mail *ret, struct server_command_fault *fault);
/* utf8: MAIL had the parameter SMTPUTF8. */
bool server_command_rcpt(struct str args, bool utf8, struct server_command_rcpt *ret,
	struct server_command_fault *fault);
/* chunk-size [SP "LAST"] (RFC 3030 section 2). After false it is unknown where commands go on. */
bool server_command_bdat(struct str args, uint64_t *ret_size, bool *ret_last);

#endif

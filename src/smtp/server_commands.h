/* SPDX-License-Identifier: MIT */
/*
 * server_commands - the commands of SMTP as a server reads them (RFC 5321 section 4.1.1, 3030,
 * 3461, 6531).
 *
 * Given is one line without its end. Verbs and keywords are read without case. Beyond the grammar
 * blanks before a path are understood, and a path without "<" and ">". A fault is the reply to
 * give: always 5yz, with its enhanced status (RFC 3463) and a sentence.
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
	SERVER_COMMAND_NOT_HERE, /* known, and for other servers than this: AUTH, STARTTLS, EXPN,
				    ... */
	SERVER_COMMAND_VERBS
};

enum { SERVER_COMMAND_TEXT = 300 };

struct server_command_fault {
	int code;
	char enhanced[12];
	char text[SERVER_COMMAND_TEXT];
};

struct server_command_mail {
	char from[ADDR_MAX + 1]; /* wire form, maybe bare; "" is the null sender */
	bool eightbit, smtputf8;
	enum dsn_return returns;
	char envid[DSN_ENVID_MAX + 1]; /* xtext; "": none */
};

struct server_command_rcpt {
	char to[ADDR_MAX + 1]; /* wire form, maybe bare */
	unsigned notify;
	char orcpt[DSN_ORCPT_MAX + 1]; /* "": none */
};

/* Copies both texts. */
void server_command_set_fault(
	struct server_command_fault *ret, int code, const char *enhanced, const char *text);
/* *ret_args: what stands behind the verb, without blanks around it; borrowed. */
enum server_command_verb server_command_verb(struct str line, struct str *ret_args);
bool server_command_mail(
	struct str args, struct server_command_mail *ret, struct server_command_fault *fault);
/* utf8: MAIL had SMTPUTF8. */
bool server_command_rcpt(struct str args, bool utf8, struct server_command_rcpt *ret,
	struct server_command_fault *fault);
/* chunk-size [SP "LAST"] (RFC 3030 section 2); a false one leaves unknown where commands go on. */
bool server_command_bdat(struct str args, uint64_t *ret_size, bool *ret_last);

#endif

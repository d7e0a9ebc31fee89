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

enum command_verb {
	COMMAND_UNKNOWN,
	COMMAND_EHLO,
	COMMAND_HELO,
	COMMAND_MAIL,
	COMMAND_RCPT,
	COMMAND_DATA,
	COMMAND_BDAT,
	COMMAND_RSET,
	COMMAND_NOOP,
	COMMAND_VRFY,
	COMMAND_HELP,
	COMMAND_QUIT,
	COMMAND_NOT_HERE, /* known, and for other servers than this: AUTH, STARTTLS, EXPN, ... */
	COMMAND_VERBS
};

enum { COMMAND_TEXT = 300 };

struct command_fault {
	int code;
	char enhanced[12];
	char text[COMMAND_TEXT];
};

struct command_mail {
	char from[ADDR_MAX + 1]; /* wire form, maybe bare; "" is the null sender */
	bool eightbit, smtputf8;
	enum dsn_return returns;
	char envid[DSN_ENVID_MAX + 1]; /* xtext; "": none */
};

struct command_rcpt {
	char to[ADDR_MAX + 1]; /* wire form, maybe bare */
	unsigned notify;
	char orcpt[DSN_ORCPT_MAX + 1]; /* "": none */
};

/* Copies both texts. */
void command_set_fault(struct command_fault *ret, int code, const char *enhanced, const char *text);
/* *ret_args: what stands behind the verb, without blanks around it; borrowed. */
enum command_verb command_verb(struct str line, struct str *ret_args);
bool command_mail(struct str args, struct command_mail *ret, struct command_fault *fault);
/* utf8: MAIL had SMTPUTF8. */
bool command_rcpt(
	struct str args, bool utf8, struct command_rcpt *ret, struct command_fault *fault);
/* chunk-size [SP "LAST"] (RFC 3030 section 2); a false one leaves unknown where commands go on. */
bool command_bdat(struct str args, uint64_t *ret_size, bool *ret_last);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * hint - what a person can do about a refusal.
 *
 * One table, searched from the top: words that a server is known to use come before an enhanced
 * status (RFC 3463), which comes before a code, and a code with its command before a code alone. A
 * row may also depend on how the session got so far. If there is nothing to do but read the
 * server's words, there is no hint. The text is a constant of one line.
 */
#ifndef SMTP_HINT_H
#define SMTP_HINT_H

#include "base/err.h"
#include "base/str.h"
#include "smtp/commands.h"

/* The hint for a token that was refused and about which the server says nothing that is known. */
#define HINT_TOKEN                                                                                \
	"the server refused the access token: passwordeval must print a fresh one that is meant " \
	"for "                                                                                    \
	"SMTP at this provider, and the line user must name its mailbox"

/* The hint for a sender that the account may not use; the caller may know more (From). */
#define HINT_SENDER                                                                               \
	"this account may not use that sender: " ERR_SHOW                                         \
	" shows its line from; change that line, use -f ADDRESS, or -a for another account; the " \
	"lines allow_from_override off and set_from_header on make every message come from the "  \
	"line from"

/* The hint for a message whose form is refused; the caller may know more (its faults). */
#define HINT_FORM                                                                                  \
	"the server rejects the form of the message: postrider --dry-run with the same arguments " \
	"shows it"

/* The hint for octets behind the reply to STARTTLS (RFC 3207 section 6). */
#define HINT_TAMPERING                                                                            \
	"nothing was sent; someone may be tampering with the connection: the lines port 465 and " \
	"tls_starttls off make TLS begin at once"

/* The hint for a session that broke down without words that say more. */
#define HINT_BREAKDOWN                                                                       \
	"run the same command again later; if that does not help, the same command with -v " \
	"shows how far it gets"

/* What is known of a refusal and of the session in which it came. */
struct hint_facts {
	enum verb verb; /* the command that was refused */
	int code;
	const char *enhanced; /* the server's enhanced status, or "" */
	struct str words;     /* the text of its reply */
	bool authed;          /* AUTH has succeeded */
	bool tls;             /* the session is inside TLS */
	bool offers_starttls; /* before TLS */
	bool offers_scram;    /* a mechanism that does not show the password */
	bool with_token;      /* AUTH was tried with an OAuth token */
	bool grouped;         /* MAIL was sent together with AUTH */
};

/* The hint, or NULL if there is none. */
const char *hint_for_refusal(const struct hint_facts *facts);

#endif

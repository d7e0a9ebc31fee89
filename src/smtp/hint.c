/* SPDX-License-Identifier: MIT */
#include "smtp/hint.h"

#include "base/err.h"
#include "base/str.h"

#define ANY VERB_COUNT

static const char login[] = "the server wants a login: add the lines auth on, user NAME and "
			    "passwordeval COMMAND to the account";
static const char wait[] = "the refusal is for now: run the same command again later, with the "
			   "same message";
static const char ask_later[] = "ask the server again later: run the same command then";
static const char size[] =
	"the message is too large for this server: leave a file out and send where it can be "
	"fetched, or send several messages";
static const char address[] =
	"check how the address is spelt, on the command line or (with -t) in To, Cc and Bcc; "
	"postrider -bv ADDRESS shows its alias";
static const char sender[] = "this account may not use that sender: " ERR_SHOW
			     " shows its line from; change that, use -f ADDRESS, or -a for "
			     "another account";
static const char relay[] = "the server may want a login (lines auth on, user NAME, passwordeval "
			    "COMMAND), or another sender (line from ADDRESS, or -f ADDRESS)";
static const char tls[] = "the server wants TLS: write the lines tls on and tls_starttls on";
static const char stronger[] =
	"the provider may want an app password, which its web site makes, or a stronger mechanism: "
	"write the line auth scram";
static const char name[] = "the server may dislike the name we give ourselves: add a line domain "
			   "NAME with this machine's full name (hostname -f)";
static const char to_lmtp[] = "does this server speak LMTP? write the line protocol lmtp, else "
			      "correct the lines host NAME and port NUMBER";
static const char to_smtp[] = "does this server speak SMTP? write the line protocol smtp, else "
			      "correct the lines host NAME and port NUMBER";
static const char node[] =
	"name a host, @DOMAIN or #QUEUE that the server knows: --rmqs=NAME, or -qRNAME";
static const char no_mail[] =
	"this domain takes no mail at all (RFC 7505, RFC 7504): write another "
	"address of this person";

/* Code 0 matches any code, a code below 10 all codes of that class. An enhanced status that ends in
 * '.' matches all that begin so. */
static const struct {
	enum verb v;
	int code;
	const char *enhanced, *hint;
} rows[] = {
	{ VERB_AUTH, 432, "",
		"the password must be stored anew: change it at the provider, or log in once with "
		"the line auth plain (and tls on)" },
	{ VERB_AUTH, 0, "5.7.9", stronger },
	{ VERB_AUTH, 0, "5.7.11", tls },
	{ VERB_AUTH, 534, "", stronger },
	{ VERB_AUTH, 538, "", tls },
	{ ANY, 538, "", tls },
	{ VERB_AUTH, 454, "", wait },
	{ VERB_AUTH, 0, "4.", wait },
	{ VERB_AUTH, 0, "5.", ERR_HINT_PASSWORD },
	{ VERB_AUTH, 535, "", ERR_HINT_PASSWORD },
	{ ANY, 530, "5.7.0", login },
	{ ANY, 530, "", login },
	{ ANY, 0, "5.7.10", tls },
	{ VERB_ETRN, 421, "", ask_later },
	{ ANY, 421, "", wait },
	{ VERB_GREETING, 554, "",
		"this server takes no mail from here: write the lines host NAME and port NUMBER "
		"that the provider names for submission" },
	{ VERB_ETRN, 4, "", ask_later },
	{ VERB_ETRN, 501, "", node },
	{ VERB_ETRN, 5, "5.5.4", node },
	{ VERB_EHLO, 500, "", to_lmtp },
	{ VERB_EHLO, 502, "", to_lmtp },
	{ VERB_LHLO, 500, "", to_smtp },
	{ VERB_LHLO, 502, "", to_smtp },
	{ VERB_LHLO, 5, "", name },
	{ VERB_EHLO, 5, "", name },
	{ VERB_HELO, 5, "", name },
	{ ANY, 0, "5.3.4", size },
	{ ANY, 0, "5.2.3", size },
	{ VERB_MAIL, 552, "", size },
	{ VERB_MAIL, 0, "5.7.", sender },
	{ VERB_MAIL, 0, "5.1.",
		"correct the sender's address: the line from (" ERR_SHOW
		" shows it), or the option -f ADDRESS" },
	{ VERB_MAIL, 553, "", sender },
	{ VERB_MAIL, 550, "", sender },
	{ VERB_RCPT, 0, "5.7.", relay },
	{ VERB_RCPT, 0, "5.1.10", no_mail },
	{ VERB_RCPT, 0, "5.1.2",
		"check the domain of the address, on the command line or (with -t) in To, Cc and "
		"Bcc" },
	{ VERB_RCPT, 0, "5.1.", address },
	{ VERB_RCPT, 0, "5.2.2",
		"the recipient's mailbox is full: tell them some other way, and run the same "
		"command again then" },
	{ VERB_RCPT, 0, "4.", wait },
	{ VERB_RCPT, 556, "", no_mail },
	{ VERB_RCPT, 550, "", address },
	{ VERB_RCPT, 551, "", address },
	{ VERB_RCPT, 553, "", address },
	{ VERB_RCPT, 452, "", wait },
	{ VERB_MESSAGE, 0, "5.7.",
		"the server takes the message for spam, or the sender for forged: " ERR_SHOW
		" shows the line from; does From in the message match?" },
	{ VERB_MESSAGE, 0, "5.6.",
		"the server does not like the form of the message: the same command with --dry-run "
		"shows it" },
	{ VERB_MESSAGE, 0, "4.", wait },
};

static bool fits(const char *pattern, const char *enhanced)
{
	struct str p = str_of(pattern), s = str_of(enhanced);

	if (!p.len)
		return true;
	return p.p[p.len - 1] == '.' ? str_starts(s, p) : str_eq(s, p);
}

static bool is_meant(int row, int code)
{
	return !row || row == (row < 10 ? code / 100 : code);
}

const char *hint_for_refusal(enum verb v, int code, const char *enhanced)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if ((rows[i].v == ANY || rows[i].v == v) && is_meant(rows[i].code, code) &&
			fits(rows[i].enhanced, enhanced))
			return rows[i].hint;
	return code < 500 ? wait : NULL;
}

/* SPDX-License-Identifier: MIT */
#include "mail/advice.h"

#include "base/str.h"

#define ANY VERB_COUNT

static const char login[] = "the server wants a login: add user and passwordeval to the account";
static const char password[] = "check user and password of this account";
static const char wait[] = "send the same message again later";
static const char size[] = "the message is too large for this server; send the large part some "
			   "other way";
static const char address[] = "check how the address is spelt";
static const char sender[] = "this account may not use that sender: check from, and -f";
static const char relay[] = "the server may want a login (auth), or another sender (from, -f)";

/* Code 0 is any, below 10 all of a class; an enhanced status ends in '.' where all that begin so
 * are meant. */
static const struct {
	enum verb v;
	int code;
	const char *enhanced, *advice;
} rows[] = {
	{ VERB_AUTH, 432, "", "the server wants the password changed, or set once elsewhere" },
	{ VERB_AUTH, 0, "5.7.9", "the server wants a stronger mechanism: try auth scram" },
	{ VERB_AUTH, 0, "5.7.11", "the server wants TLS: set tls on" },
	{ VERB_AUTH, 534, "", "the server wants a stronger mechanism: try auth scram" },
	{ VERB_AUTH, 538, "", "the server wants TLS: set tls on" },
	{ ANY, 538, "", "the server wants TLS: set tls on" },
	{ VERB_AUTH, 454, "", wait },
	{ VERB_AUTH, 0, "4.", wait },
	{ VERB_AUTH, 0, "5.", password },
	{ VERB_AUTH, 535, "", password },
	{ ANY, 530, "5.7.0", login },
	{ ANY, 530, "", login },
	{ ANY, 0, "5.7.10", "the server wants TLS: set tls on" },
	{ VERB_ETRN, 421, "", "ask the server again later" },
	{ ANY, 421, "", wait },
	{ VERB_GREETING, 554, "", "this server takes no mail from here: check host and port" },
	{ VERB_ETRN, 4, "", "ask the server again later" },
	{ VERB_ETRN, 501, "", "a host, @DOMAIN or #QUEUE that the server knows is wanted" },
	{ VERB_ETRN, 5, "5.5.4", "a host, @DOMAIN or #QUEUE that the server knows is wanted" },
	{ VERB_EHLO, 500, "", "does this server speak LMTP? see protocol, and check the port" },
	{ VERB_EHLO, 502, "", "does this server speak LMTP? see protocol, and check the port" },
	{ VERB_LHLO, 500, "", "does this server speak SMTP? see protocol, and check the port" },
	{ VERB_LHLO, 502, "", "does this server speak SMTP? see protocol, and check the port" },
	{ VERB_LHLO, 5, "", "check the name we give ourselves: domain NAME" },
	{ VERB_EHLO, 5, "", "check the name we give ourselves: domain NAME" },
	{ VERB_HELO, 5, "", "check the name we give ourselves: domain NAME" },
	{ ANY, 0, "5.3.4", size },
	{ ANY, 0, "5.2.3", size },
	{ VERB_MAIL, 552, "", size },
	{ VERB_MAIL, 0, "5.7.", sender },
	{ VERB_MAIL, 0, "5.1.", "check the sender: from, and -f" },
	{ VERB_MAIL, 553, "", sender },
	{ VERB_MAIL, 550, "", sender },
	{ VERB_RCPT, 0, "5.7.", relay },
	{ VERB_RCPT, 0, "5.1.10", "this domain takes no mail at all (RFC 7505)" },
	{ VERB_RCPT, 0, "5.1.2", "check the domain of the address" },
	{ VERB_RCPT, 0, "5.1.", address },
	{ VERB_RCPT, 0, "5.2.2", "the recipient's mailbox is full; tell them some other way" },
	{ VERB_RCPT, 0, "4.", wait },
	{ VERB_RCPT, 556, "", "this domain takes no mail at all (RFC 7504)" },
	{ VERB_RCPT, 550, "", address },
	{ VERB_RCPT, 551, "", address },
	{ VERB_RCPT, 553, "", address },
	{ VERB_RCPT, 452, "", wait },
	{ VERB_MESSAGE, 0, "5.7.",
		"the server takes the message for spam, or the sender for forged" },
	{ VERB_MESSAGE, 0, "5.6.", "the server does not like the form of the message" },
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

const char *advice_on(enum verb v, int code, const char *enhanced)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if ((rows[i].v == ANY || rows[i].v == v) && is_meant(rows[i].code, code) &&
			fits(rows[i].enhanced, enhanced))
			return rows[i].advice;
	return code < 500 ? wait : NULL;
}

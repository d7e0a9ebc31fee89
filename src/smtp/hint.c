/* SPDX-License-Identifier: MIT */
#include "smtp/hint.h"

#include "base/err.h"
#include "base/str.h"

#define ANY VERB_COUNT
#define NONE "-" /* no enhanced status */

static const char login[] = "the server requires a login: add the lines auth on, user NAME and "
			    "passwordeval COMMAND to the account";
static const char wait[] = "this is temporary: run the same command again later";
static const char ask_later[] = "ask the server again later: run the same command then";
static const char size[] =
	"the message is too large for this server: leave a file out and send where it can be "
	"fetched, or send several messages";
static const char address[] =
	"check how the address is spelt, on the command line or (with -t) in To, Cc and Bcc; "
	"postrider -bv ADDRESS shows its alias";
static const char sender[] = HINT_SENDER;
static const char sender_address[] = "correct the sender's address: the line from (" ERR_SHOW
				     " shows it), or the option -f ADDRESS";
static const char relay[] =
	"the server may require a login (lines auth on, user NAME, passwordeval "
	"COMMAND), or another sender (line from ADDRESS, or -f ADDRESS)";
static const char tls[] =
	"the server requires TLS: add the lines tls on and tls_starttls on to the account";
static const char tls_at_once[] =
	"the server requires TLS, and offers no STARTTLS here: add the lines port 465, tls on and "
	"tls_starttls off to the account";
static const char some_tls[] = "either of the two, by what the server offers";
static const char no_starttls[] =
	"the server cannot begin TLS with STARTTLS: add the lines port 465 "
	"and tls_starttls off to the account";
static const char pipelining[] = "the server does not accept commands that are sent together: add "
				 "the line pipelining off to the account";
static const char chunking[] =
	"the server offers BDAT and cannot do it: add the line chunking off to the account";
static const char attachment[] =
	"the server refuses what is attached, such as a program or an archive that may hold one: "
	"send a link to it, or send it in another form";
static const char block_list[] =
	"the address that this machine has in the network is on a block list: send through the "
	"server that the provider names for submission (host NAME, port NUMBER, auth on), or ask "
	"its administrator";
static const char disabled[] =
	"the provider has disabled the account: log in on its web site, or ask the administrator";
static const char app_password[] = "the provider requires an app password: make one on its web "
				   "site, in the security settings, "
				   "and store it in place of the password";
static const char scram[] =
	"the server requires a mechanism that does not show the password: add the line auth scram";
static const char mechanism[] =
	"the server refuses the mechanism that it offers: the same command with -v shows which "
	"others there are, and the line auth NAME chooses one";
static const char old_password[] =
	"the password must be stored anew: change it at the provider, or log in once with the line "
	"auth plain (and tls on)";
static const char token[] = HINT_TOKEN;
static const char web_login[] =
	"the provider requires that you log in with a web browser first; then use an app password, "
	"or an access token (the line auth xoauth2, and passwordeval COMMAND that prints it)";
static const char wants_token[] =
	"the provider no longer accepts a password here: use an access token (the line auth "
	"xoauth2, "
	"and passwordeval COMMAND that prints it), or ask the administrator";
static const char smtp_auth_off[] =
	"the administrator must allow SMTP AUTH for this mailbox: Set-CASMailbox -Identity USER "
	"-SmtpClientAuthenticationDisabled $false (https://aka.ms/smtp_auth_disabled)";
static const char policy[] = "a policy of the organisation forbids this login (Conditional "
			     "Access): ask the administrator, "
			     "and name the account and the server's words";
static const char limit[] =
	"the account has reached its sending limit: run the same command again when the provider "
	"allows it, usually within 24 hours";
static const char name[] =
	"the server refuses the name this machine gives itself: add a line domain "
	"NAME with its full name (hostname -f)";
static const char to_lmtp[] = "does this server speak LMTP? add the line protocol lmtp, else "
			      "correct the lines host NAME and port NUMBER";
static const char to_smtp[] = "does this server speak SMTP? add the line protocol smtp, else "
			      "correct the lines host NAME and port NUMBER";
static const char node[] =
	"name a host, @DOMAIN or #QUEUE that the server knows: --rmqs=NAME, or -qRNAME";
static const char no_mail[] = "this domain accepts no mail at all (RFC 7505, RFC 7504): use "
			      "another address of this person";
static const char domain[] =
	"check the domain of the address, on the command line or (with -t) in To, Cc and Bcc";
static const char mailbox_full[] =
	"the recipient's mailbox is full: tell them some other way, and run the same command again "
	"then";
static const char spam[] = "the server considers the message spam, or the sender forged; check "
			   "that From in the message matches the line from: " ERR_SHOW " shows it";
static const char form[] = HINT_FORM;
static const char this_recipient[] =
	"the server refuses this recipient: leave the address out, or ask the server's "
	"administrator";
static const char network[] =
	"the server does not accept the address that this machine has in the network: send through "
	"the server that the provider names for submission (host NAME, port NUMBER, auth on), or "
	"ask "
	"its administrator";
static const char own_mailbox[] =
	"your own mailbox at this server is full: delete or move mail there, then run the same "
	"command again";
static const char login_later[] =
	"the server refuses further logins for now: wait some minutes before the next, as each one "
	"may make it longer";
static const char no_auth[] =
	"the server has no login on this port: correct the lines host NAME and port NUMBER, or add "
	"the line auth off if it requires none";
static const char parameters[] =
	"the server does not accept a parameter after the address: remove the lines dsn_notify and "
	"dsn_return, or the options -N, -R and -V";
static const char not_here[] =
	"this server accepts no mail from this machine: correct the lines host NAME and port "
	"NUMBER to what the provider names for submission";

/* How the session must have got so far; all of these bits. */
enum {
	AUTHED = 1,
	CLEAR = 2,    /* without TLS */
	STARTTLS = 4, /* which is offered */
	SCRAM = 8,
	TOKEN = 16,
	GROUPED = 32, /* with the commands behind it */
};

/*
 * Code 0 matches any code, a code below 10 all codes of that class. An enhanced status that ends in
 * '.' matches all that begin so; NONE is the lack of one. Words are looked for without case.
 */
static const struct {
	enum verb v;
	int code;
	const char *enhanced, *words;
	unsigned when;
	const char *hint;
} rows[] = {
	/* what providers say */
	{ ANY, 5, "", "SmtpClientAuthentication is disabled", 0, smtp_auth_off },
	{ ANY, 5, "", "did not meet the criteria", 0, policy },
	{ ANY, 5, "", "basic authentication is", TOKEN, token },
	{ ANY, 5, "", "basic authentication is", 0, wants_token },
	{ ANY, 5, "", "security defaults policy", TOKEN, policy },
	{ ANY, 5, "", "security defaults policy", 0, wants_token },
	{ ANY, 5, "5.7.30", "", TOKEN, token },
	{ ANY, 5, "5.7.30", "", 0, wants_token },
	{ VERB_AUTH, 0, "5.7.139", "", TOKEN, token },
	{ VERB_AUTH, 0, "5.7.139", "credentials were incorrect", 0, ERR_HINT_PASSWORD },
	{ VERB_AUTH, 0, "5.7.139", "", 0, wants_token },
	{ VERB_AUTH, 0, "5.7.14", "", TOKEN, token },
	{ VERB_AUTH, 0, "5.7.14", "", 0, web_login },
	{ VERB_AUTH, 5, "", "log in with your web browser", 0, web_login },
	{ VERB_AUTH, 0, "5.7.13", "", 0, disabled },
	{ VERB_AUTH, 5, "", "account disabled", 0, disabled },
	{ VERB_AUTH, 5, "", "application password", 0, app_password },
	{ VERB_AUTH, 5, "", "application-specific password", 0, app_password },
	{ VERB_AUTH, 5, "", "app password", 0, app_password },
	{ ANY, 5, "5.4.5", "", 0, limit },
	{ ANY, 5, "", "SubmissionQuotaExceeded", 0, limit },
	{ ANY, 5, "", "sending limit exceeded", 0, limit },
	{ ANY, 5, "", "unusual sending activity", 0, limit },
	{ ANY, 5, "5.1.90", "", 0, limit },
	{ ANY, 5, "5.7.", "daily limit", 0, limit },
	{ ANY, 5, NONE, "daily limit", 0, limit },
	{ ANY, 5, "", "SendAsDenied", 0, sender },
	{ ANY, 5, "5.2.252", "", 0, sender },
	{ ANY, 5, "5.7.60", "", 0, sender },
	{ ANY, 5, "", "not owned by", AUTHED, sender },
	{ ANY, 5, "", "is not verified", AUTHED, sender },
	{ ANY, 5, "5.7.26", "", AUTHED, sender },
	{ ANY, 5, "", "not one of your addresses", 0, sender },
	{ ANY, 5, "", "blocked using", 0, block_list },
	{ ANY, 5, "5.7.705", "", 0, limit },
	{ ANY, 5, "5.7.708", "", 0, network },
	{ ANY, 5, "5.7.25", "", 0, network },
	{ ANY, 5, "", "banned sending IP", 0, network },
	{ ANY, 5, "5.1.8", "bad outbound sender", 0, disabled },
	{ VERB_AUTH, 5, "", "suspended", 0, disabled },
	{ VERB_AUTH, 0, "", "rate limit", 0, login_later },
	{ VERB_AUTH, 0, "", "too many login", 0, login_later },
	{ VERB_AUTH, 0, "", "too many fail", 0, login_later },
	{ VERB_AUTH, 0, "", "too many auth", 0, login_later },
	{ VERB_AUTH, 0, "", "too many attempts", 0, login_later },
	{ VERB_AUTH, 0, "", "too many invalid", 0, login_later },
	{ VERB_AUTH, 5, "", "ip blocked", 0, network },
	{ VERB_AUTH, 5, "", "ip address blocked", 0, network },

	/* what servers say, whatever the code */
	{ VERB_STARTTLS, 5, "", "", 0, no_starttls },
	{ VERB_STARTTLS, 4, "", "", 0, wait },
	{ ANY, 0, "", "improper use of smtp command pipelining", 0, pipelining },
	{ ANY, 0, "", "improper pipelining", 0, pipelining },
	{ ANY, 0, "", "helo command rejected", 0, name },
	{ ANY, 0, "", "HELO name", 0, name },
	{ ANY, 0, "", "HELO argument", 0, name },
	{ ANY, 0, "", "HELO/EHLO argument", 0, name },
	{ ANY, 0, "", "sender address rejected: domain not found", 0, sender_address },
	{ VERB_RCPT, 5, "5.5.", "sender address rejected", 0, sender_address },
	{ VERB_RCPT, 5, "5.1.", "sender address rejected", 0, sender_address },
	{ ANY, 0, "", "sender verify failed", 0, sender_address },
	{ VERB_RCPT, 5, "", "verification failed for <", 0, sender_address },
	{ ANY, 5, "5.1.8", "", 0, sender_address },
	{ ANY, 5, "5.1.7", "", 0, sender_address },
	{ ANY, 0, "", "STARTTLS", CLEAR, some_tls },
	{ ANY, 0, "", "encryption is required", CLEAR, some_tls },
	{ ANY, 0, "", "TLS required", CLEAR, some_tls },
	{ ANY, 0, "", "TLS is required", CLEAR, some_tls },
	{ VERB_AUTH, 5, "", "not advertised", CLEAR | STARTTLS, tls },
	{ ANY, 0, "", "not logged in", 0, login },
	{ ANY, 0, "", "was not authenticated", 0, login },
	{ ANY, 0, "", "AUTH is required", 0, login },
	{ ANY, 0, "", "authentication is required", 0, login },
	{ ANY, 0, "", "send AUTH command first", 0, login },
	{ VERB_MAIL, 0, "", "authentication required", 0, login },
	{ VERB_RCPT, 0, "", "authentication required", 0, login },
	{ ANY, 0, "", "relay access denied", 0, relay },
	{ ANY, 0, "", "relay not permitted", 0, relay },
	{ ANY, 0, "", "relaying denied", 0, relay },
	{ ANY, 0, "", "unable to relay", 0, relay },
	{ ANY, 0, "", "not permitted to relay", 0, relay },
	{ ANY, 0, "", "may not relay", 0, relay },
	{ VERB_RCPT, 0, "", "list of allowed rcpthosts", 0, relay },

	{ VERB_AUTH, 501, "", "", GROUPED, pipelining },
	{ VERB_MAIL, 503, "", "", GROUPED, pipelining },
	{ VERB_RCPT, 503, "", "", GROUPED, pipelining },
	{ VERB_AUTH, 502, "", "", CLEAR | STARTTLS, tls },
	{ VERB_AUTH, 502, "", "", 0, no_auth },
	{ VERB_PROBE, 5, "", "", 0, chunking },
	{ VERB_AUTH, 504, "", "", 0, mechanism },
	{ VERB_AUTH, 0, "5.7.4", "", 0, mechanism },
	{ VERB_AUTH, 432, "", "", TOKEN, token },
	{ VERB_AUTH, 432, "", "", 0, old_password },
	{ VERB_AUTH, 5, "", "", TOKEN, token },
	{ VERB_AUTH, 0, "5.7.9", "", SCRAM, scram },
	{ VERB_AUTH, 0, "5.7.9", "", 0, app_password },
	{ VERB_AUTH, 0, "5.7.11", "", CLEAR, tls },
	{ VERB_AUTH, 534, "", "", SCRAM, scram },
	{ VERB_AUTH, 534, "", "", 0, app_password },
	{ ANY, 538, "", "", CLEAR, tls },
	{ VERB_AUTH, 454, "", "", 0, wait },
	{ VERB_AUTH, 0, "4.", "", 0, wait },
	{ VERB_AUTH, 0, "5.", "", 0, ERR_HINT_PASSWORD },
	{ VERB_AUTH, 535, "", "", 0, ERR_HINT_PASSWORD },
	{ VERB_AUTH, 550, "", "", 0, ERR_HINT_PASSWORD },
	{ VERB_AUTH, 554, "", "", 0, ERR_HINT_PASSWORD },
	{ VERB_GREETING, 530, "", "", 0, not_here },
	{ VERB_EHLO, 530, "", "", 0, not_here },
	{ ANY, 530, "", "", AUTHED, sender },
	{ ANY, 530, "", "authenti", 0, login },
	{ ANY, 530, "", "", CLEAR | STARTTLS, tls },
	{ ANY, 530, "", "", 0, login },
	{ ANY, 0, "5.7.10", "", CLEAR, tls },
	{ VERB_ETRN, 421, "", "", 0, ask_later },
	{ ANY, 421, "", "", 0, wait },
	{ VERB_GREETING, 554, "", "", 0, not_here },
	{ VERB_ETRN, 4, "", "", 0, ask_later },
	{ VERB_ETRN, 501, "", "", 0, node },
	{ VERB_ETRN, 5, "5.5.4", "", 0, node },
	{ VERB_EHLO, 500, "", "", 0, to_lmtp },
	{ VERB_EHLO, 502, "", "", 0, to_lmtp },
	{ VERB_LHLO, 500, "", "", 0, to_smtp },
	{ VERB_LHLO, 502, "", "", 0, to_smtp },
	{ VERB_HELO, 500, "", "", 0, to_lmtp },
	{ VERB_HELO, 502, "", "", 0, to_lmtp },
	{ VERB_LHLO, 5, "", "", 0, name },
	{ VERB_EHLO, 5, "", "", 0, name },
	{ VERB_HELO, 5, "", "", 0, name },
	{ ANY, 0, "5.3.4", "", 0, size },
	{ ANY, 0, "5.2.3", "", 0, size },
	{ VERB_MAIL, 0, "5.2.2", "", 0, own_mailbox },
	{ VERB_MAIL, 552, "", "", 0, size },
	{ VERB_MAIL, 555, "", "parameter", 0, parameters },
	{ VERB_MAIL, 555, "", "", 0, sender_address },
	{ VERB_RCPT, 555, "", "parameter", 0, parameters },
	{ VERB_RCPT, 555, "", "", 0, address },
	{ VERB_RCPT, 552, NONE, "message size", 0, size },
	{ VERB_RCPT, 552, NONE, "mailbox", 0, mailbox_full },
	{ VERB_MAIL, 0, "5.7.", "", 0, relay },
	{ VERB_MAIL, 0, "5.1.", "", 0, sender_address },
	{ VERB_MAIL, 504, "", "", 0, sender_address },
	{ VERB_MAIL, 501, "", "", 0, sender_address },
	{ VERB_MAIL, 553, "", "", 0, relay },
	{ VERB_MAIL, 550, "", "", 0, relay },
	{ VERB_RCPT, 5, "5.7.", "quota exceeded", 0, limit },
	{ VERB_RCPT, 5, "5.7.", "authenticate username", 0, sender },
	{ VERB_RCPT, 5, "5.7.23", "", 0, sender },
	{ VERB_RCPT, 5, "5.7.", "sender", 0, relay },
	{ VERB_RCPT, 5, "5.7.", "recipient address rejected", 0, this_recipient },
	{ VERB_RCPT, 5, "5.7.", "listed at", 0, block_list },
	{ VERB_RCPT, 0, "5.7.", "", 0, relay },
	{ VERB_RCPT, 0, "5.1.10", "", 0, no_mail },
	{ VERB_RCPT, 0, "5.1.2", "", 0, domain },
	{ VERB_RCPT, 0, "5.1.", "", 0, address },
	{ VERB_RCPT, 0, "5.2.2", "", 0, mailbox_full },
	{ VERB_RCPT, 0, "4.", "", 0, wait },
	{ VERB_RCPT, 556, "", "", 0, no_mail },
	{ VERB_RCPT, 504, "", "", 0, address },
	{ VERB_RCPT, 501, "", "", 0, address },
	{ VERB_RCPT, 550, "", "", 0, address },
	{ VERB_RCPT, 551, "", "", 0, address },
	{ VERB_RCPT, 553, "", "", 0, address },
	{ VERB_RCPT, 452, "", "", 0, wait },
	{ VERB_MESSAGE, 0, "5.2.2", "", 0, mailbox_full },
	{ VERB_MESSAGE, 0, "5.1.10", "", 0, no_mail },
	{ VERB_MESSAGE, 0, "5.1.", "sender", 0, sender_address },
	{ VERB_MESSAGE, 0, "5.1.", "", 0, address },
	{ VERB_MESSAGE, 0, "5.6.", "", 0, form },
	{ VERB_MESSAGE, 5, "", "potential security issue", 0, attachment },
	{ VERB_MESSAGE, 5, "", "virus", 0, attachment },
	{ VERB_MESSAGE, 5, "", "attachment", 0, attachment },
	{ VERB_MESSAGE, 5, "", "spam", 0, spam },
	{ VERB_MESSAGE, 552, NONE, "", 0, size },
	{ VERB_MESSAGE, 0, "5.7.1", "", AUTHED, sender },
	{ VERB_MESSAGE, 0, "5.7.", "", 0, spam },
	{ VERB_MESSAGE, 0, "4.", "", 0, wait },
};

static bool fits(const char *pattern, const char *enhanced)
{
	struct str p = str_of(pattern), s = str_of(enhanced);

	if (!p.len || !s.len)
		return !p.len || str_eq(p, STR(NONE));
	return p.p[p.len - 1] == '.' ? str_starts(s, p) : str_eq(s, p);
}

static bool is_meant(int row, int code)
{
	return !row || row == (row < 10 ? code / 100 : code);
}

static unsigned state_of(const struct hint_facts *facts)
{
	return (facts->authed ? AUTHED : 0u) | (facts->tls ? 0u : CLEAR) |
	       (facts->offers_starttls ? STARTTLS : 0u) | (facts->offers_scram ? SCRAM : 0u) |
	       (facts->with_token ? TOKEN : 0u) | (facts->grouped ? GROUPED : 0u);
}

/* Whether the words are in the text. No words are in every text. */
static bool says(struct str text, const char *words)
{
	return !words[0] || str_find_same(text, str_of(words)) < text.len;
}

/* What a row advises in this session: after a login it is never the login that is missing. */
static const char *advice_of(const char *hint, const struct hint_facts *facts)
{
	if (facts->authed && (hint == login || hint == relay))
		return sender;
	if (hint == some_tls)
		return facts->offers_starttls ? tls : tls_at_once;
	return hint;
}

const char *hint_for_refusal(const struct hint_facts *facts)
{
	unsigned state = state_of(facts);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if ((rows[i].v == ANY || rows[i].v == facts->verb) &&
			is_meant(rows[i].code, facts->code) &&
			fits(rows[i].enhanced, facts->enhanced) && (rows[i].when & ~state) == 0 &&
			says(facts->words, rows[i].words))
			return advice_of(rows[i].hint, facts);
	return facts->code < 500 ? wait : NULL;
}

/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/err.h"
#include "smtp/hint.h"

static void test_rows(void **state)
{
	(void)state;
	static const struct {
		enum verb v;
		int code;
		const char *enhanced, *part;
	} rows[] = {
		{ VERB_AUTH, 535, "", "check user and password: " ERR_SHOW },
		{ VERB_AUTH, 535, "5.7.8", "check user and password" },
		{ VERB_AUTH, 534, "5.7.9", "app password" },
		{ VERB_AUTH, 454, "4.7.0", "again later" },
		{ VERB_MAIL, 530, "5.7.0", "requires a login" },
		{ VERB_RCPT, 530, "", "requires a login" },
		{ VERB_MAIL, 538, "", "add the lines tls on" },
		{ VERB_MAIL, 552, "5.3.4", "too large" },
		{ VERB_MAIL, 550, "", "may require a login" },
		{ VERB_MAIL, 553, "", "may require a login" },
		{ VERB_MESSAGE, 552, "", "too large" },
		{ VERB_MESSAGE, 552, "5.2.2", "mailbox is full" },
		{ VERB_PROBE, 501, "5.5.4", "chunking off" },
		{ VERB_HELO, 502, "", "protocol lmtp" },
		{ VERB_AUTH, 554, "", "check user and password" },
		{ VERB_AUTH, 504, "5.5.4", "auth NAME" },
		{ VERB_RCPT, 550, "5.1.1", "how the address is spelt" },
		{ VERB_RCPT, 550, "", "how the address is spelt" },
		{ VERB_RCPT, 550, "5.1.10", "accepts no mail at all" },
		{ VERB_RCPT, 550, "5.1.2", "check the domain of the address" },
		{ VERB_RCPT, 554, "5.7.1", "may require a login" },
		{ VERB_RCPT, 451, "4.7.1", "again later" },
		{ VERB_RCPT, 450, "", "again later" },
		{ VERB_EHLO, 550, "", "domain NAME" },
		{ VERB_EHLO, 450, "", "again later" },
		{ VERB_EHLO, 500, "5.5.1", "speak LMTP" },
		{ VERB_EHLO, 501, "", "domain NAME" },
		{ VERB_LHLO, 500, "", "speak SMTP" },
		{ VERB_LHLO, 502, "", "speak SMTP" },
		{ VERB_LHLO, 550, "", "domain NAME" },
		{ VERB_ETRN, 458, "", "ask the server again" },
		{ VERB_ETRN, 421, "4.3.2", "ask the server again" },
		{ VERB_ETRN, 501, "", "#QUEUE" },
		{ VERB_MESSAGE, 554, "5.7.1", "spam" },
		{ VERB_DATA, 554, "", NULL },
		{ VERB_MESSAGE, 554, "", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct hint_facts facts = {
			.verb = rows[i].v, .code = rows[i].code, .enhanced = rows[i].enhanced
		};
		const char *got = hint_for_refusal(&facts);
		if (!rows[i].part)
			assert_null(got);
		else if (!got || !holds(str_of(got), rows[i].part))
			fail_msg("row %zu: %s", i, got ? got : "(none)");
	}
}

/* What the words of providers and the way so far make of a refusal: rows D1 to D8 and C5. */
static const struct {
	struct hint_facts facts;
	const char *words, *part;
} told[] = {
	/* D1: STARTTLS is offered, and was not used */
	{ { VERB_MAIL, 530, "5.7.0", .offers_starttls = true },
		"5.7.0 Must issue a STARTTLS command first", "tls on and tls_starttls on" },
	{ { VERB_MAIL, 530, "", .offers_starttls = true }, "no", "tls on and tls_starttls on" },
	{ { VERB_AUTH, 538, "5.7.11", .offers_starttls = true }, "no", "tls_starttls on" },
	{ { VERB_MAIL, 530, "5.7.0" }, "authenticate first", "requires a login" },
	{ { VERB_MAIL, 530, "5.7.0", .tls = true }, "authenticate first", "requires a login" },
	/* D2: the login was good, so it is the sender */
	{ { VERB_MAIL, 530, "5.7.1", .authed = true, .tls = true }, "no", "set_from_header on" },
	{ { VERB_MAIL, 550, "5.7.1", .authed = true }, "no", "may not use that sender" },
	{ { VERB_RCPT, 554, "5.7.1", .authed = true }, "relay denied", "may not use that sender" },
	{ { VERB_MESSAGE, 554, "5.7.1", .authed = true }, "no", "set_from_header on" },
	{ { VERB_RCPT, 554, "5.7.1" }, "relay denied", "may require a login" },
	{ { VERB_MAIL, 550, "", .authed = true }, "no", "may not use that sender: " ERR_SHOW },
	{ { VERB_MAIL, 553, "5.7.1" }, "<a>: Sender address rejected: not logged in",
		"requires a login" },
	{ { VERB_MAIL, 553, "5.7.1", .authed = true },
		"<a>: Sender address rejected: not logged in", "may not use that sender" },
	{ { VERB_MAIL, 550, "5.7.1" }, "Client was not authenticated", "requires a login" },
	{ { VERB_RCPT, 550, "" }, "SMTP AUTH is required for message submission",
		"requires a login" },
	{ { VERB_RCPT, 503, "5.5.4" }, "Error: send AUTH command first", "requires a login" },
	{ { VERB_RCPT, 550, "" }, "relay not permitted", "may require a login" },
	{ { VERB_RCPT, 454, "4.7.1" }, "<b>: Relay access denied", "may require a login" },
	{ { VERB_RCPT, 553, "" }, "sorry, that domain isn't in my list of allowed rcpthosts",
		"may require a login" },
	{ { VERB_MAIL, 530, "5.7.1", .authed = true }, "Authentication required", "sender" },
	{ { VERB_MAIL, 550, "5.7.1", .authed = true }, "Authentication is required", "sender" },
	{ { VERB_RCPT, 550, "5.7.1", .authed = true }, "Authentication required", "sender" },
	{ { VERB_MAIL, 550, "5.7.1", .authed = true }, "you may not relay as this sender",
		"sender" },
	/* words in a name or beside another code mean nothing */
	{ { VERB_RCPT, 550, "5.1.1", .authed = true }, "<ann@mailrelay.example.org>: User unknown",
		"how the address is spelt" },
	{ { VERB_RCPT, 550, "5.2.2", .authed = true }, "mailbox full (relay2.example.net)",
		"mailbox is full" },
	{ { VERB_RCPT, 451, "4.7.1" }, "relay3.example.net: Greylisting", "temporary" },
	{ { VERB_RCPT, 550, "5.1.1" }, "no such user, daily limit of guesses", "spelt" },
	{ { VERB_MESSAGE, 552, "5.3.4" }, "the size of the attachments exceeds 10 MB",
		"too large" },
	{ { VERB_MESSAGE, 554, "5.6.0" }, "malformed message, says antispam.example.net",
		"form of the message" },
	{ { VERB_MESSAGE, 552, "5.7.0" }, "message contains a virus", "a link" },
	{ { VERB_MESSAGE, 552, "" }, "virus found", "a link" },
	/* STARTTLS itself */
	{ { VERB_STARTTLS, 454, "4.7.0", .offers_starttls = true },
		"STARTTLS temporarily unavailable", "temporary" },
	{ { VERB_STARTTLS, 502, "5.5.1", .offers_starttls = true }, "STARTTLS not implemented",
		"port 465" },
	/* TLS, in other words and with other codes */
	{ { VERB_MAIL, 450, "4.7.1", .offers_starttls = true }, "Session encryption is required",
		"tls_starttls on" },
	{ { VERB_MAIL, 451, "5.7.3", .offers_starttls = true }, "STARTTLS is required to send mail",
		"tls_starttls on" },
	{ { VERB_MAIL, 550, "5.7.1" }, "TLS required", "port 465" },
	{ { VERB_MAIL, 530, "5.7.0" }, "Must issue a STARTTLS command first", "port 465" },
	{ { VERB_MAIL, 450, "4.7.1", .tls = true }, "Session encryption is required", "temporary" },
	/* what is known of the server, and said of commands that are sent together */
	{ { VERB_MAIL, 503, "5.5.0" }, "Improper use of SMTP command pipelining",
		"pipelining off" },
	{ { VERB_AUTH, 501, "5.5.2", .grouped = true }, "cannot decode", "pipelining off" },
	{ { VERB_AUTH, 554, "5.5.0", .grouped = true }, "improper pipelining", "pipelining off" },
	/* D4: what the account or its organisation does not allow */
	{ { VERB_AUTH, 535, "5.7.139", .tls = true },
		"5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled "
		"for "
		"the Tenant.",
		"Set-CASMailbox" },
	{ { VERB_AUTH, 535, "5.7.139", .tls = true },
		"5.7.139 Authentication unsuccessful, basic authentication is disabled.",
		"auth xoauth2" },
	{ { VERB_AUTH, 535, "5.7.139", .tls = true },
		"5.7.139 user is locked by your organization's security defaults policy",
		"auth xoauth2" },
	{ { VERB_AUTH, 535, "5.7.139", .with_token = true },
		"5.7.139 the request did not meet the criteria to be authenticated "
		"successfully",
		"Conditional Access" },
	{ { VERB_MAIL, 550, "5.7.30", .tls = true },
		"5.7.30 Basic authentication is not supported for Client Submission.",
		"auth xoauth2" },
	{ { VERB_AUTH, 535, "5.7.139" },
		"5.7.139 Authentication unsuccessful, the user credentials were incorrect.",
		"check user and password" },
	{ { VERB_AUTH, 535, "5.7.139", .with_token = true },
		"5.7.139 Authentication unsuccessful, the user credentials were incorrect.",
		"the access token" },
	{ { VERB_MAIL, 550, "5.7.30", .with_token = true }, "Basic authentication is not supported",
		"the access token" },
	{ { VERB_AUTH, 432, "4.7.12", .with_token = true }, "no", "the access token" },
	{ { VERB_AUTH, 525, "5.7.13" }, "User account disabled", "disabled the account" },
	/* D5: app passwords, and SCRAM where it is offered alone */
	{ { VERB_AUTH, 534, "5.7.9", .tls = true }, "5.7.9 Application-specific password required",
		"app password" },
	{ { VERB_AUTH, 534, "5.7.9", .tls = true, .offers_scram = true },
		"5.7.9 Application-specific password required", "app password" },
	{ { VERB_AUTH, 534, "5.7.9", .offers_scram = true }, "5.7.9 mechanism is too weak",
		"auth scram" },
	{ { VERB_AUTH, 534, "5.7.14" }, "5.7.14 Please log in with your web browser",
		"web browser" },
	{ { VERB_AUTH, 535, "", .tls = true },
		"Authentication failed. Application password is REQUIRED", "app password" },
	{ { VERB_AUTH, 535, "5.7.8", .with_token = true }, "no", "the access token" },
	{ { VERB_AUTH, 535, "5.7.8" }, "no", "check user and password" },
	/* D7: limits, and senders that are not the account's */
	{ { VERB_RCPT, 550, "5.4.5", .authed = true }, "Daily user sending limit exceeded",
		"within 24 hours" },
	{ { VERB_MESSAGE, 554, "5.2.0", .authed = true }, "STOREDRV; SubmissionQuotaExceeded",
		"within 24 hours" },
	{ { VERB_MESSAGE, 554, "5.2.252", .authed = true },
		"5.2.252 SendAsDenied; a not allowed to send as b", "set_from_header on" },
	{ { VERB_MESSAGE, 554, "", .authed = true },
		"Message rejected: Email address is not verified.", "set_from_header on" },
	{ { VERB_MAIL, 553, "5.7.1", .authed = true },
		"5.7.1 Sender address rejected: not owned by auth user",
		"may not use that sender" },
	{ { VERB_MESSAGE, 550, "5.7.26", .authed = true }, "DMARC", "set_from_header on" },
	{ { VERB_MESSAGE, 550, "5.7.0", .authed = true },
		"From address is not one of your addresses", "set_from_header on" },
	{ { VERB_MESSAGE, 552, "5.7.0", .authed = true },
		"blocked because its content presents a potential security issue", "a link" },
	{ { VERB_MESSAGE, 554, "5.7.1", .authed = true }, "Spam message rejected",
		"considers the message spam" },
	{ { VERB_RCPT, 554, "5.7.1", .authed = true },
		"Client host [192.0.2.1] blocked using zen.example", "block list" },
	{ { VERB_RCPT, 550, "5.1.90" }, "reached your daily limit for recipients", "24 hours" },
	/* D8: the name in EHLO, refused late */
	{ { VERB_MAIL, 450, "4.7.1" }, "<x>: Helo command rejected: Host not found",
		"domain NAME" },
	{ { VERB_RCPT, 550, "" }, "Access denied - Invalid HELO name (See RFC2821 4.1.1.1)",
		"domain NAME" },
	{ { VERB_RCPT, 550, "" }, "Syntactically invalid HELO argument(s)", "domain NAME" },
	{ { VERB_RCPT, 450, "4.1.8" }, "<a>: Sender address rejected: Domain not found",
		"sender's address" },
	{ { VERB_RCPT, 504, "5.5.2" },
		"5.5.2 <x>: Helo command rejected: need fully-qualified hostname", "domain NAME" },
	{ { VERB_RCPT, 450, "4.7.1" }, "4.7.1 <x>: Helo command rejected: Host not found",
		"domain NAME" },
	/* the sender, the recipient, or the network, by the words and the enhanced status */
	{ { VERB_RCPT, 550, "" }, "Sender verify failed", "sender's address" },
	{ { VERB_RCPT, 550, "", .authed = true }, "Verification failed for <joe@x.example>",
		"sender's address" },
	{ { VERB_MESSAGE, 550, "5.1.1" }, "<a>: Sender address rejected: User unknown",
		"sender's address" },
	{ { VERB_MESSAGE, 550, "5.1.1" }, "<b>: User unknown", "how the address is spelt" },
	{ { VERB_RCPT, 550, "5.1.8" }, "sender domain does not exist", "sender's address" },
	{ { VERB_MESSAGE, 501, "5.1.7" }, "bad sender", "sender's address" },
	{ { VERB_MAIL, 550, "5.1.8" }, "Access denied, bad outbound sender", "disabled" },
	{ { VERB_RCPT, 553, "5.7.1", .authed = true }, "<b>: Recipient address rejected: blocked",
		"refuses this recipient" },
	{ { VERB_RCPT, 554, "5.7.1" }, "<b>: Recipient address rejected: Access denied",
		"refuses this recipient" },
	{ { VERB_RCPT, 550, "5.7.25" }, "no PTR", "has in the network" },
	{ { VERB_MESSAGE, 550, "5.7.25" }, "no PTR", "has in the network" },
	{ { VERB_MESSAGE, 550, "5.7.708", .authed = true }, "traffic not accepted from this IP",
		"has in the network" },
	{ { VERB_RCPT, 550, "5.7.705", .authed = true }, "tenant has exceeded threshold",
		"sending limit" },
	{ { VERB_RCPT, 553, "5.7.1", .authed = true },
		"<b>: Recipient address rejected: Sender is not same as SMTP authenticate username",
		"may not use that sender" },
	{ { VERB_RCPT, 553, "5.7.1" },
		"<b>: Recipient address rejected: SMTP AUTH is required for users under this "
		"domain",
		"requires a login" },
	{ { VERB_RCPT, 554, "5.7.1" },
		"<antispam@y>: Recipient address rejected: Relay access denied",
		"may require a login" },
	{ { VERB_RCPT, 550, "5.7.23", .authed = true },
		"<b>: Recipient address rejected: Message rejected due to: SPF fail",
		"may not use that sender" },
	{ { VERB_RCPT, 554, "5.7.1", .authed = true },
		"<b>: Recipient address rejected: Policy Rejection- Quota Exceeded",
		"sending limit" },
	{ { VERB_RCPT, 550, "5.7.1" }, "<virus@y.example>: Relaying denied",
		"may require a login" },
	{ { VERB_RCPT, 550, "5.7.1" },
		"Client host [192.0.2.1] is listed at https://bl.example/query", "block list" },
	{ { VERB_MESSAGE, 550, "5.1.0" }, "<me@x.example> sender rejected", "sender's address" },
	{ { VERB_RCPT, 552, "" }, "Mailbox size limit exceeded", "mailbox is full" },
	{ { VERB_MAIL, 555, "5.5.2" }, "Syntax error, goodbye", "sender's address" },
	/* what AUTH is refused for, if not for the password */
	{ { VERB_AUTH, 535, "5.7.0" }, "rate limit", "further logins" },
	{ { VERB_AUTH, 554, "5.7.0" }, "Too many failed logins", "further logins" },
	{ { VERB_AUTH, 550, "" }, "user suspended", "disabled the account" },
	{ { VERB_AUTH, 550, "5.7.1" }, "your IP blocked", "has in the network" },
	{ { VERB_AUTH, 502, "" }, "no", "no login on this port" },
	{ { VERB_AUTH, 502, "", .offers_starttls = true }, "no", "tls_starttls on" },
	/* no login is asked for where none can be */
	{ { VERB_GREETING, 530, "" }, "x", "accepts no mail from this machine" },
	{ { VERB_EHLO, 530, "5.7.0" }, "x", "accepts no mail from this machine" },
	/* full mailboxes, sizes, parameters */
	{ { VERB_MAIL, 552, "5.2.2" }, "mailbox full", "your own mailbox" },
	{ { VERB_RCPT, 552, "" }, "Message size exceeds fixed limit", "too large" },
	{ { VERB_RCPT, 555, "5.5.4" }, "Unsupported parameter: NOTIFY", "dsn_notify" },
	{ { VERB_MAIL, 555, "5.5.2" }, "RCPT TO parameters not recognized", "dsn_notify" },
	{ { VERB_MAIL, 503, "5.5.1", .grouped = true }, "bad sequence", "pipelining off" },
	/* C5 */
	{ { VERB_RCPT, 504, "5.5.2" },
		"5.5.2 <b>: Recipient address rejected: need fully-qualified address",
		"how the address is spelt" },
	{ { VERB_MAIL, 504, "5.5.2" },
		"5.5.2 <a>: Sender address rejected: need fully-qualified address",
		"sender's address" },
};

static void test_facts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		struct hint_facts facts = told[i].facts;
		facts.words = str_of(told[i].words);
		const char *got = hint_for_refusal(&facts);
		if (!got || !holds(str_of(got), told[i].part))
			fail_msg("\"%s\": %s", told[i].words, got ? got : "(none)");
	}
}

/* A line that fits behind "hint: ", whatever is asked; 4yz always says when. */
static void test_all(void **state)
{
	(void)state;
	static const char *const enhanced[] = { "", "4.0.0", "5.0.0", "5.1.1", "5.7.1", "5.", "x" };
	for (int v = 0; v < VERB_COUNT; v++) {
		for (int i = 0; i < 200 * (int)ARRAY_LEN(enhanced); i++) {
			const struct hint_facts facts = {
				.verb = (enum verb)v,
				.code = 400 + i / (int)ARRAY_LEN(enhanced),
				.enhanced = enhanced[i % (int)ARRAY_LEN(enhanced)],
			};
			const char *got = hint_for_refusal(&facts);
			assert_true(got || i >= 100 * (int)ARRAY_LEN(enhanced));
			assert_true(!got || (strlen(got) < 260 && !strchr(got, '\n')));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_all),
	};
	return cmocka_run_group_tests_name("hint", tests, NULL, NULL);
}

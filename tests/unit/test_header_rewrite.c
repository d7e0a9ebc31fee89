/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "mail/header_rewrite.h"

static const struct header_facts facts = {
	.date = "Thu, 01 Jan 2026 00:00:00 +0000",
	.random = "r4nd0m",
	.host = "host.example",
	.sender = "me@x.example",
	.from = "",
	.domain = "",
	.full_name = "",
};

static const struct header_rewrite_rules plain;

static void rewrite_by(const struct header_rewrite_rules *rules, struct str raw,
	const struct header_facts *f, struct buf *out, struct header_rewrite *ret)
{
	struct header h;

	header_init(&h);
	header_feed(&h, raw);
	header_finish(&h);
	*ret = header_rewrite_plan(&h, rules);
	header_rewrite_write(ret, rules, &h, f, out);
	header_done(&h);
}

static void rewrite(
	struct str raw, const struct header_facts *f, struct buf *out, struct header_rewrite *ret)
{
	rewrite_by(&plain, raw, f, out, ret);
}

#define DATE "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
#define ID "Message-ID: <r4nd0m@x.example>\r\n"

static void test_rows(void **state)
{
	(void)state;
	static const struct {
		const char *raw, *sent;
	} rows[] = {
		{ "", "From: me@x.example\r\n" DATE ID "\r\n" },
		{ "From: a\nDate: b\nMessage-ID: c\n\n",
			"From: a\r\nDate: b\r\nMessage-ID: c\r\n\r\n" },
		{ "from : a\nDATE: b\nmessage-id: c\n",
			"from : a\r\nDATE: b\r\nmessage-id: c\r\n\r\n" },
		{ "Subject: s\n\n", "From: me@x.example\r\n" DATE ID "Subject: s\r\n\r\n" },
		{ "From: a\n", DATE ID "From: a\r\n\r\n" },
		{ "Date: a\n", "From: me@x.example\r\n" ID "Date: a\r\n\r\n" },
		{ "Message-Id: a\n", "From: me@x.example\r\n" DATE "Message-Id: a\r\n\r\n" },
		{ "From: a\nDate: b\nMessage-ID: c\nBcc: x\nbcc:y\nBCC : z\nbCc\t \t:\n w\n"
		  "Resent-Bcc: v\nRESENT-BCC : u\nTo: t\n",
			"From: a\r\nDate: b\r\nMessage-ID: c\r\nTo: t\r\n\r\n" },
		{ "Bcc: x,\n  y,\n\tz\nFrom: a\nDate: b\nMessage-ID: c\n",
			"From: a\r\nDate: b\r\nMessage-ID: c\r\n\r\n" },
		/* what only looks like it stays */
		{ "From: a\nDate: b\nMessage-ID: c\nXBcc: 1\nBccx: 2\nX-Bcc: 3\nResent-Bccx: 4\n",
			"From: a\r\nDate: b\r\nMessage-ID: c\r\nXBcc: 1\r\nBccx: 2\r\nX-Bcc: 3\r\n"
			"Resent-Bccx: 4\r\n\r\n" },
		/* octet for octet */
		{ "From:a  \nDate :\tb\nMESSAGE-ID:\n c \nX: \x7f ~\n\t\n",
			"From:a  \r\nDate :\tb\r\nMESSAGE-ID:\r\n c \r\nX: \x7f "
			"~\r\n\t\r\n\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
		struct header_rewrite plan;
		rewrite(str_of(rows[i].raw), &facts, &out, &plan);
		CHECK_TEXT(rows[i].raw, buf_str(&out), rows[i].sent);
	}
}

static void test_facts(void **state)
{
	(void)state;
	static const struct {
		const char *sender, *name, *from, *id;
	} rows[] = {
		{ "me@x.example", "Me", "From: Me <me@x.example>\r\n", "<r4nd0m@x.example>" },
		{ "me@x.example", "  ", "From: me@x.example\r\n", "<r4nd0m@x.example>" },
		{ "", "", "From: MAILER-DAEMON\r\n", "<r4nd0m@host.example>" },
		{ "", "Me", "From: Me <MAILER-DAEMON>\r\n", "<r4nd0m@host.example>" },
		{ "root", "", "From: root\r\n", "<r4nd0m@host.example>" },
		{ "\"a b\"@[::1]", "X, Y", "From: \"X, Y\" <\"a b\"@[::1]>\r\n", "<r4nd0m@[::1]>" },
		{ "a@b", "J\xc3\xbcrgen", "From: =?UTF-8?B?SsO8cmdlbg==?= <a@b>\r\n",
			"<r4nd0m@b>" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
		struct header_facts f = facts;
		struct header_rewrite plan;
		f.sender = rows[i].sender;
		f.full_name = rows[i].name;
		rewrite(STR("\n"), &f, &out, &plan);
		CHECK_ROW(rows[i].from, str_starts(buf_str(&out), str_of(rows[i].from)), true);
		CHECK_ROW(rows[i].id, holds(buf_str(&out), rows[i].id), true);
	}
}

/* set_*_header, keepbcc, To replaced */
static void test_rules(void **state)
{
	(void)state;
	static const char whole[] = "From: a@b\nDate: d\nMessage-ID: m\nTo: t@x\nCc: c@x\n"
				    "Bcc: h@x\nSubject: s\n";
	static const struct {
		struct header_rewrite_rules rules;
		const char *raw, *sent;
	} rows[] = {
		{ { .from = HEADER_REWRITE_OFF,
			  .date = HEADER_REWRITE_OFF,
			  .message_id = HEADER_REWRITE_OFF },
			"X: 1\n", "X: 1\r\n\r\n" },
		{ { .from = HEADER_REWRITE_REPLACE, .keep_bcc = true }, whole,
			"From: me@x.example\r\nDate: d\r\nMessage-ID: m\r\nTo: t@x\r\n"
			"Cc: c@x\r\nBcc: h@x\r\nSubject: s\r\n\r\n" },
		{ { .undisclosed = true }, whole,
			"To: undisclosed-recipients:;\r\nFrom: a@b\r\nDate: d\r\n"
			"Message-ID: m\r\nSubject: s\r\n\r\n" },
		{ { .to = "x@a\ny@b" }, whole,
			"To: x@a, y@b\r\nFrom: a@b\r\nDate: d\r\nMessage-ID: m\r\n"
			"Subject: s\r\n\r\n" },
		{ { .to = "" }, whole,
			"From: a@b\r\nDate: d\r\nMessage-ID: m\r\nSubject: s\r\n\r\n" },
		/* RFC 5322 section 3.6.2: several authors need a Sender */
		{ { 0 }, "From: a@b, c@d\nDate: d\nMessage-ID: m\n",
			"Sender: me@x.example\r\nFrom: a@b, c@d\r\nDate: d\r\n"
			"Message-ID: m\r\n\r\n" },
		{ { 0 }, "From: a@b, c@d\nSender: s@x\nDate: d\nMessage-ID: m\n",
			"From: a@b, c@d\r\nSender: s@x\r\nDate: d\r\nMessage-ID: m\r\n\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
		struct header_rewrite plan;
		rewrite_by(&rows[i].rules, str_of(rows[i].raw), &facts, &out, &plan);
		CHECK_TEXT(rows[i].sent, buf_str(&out), rows[i].sent);
	}
}

/* One field, completed: domain and from of the account, the field, what is sent. */
static const struct {
	const char *domain, *from, *field, *sent;
} completions[] = {
	{ "", "own@o.example", "From: root (Cron Daemon)",
		"From: \"root (Cron Daemon)\" <me@x.example>" },
	{ "", "own@o.example", "From: Root <root>", "From: Root <me@x.example>" },
	{ "", "own@o.example", "From: root", "From: root <me@x.example>" },
	/* what is no address is a name (A5, A10) */
	{ "", "own@o.example", "From: Backup Server", "From: Backup Server <me@x.example>" },
	{ "", "own@o.example", "From: \"Backup Server\"", "From: Backup Server <me@x.example>" },
	{ "", "own@o.example", "From: \"Backup\" <>", "From: Backup <me@x.example>" },
	{ "", "own@o.example", "From:", "From: me@x.example" },
	{ "", "own@o.example", "From: Dr. Joe", "From: \"Dr. Joe\" <me@x.example>" },
	{ "", "own@o.example", "From: Ops, night", "From: \"Ops, night\" <me@x.example>" },
	{ "", "own@o.example", "From: \"Ops, night\", <o@x>", "From: \"Ops, night\" <o@x>" },
	{ "", "own@o.example", "From: \"J\xc3\xb6, M\",\r\n <o@x>",
		"From: =?UTF-8?B?SsO2LCBN?= <o@x>" },
	{ "", "own@o.example", "From: ops, <o@x>", "From: ops <me@x.example>, <o@x>" },
	{ "", "own@o.example", "From: J\xc3\xb6rg", "From: =?UTF-8?B?SsO2cmc=?= <me@x.example>" },
	{ "m.example", "", "From: J\xc3\xb6rg", "From: =?UTF-8?B?SsO2cmc=?= <me@x.example>" },
	{ "m.example", "", "From: \"A B\"", "From: A B <me@x.example>" },
	{ "", "own@o.example", "From: =?utf-8?Q?J=C3=B6rg?= M",
		"From: =?utf-8?Q?J=C3=B6rg?= M <me@x.example>" },
	{ "", "own@o.example", "From: =?utf-8?Q?J?=; x",
		"From: =?utf-8?Q?J?= \"; x\" <me@x.example>" },
	{ "", "own@o.example", "From: root@localhost", "From: root@localhost" },
	{ "", "own@o.example", "From: a@b c", "From: a@b c" },
	{ "", "own@o.example", "Reply-To: J\xc3\xb6rg",
		"Reply-To: =?UTF-8?B?SsO2cmc=?= <own@o.example>" },
	{ "m.example", "own@o.example", "Reply-To: J\xc3\xb6rg",
		"Reply-To: =?UTF-8?B?SsO2cmc=?= <own@o.example>" },
	{ "", "own@o.example", "Reply-To: \"KLAUS- H\xc3\x84NSCHEL\" <>",
		"Reply-To: =?UTF-8?B?S0xBVVMtIEjDhE5TQ0hFTA==?= <own@o.example>" },
	{ "", "own@o.example", "Reply-To: ", "Reply-To: " },
	{ "", "own@o.example", "To: J\xc3\xb6rg", "To: =?UTF-8?B?SsO2cmc=?= <own@o.example>" },
	{ "", "own@o.example", "To: \"J\xc3\xb6rg M\"",
		"To: =?UTF-8?B?SsO2cmcgTQ==?= <own@o.example>" },
	{ "m.example", "own@o.example", "To: j\xc3\xb6", "To: j\xc3\xb6@m.example" },
	/* one person once (B7) */
	{ "", "own@o.example", "To: root, admin", "To: own@o.example" },
	{ "", "own@o.example", "To: root, a@b,admin , x (X)",
		"To: own@o.example, a@b , \"x (X)\" <own@o.example>" },
	{ "", "own@o.example", "Cc: R <root>, R <root>",
		"Cc: R <own@o.example>, R <own@o.example>" },
	{ "m.example", "own@o.example", "To: root, root", "To: root@m.example, root@m.example" },
	/* no encoded-word in a quoted-string, an id, a URL (A12) */
	{ "", "", "Errors-To: x \"\xc3\xbc y\" <z", "Errors-To: x =?UTF-8?B?w7wgeQ==?= <z" },
	{ "", "", "Message-ID: <\xc3\xbc@x>", "Message-ID: <?\?@x>" },
	{ "", "", "References: <a@x> <\xfc@x>", "References: <a@x> <?@x>" },
	{ "", "", "List-Unsubscribe: <https://x/\xc3\xbc?a> (\xc3\xbc), <mailto:\xfc@x>",
		"List-Unsubscribe: <https://x/%C3%BC?a> (=?UTF-8?B?w7w=?=), <mailto:%FC@x>" },
	{ "", "", "List-Id: \xc3\xbc <\xfc.x>", "List-Id: =?UTF-8?B?w7w=?= <?.x>" },
	/* an encoded-word that was forgotten half-way (A11b) */
	{ "", "", "Subject: =?iso-8859-1?Q?J\xf6rg?= x", "Subject: =?iso-8859-1?Q?J=F6rg?= x" },
	{ "", "", "To: =?utf-8?q?Lee,_J\xc3\xb6?= <a@b>", "To: =?utf-8?q?Lee,_J=C3=B6?= <a@b>" },
	{ "", "", "Subject: =?utf-8?B?\xc3\xb6?=", "Subject: =?UTF-8?B?PT91dGYtOD9CP8O2Pz0=?=" },
	{ "m.example", "own@o.example", "From: root", "From: root@m.example" },
	{ "m.example", "", "From: root (Cron Daemon)",
		"From: \"root (Cron Daemon)\" <root@m.example>" },
	{ "", "own@o.example", "To: root", "To: own@o.example" },
	{ "m.example", "own@o.example", "To: root", "To: root@m.example" },
	{ "m.example", "", "Cc: root, \"A B\" <a>, x@y, g: b;",
		"Cc: root@m.example, \"A B\" <a@m.example>, x@y, g: b@m.example;" },
	{ "", "", "To: root", "To: root" },
	{ "m.example", "", "Reply-To: \"a b\"", "Reply-To: \"a b\"@m.example" },
	{ "m.example", "", "Resent-To: root", "Resent-To: root@m.example" },
	{ "m.example", "", "X-To: root", "X-To: root" },
	{ "m.example", "", "Resent-From: root", "Resent-From: root@m.example" },
	{ "m.example", "", "Errors-To: root", "Errors-To: root" },
	/* without a bare name nothing is touched */
	{ "m.example", "", "To:  A  <a@b>  ,\r\n\t(c) b@c", "To:  A  <a@b>  ,\r\n\t(c) b@c" },
	{ "m.example", "", "To: undisclosed-recipients:;", "To: undisclosed-recipients:;" },
	{ "m.example", "", "To: <<>> root", "To: <<>> root" },
	/* 8-bit */
	{ "", "", "To: J\xc3\xb6rg <j@x>, k@x", "To: =?UTF-8?B?SsO2cmc=?= <j@x>, k@x" },
	{ "", "", "To: \"J\xc3\xb6rg, M\" <j@x>", "To: =?UTF-8?B?SsO2cmcsIE0=?= <j@x>" },
	{ "", "", "To: j@x (J\xc3\xb6rg)", "To: j@x (=?UTF-8?B?SsO2cmc=?=)" },
	{ "", "",
		"To: a@b\xc3\xbc"
		"cher.example",
		"To: a@xn--bcher-kva.example" },
	{ "", "",
		"To: J\xc3\xb6 <j\xc3\xb6@b\xc3\xbc"
		"cher.example>",
		"To: =?UTF-8?B?SsO2?= <j\xc3\xb6@xn--bcher-kva.example>" },
	{ "", "",
		"Subject: Gr\xc3\xbc\xc3\x9f"
		"e an alle",
		"Subject: =?UTF-8?B?R3LDvMOfZQ==?= an alle" },
	{ "", "", "Subject: a \xc3\xbc \xc3\xb6 b", "Subject: a =?UTF-8?B?w7wgw7Y=?= b" },
	{ "", "", "To: =?UTF-8?Q?J?= M\xc3\xbc <a@b>",
		"To: =?UTF-8?Q?J?= =?UTF-8?B?IE3DvA==?= <a@b>" },
	{ "", "", "Errors-To: \xc3\x9c <\xc3\xbc@x>, b@y",
		"Errors-To: =?UTF-8?B?w5w=?= <\xc3\xbc@x>, b@y" },
	{ "", "", "Subject: gr\xc3\xbcn\r\n =?UTF-8?Q?o?= x",
		"Subject: =?UTF-8?B?Z3LDvG4g?=\r\n =?UTF-8?Q?o?= x" },
	{ "", "", "Content-Type: a/b; boundary=\"\xc3\xbc\"",
		"Content-Type: a/b; boundary=\"\xc3\xbc\"" },
	{ "", "", "To: a@b <\xc3\xbc", "To: a@b <=?UTF-8?B?w7w=?=" },
	{ "", "", "Subject: \xe9", "Subject: =?unknown-8bit?B?6Q==?=" },
	{ "", "", "Subject: =?UTF-8?Q?a?= b", "Subject: =?UTF-8?Q?a?= b" },
	{ "", "", "To: \xc3\xbc: a@b;", "To: =?UTF-8?B?w7w=?= : a@b;" },
};

static void test_completion(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(completions); i++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
		struct buf raw CLEAN_UP(buf_done) = BUF_INIT(1000);
		struct header_facts f = facts;
		struct header_rewrite_rules rules = { HEADER_REWRITE_OFF, HEADER_REWRITE_OFF,
			HEADER_REWRITE_OFF, .complete = true };
		struct header_rewrite plan;
		f.domain = completions[i].domain;
		f.from = completions[i].from;
		buf_fmt(&raw, "%s\r\n", completions[i].field);
		rewrite_by(&rules, buf_str(&raw), &f, &out, &plan);
		buf_cut(&out, out.len >= 4 ? out.len - 4 : 0);
		CHECK_TEXT(completions[i].field, buf_str(&out), completions[i].sent);
	}
}

/* What a DKIM-Signature names is left alone, whatever it holds. */
static void test_signed(void **state)
{
	(void)state;
	static const char raw[] = "DKIM-Signature: v=1; a=x; h=From : to:\r\n Subject; b=z\r\n"
				  "From: root\r\nTo: r\xc3\xbc\r\nSubject: \xc3\xbc\r\n"
				  "Cc: root\r\nX: \xc3\xbc\r\n";
	static const char sent[] = "DKIM-Signature: v=1; a=x; h=From : to:\r\n Subject; b=z\r\n"
				   "From: root\r\nTo: r\xc3\xbc\r\nSubject: \xc3\xbc\r\n"
				   "Cc: root@m.example\r\nX: =?UTF-8?B?w7w=?=\r\n\r\n";
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
	struct header_rewrite_rules rules = { HEADER_REWRITE_OFF, HEADER_REWRITE_OFF,
		HEADER_REWRITE_OFF, .complete = true };
	struct header_facts f = facts;
	struct header_rewrite plan;

	f.domain = "m.example";
	rewrite_by(&rules, str_of(raw), &f, &out, &plan);
	CHECK_TEXT("signed", buf_str(&out), sent);
}

static const char *alias_of(void *ctx, const char *name)
{
	++*(size_t *)ctx;
	return strcmp(name, "root") == 0 ? "r@y.example" : NULL;
}

/* In To and Cc alone; a name without an alias gets its domain as always. */
static void test_aliases(void **state)
{
	(void)state;
	static const char raw[] =
		"From: root\nSender: root\nTo: root (Cron), \"R\" <root>, joe, r@z\n"
		"Cc: root\nResent-To: root\nresent-cc: root\nReply-To: root\nBcc: root\n"
		"Errors-To: root\n";
	static const char sent[] =
		"From: root@m.example\r\nSender: root@m.example\r\n"
		"To: \"root (Cron)\" <r@y.example>, \"R\" <r@y.example>, joe@m.example, r@z\r\n"
		"Cc: r@y.example\r\nResent-To: r@y.example\r\nresent-cc: r@y.example\r\n"
		"Reply-To: root@m.example\r\nErrors-To: root\r\n\r\n";
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
	struct header_facts f = facts;
	struct header_rewrite plan;
	size_t asked = 0;
	struct header_rewrite_rules rules = { HEADER_REWRITE_OFF, HEADER_REWRITE_OFF,
		HEADER_REWRITE_OFF, .complete = true, .alias = alias_of, .alias_ctx = &asked };

	f.domain = "m.example";
	rewrite_by(&rules, str_of(raw), &f, &out, &plan);
	CHECK_TEXT("aliases", buf_str(&out), sent);
	assert_int_equal(asked, 6);
	buf_clear(&out);
	rules.complete = false;
	rewrite_by(&rules, STR("To: root\n"), &f, &out, &plan);
	CHECK_TEXT("not completed", buf_str(&out), "To: root\r\n\r\n");
}

/* What a signature covers and is not there stays away (RFC 6376 section 5.4.2). */
static void test_oversigned(void **state)
{
	(void)state;
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
	struct header_rewrite plan;

	rewrite(STR("DKIM-Signature: h=from:date : Message-ID\nFrom: a@b\n"), &facts, &out, &plan);
	CHECK_TEXT("one", buf_str(&out),
		"DKIM-Signature: h=from:date : Message-ID\r\nFrom: a@b\r\n\r\n");
	buf_clear(&out);
	rewrite(STR("DKIM-Signature: h=from\nDKIM-Signature: h=date:message-id\nFrom: a@b\n"),
		&facts, &out, &plan);
	CHECK_ROW("two", holds(buf_str(&out), "\r\nDate: ") || plan.add_message_id, false);
}

/* The null sender: the account's own address writes the From field, and no Sender is added. */
static void test_null_sender(void **state)
{
	(void)state;
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
	struct header_facts f = facts;
	struct header_rewrite plan;

	f.sender = "";
	f.from = "own@o.example";
	rewrite(STR("X: 1\n"), &f, &out, &plan);
	CHECK_ROW("own", holds(buf_str(&out), "From: own@o.example\r\n"), true);
	buf_clear(&out);
	rewrite(STR("From: a@b, c@d\n"), &f, &out, &plan);
	CHECK_ROW("sender", holds(buf_str(&out), "Sender:"), false);
}

/* A To field of many addresses folds, however it was written. */
static void test_folding(void **state)
{
	(void)state;
	for (unsigned space = 0; space < 2; space++) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(1000000);
		struct buf raw CLEAN_UP(buf_done) = BUF_INIT(1000000);
		struct header_rewrite_rules rules = { .complete = true };
		struct header_facts f = facts;
		struct header_rewrite plan;
		f.domain = "m.example";
		buf_add(&raw, STR("To: root"));
		for (unsigned i = 0; i < 1000; i++)
			buf_fmt(&raw, ",%sname%u", space ? " " : "", i);
		buf_add(&raw, STR("\r\n"));
		rewrite_by(&rules, buf_str(&raw), &f, &out, &plan);
		struct str rest = buf_str(&out);
		while (rest.len)
			assert_true(str_cut(&rest, '\n').len <= 79);
		assert_true(holds(buf_str(&out), "name999@m.example\r\n"));
	}
}

/* No line of what is added is longer than 998 octets, and ASCII names that are long fold too. */
static void test_long_ascii(void **state)
{
	(void)state;
	char name[500];
	for (size_t n = 1; n < sizeof(name); n += 7) {
		struct buf out CLEAN_UP(buf_done) = BUF_INIT(100000);
		struct header_facts f = facts;
		struct header_rewrite plan;
		memset(name, '"', n);
		name[n] = '\0';
		f.full_name = name;
		rewrite(STR("\n"), &f, &out, &plan);
		struct str rest = buf_str(&out);
		while (rest.len)
			assert_true(str_cut(&rest, '\n').len < 200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_completion),
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_oversigned),
		cmocka_unit_test(test_null_sender),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_long_ascii),
	};
	return cmocka_run_group_tests_name("header_rewrite", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "session/command_lines.h"

/* The verbs of RFC 5321 and of its extensions, also those of the past and of common servers. */
static const char *const verbs[] = {
	"HELO",
	"EHLO",
	"LHLO",
	"MAIL",
	"RCPT",
	"DATA",
	"BDAT",
	"RSET",
	"NOOP",
	"QUIT",
	"VRFY",
	"EXPN",
	"HELP",
	"AUTH",
	"STARTTLS",
	"TURN",
	"ETRN",
	"ATRN",
	"BURL",
	"SEND",
	"SOML",
	"SAML",
	"XCLIENT",
	"XFORWARD",
};

/* Servers differ in what they take for a blank. */
static bool is_blank(char c)
{
	return c == ' ' || chr_is_ctl(c);
}

static bool begins_with_verb(struct str line)
{
	while (line.len && is_blank(line.p[0]))
		line = str_from(line, 1);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (!str_starts_same(line, str_of(verbs[i])))
			continue;
		struct str rest = str_from(line, str_of(verbs[i]).len);
		if (!rest.len || is_blank(rest.p[0]) || rest.p[0] == ':')
			return true;
	}
	return false;
}

void command_lines_init(struct command_lines *c)
{
	*c = (struct command_lines) {
		.line = BUF_INIT(COMMAND_LINE_MAX + 1), /* and its CR */
		.first = BUF_INIT(COMMAND_LINE_MAX + 2),
	};
}

void command_lines_done(struct command_lines *c)
{
	buf_done(&c->line);
	buf_done(&c->first);
}

static void judge_line(struct command_lines *c)
{
	bool is_one = c->line.over || begins_with_verb(buf_str(&c->line));

	if (!c->first_ended && !is_one) {
		buf_add(&c->first, buf_str(&c->line));
		buf_char(&c->first, '\n');
	}
	c->first_ended = true;
	c->found = c->found || is_one;
	buf_clear(&c->line);
}

void command_lines_feed(struct command_lines *c, struct str text)
{
	while (text.len && !c->found) {
		size_t n = str_find(text, '\n');
		buf_add(&c->line, str_head(text, n));
		if (n < text.len)
			judge_line(c);
		text = str_from(text, n + 1);
	}
}

void command_lines_end(struct command_lines *c)
{
	if (c->line.len || c->line.over)
		judge_line(c);
}

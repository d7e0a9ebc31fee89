/* SPDX-License-Identifier: MIT */
#include "mail/mime_param.h"

#include <string.h>

/* token := 1*<any CHAR except SPACE, CTLs, or tspecials> */
static bool is_token(char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

static bool is_unquoted(char c)
{
	return !chr_is_white(c) && !chr_is_ctl(c) && !strchr("\"();<>", c);
}

static struct str take_run(struct mime_params *p, bool (*may)(char))
{
	size_t from = p->at;

	while (p->at < p->text.len && may(p->text.p[p->at]))
		p->at++;
	return str_n(p->text.p + from, p->at - from);
}

static void skip_space(struct mime_params *p)
{
	unsigned depth = 0;
	size_t i = p->at;

	for (; i < p->text.len; i++) {
		char c = p->text.p[i];
		if (c == '(')
			depth++;
		else if (depth && c == '\\')
			i++;
		else if (depth && c == ')')
			depth--;
		else if (!depth && !chr_is_white(c))
			break;
	}
	p->at = i < p->text.len ? i : p->text.len;
	p->bad |= depth > 0;
}

struct str mime_params_token(struct mime_params *p)
{
	skip_space(p);
	return take_run(p, is_token);
}

bool mime_params_char(struct mime_params *p, char c)
{
	skip_space(p);
	if (p->at == p->text.len || p->text.p[p->at] != c)
		return false;
	p->at++;
	return true;
}

bool mime_params_at_end(struct mime_params *p)
{
	skip_space(p);
	return p->at == p->text.len;
}

/* quoted-string := DQUOTE *(qtext / quoted-pair / FWS) DQUOTE */
static struct str take_quoted(struct mime_params *p)
{
	size_t from = p->at++;

	while (p->at < p->text.len && p->text.p[p->at] != '"')
		p->at += p->text.p[p->at] == '\\' ? 2 : 1;
	p->bad |= p->at >= p->text.len;
	p->at = p->bad ? p->text.len : p->at + 1;
	return str_n(p->text.p + from, p->at - from);
}

static struct str take_value(struct mime_params *p)
{
	skip_space(p);
	if (p->at < p->text.len && p->text.p[p->at] == '"')
		return take_quoted(p);
	struct str value = take_run(p, is_unquoted);
	p->bad |= !value.len;
	return value;
}

/* *(";" attribute "=" value) */
bool mime_params_next(struct mime_params *p, struct mime_param *ret)
{
	bool separated = false;

	while (mime_params_char(p, ';'))
		separated = true;
	if (p->bad || mime_params_at_end(p))
		return false;
	p->bad |= !separated;
	ret->from = p->at;
	ret->name = mime_params_token(p);
	p->bad |= !ret->name.len || !mime_params_char(p, '=');
	if (p->bad)
		return false;
	ret->written = take_value(p);
	ret->end = p->at;
	return !p->bad;
}

void mime_param_value(const struct mime_param *one, struct buf *out)
{
	struct str s = one->written;
	bool quoted = s.len && s.p[0] == '"';

	if (quoted)
		s = str_head(str_from(s, 1), s.len - 2);
	for (size_t i = 0; i < s.len; i++) {
		if (quoted && s.p[i] == '\\' && i + 1 < s.len)
			i++;
		if (s.p[i] != '\r' && s.p[i] != '\n')
			buf_char(out, s.p[i]);
	}
}

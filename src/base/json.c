/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include "base/mem.h"

static void quote(struct buf *b, struct str s)
{
	buf_char(b, '"');
	while (s.len) {
		uint32_t code = 0;
		size_t n = str_utf8_char(s, &code);
		if (!n)
			buf_add(b, STR("\xef\xbf\xbd"));
		else if (code == '"' || code == '\\')
			buf_fmt(b, "\\%c", (char)code);
		else if (code < 0x20 || code == 0x7f)
			buf_fmt(b, "\\u%04x", (unsigned)code);
		else
			buf_bytes(b, s.p, n);
		s = str_from(s, n ? n : 1);
	}
	buf_char(b, '"');
}

/* Writes what precedes a value: the comma and the member's name. */
static void lead(struct json *j, const char *name)
{
	if (j->some[j->depth])
		buf_char(j->out, ',');
	j->some[j->depth] = true;
	if (name) {
		quote(j->out, str_of(name));
		buf_char(j->out, ':');
	}
}

static void open_with(struct json *j, const char *name, char bracket)
{
	lead(j, name);
	buf_char(j->out, bracket);
	must(j->depth < JSON_DEPTH);
	j->some[++j->depth] = false;
}

static void close_with(struct json *j, char bracket)
{
	must(j->depth > 0);
	j->depth--;
	buf_char(j->out, bracket);
}

void json_object(struct json *j, const char *name)
{
	open_with(j, name, '{');
}

void json_object_end(struct json *j)
{
	close_with(j, '}');
}

void json_array(struct json *j, const char *name)
{
	open_with(j, name, '[');
}

void json_array_end(struct json *j)
{
	close_with(j, ']');
}

void json_text(struct json *j, const char *name, struct str text)
{
	lead(j, name);
	quote(j->out, text);
}

void json_number(struct json *j, const char *name, int64_t n)
{
	lead(j, name);
	buf_fmt(j->out, "%lld", (long long)n);
}

void json_bool(struct json *j, const char *name, bool yes)
{
	lead(j, name);
	buf_add(j->out, yes ? STR("true") : STR("false"));
}

void json_null(struct json *j, const char *name)
{
	lead(j, name);
	buf_add(j->out, STR("null"));
}

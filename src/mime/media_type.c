/* SPDX-License-Identifier: MIT */
#include "mime/media_type.h"

#include "mail/mime_param.h"

static struct str extension(struct str file_name)
{
	struct str name = str_base(file_name);
	size_t dot = str_rfind(name, '.');

	return dot > 0 ? str_from(name, dot + 1) : STR(""); /* not of ".profile" */
}

struct str mediatype_of(struct str table, struct str file_name)
{
	struct str wanted = extension(file_name);

	while (wanted.len && table.len) {
		struct str line = str_cut(&table, '\n');
		line = str_trim_lines(str_head(line, str_find(line, '#')));
		struct str type = str_word(&line);
		for (struct str one = str_word(&line); one.len; one = str_word(&line))
			if (str_same(one, wanted) && mediatype_is_valid(type))
				return type;
	}
	return STR("");
}

/* False where the text begins with no type and subtype; then what comes behind is not known. */
static bool begin(struct params *p)
{
	return params_token(p).len && params_char(p, '/') && params_token(p).len;
}

bool mediatype_is_valid(struct str text)
{
	struct params p = { .text = text };
	struct param one;

	if (!str_is_ascii(text) || !begin(&p))
		return false;
	while (params_next(&p, &one))
		continue;
	return !p.bad && params_at_end(&p);
}

bool mediatype_is(struct str type, const char *top)
{
	return str_starts_same(type, str_of(top));
}

bool mediatype_has(struct str type, const char *param)
{
	struct params p = { .text = type };
	struct param one;

	if (begin(&p))
		while (params_next(&p, &one))
			if (str_same(one.name, str_of(param)))
				return true;
	return false;
}

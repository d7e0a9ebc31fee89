/* SPDX-License-Identifier: MIT */
#include "mime/media_type.h"

#include "mail/mime_param.h"

static struct str extension(struct str file_name)
{
	struct str name = str_base(file_name);
	size_t dot = str_rfind(name, '.');

	return dot > 0 ? str_from(name, dot + 1) : STR(""); /* ".profile" has none */
}

struct str media_type_of(struct str table, struct str file_name)
{
	struct str wanted = extension(file_name);

	while (wanted.len && table.len) {
		struct str line = str_cut(&table, '\n');
		line = str_trim_lines(str_head(line, str_find(line, '#')));
		struct str type = str_word(&line);
		for (struct str one = str_word(&line); one.len; one = str_word(&line))
			if (str_same(one, wanted) && media_type_is_valid(type))
				return type;
	}
	return STR("");
}

/* Reads type and subtype; false if the text does not begin with them. */
static bool read_type(struct mime_params *p)
{
	return mime_params_token(p).len && mime_params_char(p, '/') && mime_params_token(p).len;
}

bool media_type_is_valid(struct str text)
{
	struct mime_params p = { .text = text };
	struct mime_param one;

	if (!str_is_ascii(text) || !read_type(&p))
		return false;
	while (mime_params_next(&p, &one))
		continue;
	return !p.bad && mime_params_at_end(&p);
}

bool media_type_is(struct str type, const char *top)
{
	return str_starts_same(type, str_of(top));
}

bool media_type_has(struct str type, const char *param)
{
	struct mime_params p = { .text = type };
	struct mime_param one;

	if (read_type(&p))
		while (mime_params_next(&p, &one))
			if (str_same(one.name, str_of(param)))
				return true;
	return false;
}

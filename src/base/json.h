/* SPDX-License-Identifier: MIT */
/*
 * json - a small JSON writer (RFC 8259) into a buf.
 *
 * Calls nest as the text does; the writer adds commas and quotes. Text may be any octets: malformed
 * UTF-8 is written as U+FFFD, so the result is always valid JSON. `name` is the member's name
 * inside an object, and NULL inside an array. Nesting is at most JSON_DEPTH deep.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

enum { JSON_DEPTH = 8 };

struct json {
	struct buf *out;
	unsigned depth;
	bool some[JSON_DEPTH + 1]; /* something was written at this depth */
};

#define JSON_INIT(buf) ((struct json) { .out = (buf) })

void json_object(struct json *j, const char *name);
void json_object_end(struct json *j);
void json_array(struct json *j, const char *name);
void json_array_end(struct json *j);
void json_text(struct json *j, const char *name, struct str text);
void json_number(struct json *j, const char *name, int64_t n);
void json_bool(struct json *j, const char *name, bool yes);
void json_null(struct json *j, const char *name);

#endif

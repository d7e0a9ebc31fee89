/* SPDX-License-Identifier: MIT */
/*
 * media_type - finds a file's media type by its name, and examines types.
 *
 * The table is the text of a mime.types file: a line has a type and its extensions, and '#' begins
 * a comment. Extensions are case-insensitive; the first line that has the extension counts.
 */
#ifndef MIME_MEDIA_TYPE_H
#define MIME_MEDIA_TYPE_H

#include "base/str.h"

/* The type, such as "text/plain" for "notes.txt", borrowed from the table; empty if unknown. */
struct str media_type_of(struct str table, struct str file_name);
/* Whether text is type "/" subtype, perhaps with parameters (RFC 2045 section 5.1). */
bool media_type_is_valid(struct str text);
/* Whether the type begins with top, such as "text/". */
bool media_type_is(struct str type, const char *top);
/* Whether the type has a parameter of that name. */
bool media_type_has(struct str type, const char *param);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * media_type - what kind of content a file has, by its name.
 *
 * The table is the text of a mime.types file: a line has a type and the extensions that go with it,
 * '#' begins a comment. Extensions are compared without case; the first line that has one counts.
 */
#ifndef MIME_MEDIA_TYPE_H
#define MIME_MEDIA_TYPE_H

#include "base/str.h"

/* "text/plain" of "notes.txt", borrowed from the table; empty if it does not say. */
struct str media_type_of(struct str table, struct str file_name);
/* Has the text the form type "/" subtype, maybe with parameters (RFC 2045 section 5.1)? */
bool media_type_is_valid(struct str text);
/* Does the type begin so: "text/"? */
bool media_type_is(struct str type, const char *top);
/* Has it a parameter of that name? */
bool media_type_has(struct str type, const char *param);

#endif

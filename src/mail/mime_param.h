/* SPDX-License-Identifier: MIT */
/*
 * mime_param - the value of Content-Type, Content-Disposition and their like, token by token (RFC
 * 2045 section 5.1, RFC 2183).
 *
 * Set `text` to the value as it stands in the header, take its first words with params_token() and
 * params_char(), then params_next() until it is false. White space, folds and comments may stand
 * between any two tokens. Understood beyond the grammar: empty parameters (";;"), and in unquoted
 * values 8-bit octets and all of tspecials but `"();<>`. What else does not parse sets `bad`, which
 * stays, and ends the list. Everything returned is borrowed from `text`. Linear time, no recursion.
 */
#ifndef MAIL_MIME_PARAM_H
#define MAIL_MIME_PARAM_H

#include "base/buf.h"

struct params {
	struct str text;
	size_t at;
	bool bad;
};

struct param {
	struct str name;
	struct str written; /* the value as it stands, quotes included */
	size_t from, end;   /* in text: where the name begins, behind the value */
};

/* The next token (RFC 2045), empty if something else comes. */
struct str params_token(struct params *p);
/* Takes that one character, if it comes next. */
bool params_char(struct params *p, char c);
bool params_at_end(struct params *p);
bool params_next(struct params *p, struct param *ret);
/* Adds the value, without quotes and folds. */
void param_value(const struct param *one, struct buf *out);

#endif

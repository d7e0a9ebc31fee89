/* SPDX-License-Identifier: MIT */
/*
 * mime_param - the value of Content-Type, Content-Disposition and their like, token by token (RFC
 * 2045 section 5.1, RFC 2183).
 *
 * Set `text` to the value as it stands in the header, take its first words with mime_params_token()
 * and mime_params_char(), then mime_params_next() until it is false. White space, folds and
 * comments may stand between any two tokens. Understood beyond the grammar: empty parameters
 * (";;"), and in unquoted values 8-bit octets and all of tspecials but `"();<>`. What else does not
 * parse sets `bad`, which stays, and ends the list. Everything returned is borrowed from `text`.
 * Linear time, no recursion.
 */
#ifndef MAIL_MIME_PARAM_H
#define MAIL_MIME_PARAM_H

#include "base/buf.h"

struct mime_params {
	struct str text;
	size_t at;
	bool bad;
};

struct mime_param {
	struct str name;
	struct str written; /* the value as it stands, quotes included */
	size_t from, end;   /* in text: where the name begins, behind the value */
};

/* The next token (RFC 2045), empty if something else comes. */
struct str mime_params_token(struct mime_params *p);
/* Takes that one character, if it comes next. */
bool mime_params_char(struct mime_params *p, char c);
bool mime_params_at_end(struct mime_params *p);
bool mime_params_next(struct mime_params *p, struct mime_param *ret);
/* Adds the value, without quotes and folds. */
void mime_param_value(const struct mime_param *one, struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * mime_param - parses the value of Content-Type, Content-Disposition and similar fields (RFC 2045
 * section 5.1, RFC 2183).
 *
 * Set `text` to the value as it is in the header, take its first words with mime_params_token() and
 * mime_params_char(), then call mime_params_next() until it is false. White space, folds and
 * comments may come between any two tokens. Accepted beyond the grammar: empty parameters (";;"),
 * and in unquoted values 8-bit octets and all tspecials except `"();<>`. Anything else that does
 * not parse sets `bad`, which stays set, and ends the list. All results are borrowed from `text`.
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
	struct str written; /* the value as written, with quotes */
	size_t from, end;   /* positions in text: of the name, and after the value */
};

/* Takes the next token (RFC 2045); empty if the next text is none. */
struct str mime_params_token(struct mime_params *p);
/* Takes the character c if it comes next; otherwise false. */
bool mime_params_char(struct mime_params *p, char c);
bool mime_params_at_end(struct mime_params *p);
bool mime_params_next(struct mime_params *p, struct mime_param *ret);
/* Appends the value without quotes and folds. */
void mime_param_value(const struct mime_param *one, struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * header_encode - encodes 8-bit text in header fields as ASCII: parameters by RFC 2231, other text
 * by RFC 2047.
 *
 * ASCII text in a field does not change, except white space beside encoded text. In Content-Type
 * and Content-Disposition the values of parameters are encoded; if the field already has the
 * parameter in encoded form too, 8-bit octets of the plain form become '?'. In address fields
 * display names and comments are encoded; in fields of free text, all words from the first to the
 * last that is not ASCII. In message ids 8-bit octets become '?', and in the URLs of List-Post and
 * the like (RFC 2369) "%XX": no encoded-word may stand there. In dates, Received and other fields
 * of fixed form the text of comments is encoded, and other 8-bit octets become '?'; so do those
 * between parameters. The charset is UTF-8 if the text is
 * UTF-8, otherwise as in mail/rfc2047. Output folds at column 76; encoded-words follow RFC 2047
 * sections 2 and 5.
 */
#ifndef MAIL_HEADER_ENCODE_H
#define MAIL_HEADER_ENCODE_H

#include "base/buf.h"

/*
 * Appends the field and its line end. value: as written, with folds. False, and then out is of no
 * use, if out is full or there is 8-bit text where no encoding exists: in an address or a boundary.
 */
bool header_encode_field(struct str name, struct str value, const char *charset, struct buf *out);

/*
 * Appends "; name=value" to a field, folded: in quotes if the value is short and ASCII without
 * control characters, otherwise by RFC 2231.
 */
void header_encode_param(const char *name, struct str value, struct buf *out);

#endif

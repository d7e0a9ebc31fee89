/* SPDX-License-Identifier: MIT */
/*
 * header_encode - header fields with 8-bit text as ASCII: parameters by RFC 2231, other text by RFC
 * 2047.
 *
 * What is ASCII in a field stays as it is, but for white space beside what is encoded. In
 * Content-Type and Content-Disposition the values of parameters are encoded; where such a parameter
 * has an encoded form beside it, 8-bit octets of the plain one become '?'. In fields with addresses
 * display names and comments are encoded; in all others whose text is free, the words from the
 * first to the last that is not ASCII. The charset is UTF-8 if it is that, else unknown-8bit (RFC
 * 1428). What is written folds at 76, and encoded-words follow RFC 2047 sections 2 and 5.
 */
#ifndef MAIL_HEADER_ENCODE_H
#define MAIL_HEADER_ENCODE_H

#include "base/buf.h"

/*
 * Adds the field and its line end. value: as written, folds included. False: there is 8-bit text
 * where no encoding exists (an address, a message id, a date, Received, a comment among parameters)
 * or out is full; then what stands in out is of no use.
 */
bool header_encode_field(struct str name, struct str value, struct buf *out);

/*
 * Adds "; name=value" to a field, folded: in quotes if the value is short and ASCII without control
 * characters, else by RFC 2231.
 */
void header_encode_param(const char *name, struct str value, struct buf *out);

#endif

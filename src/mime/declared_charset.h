/* SPDX-License-Identifier: MIT */
/*
 * declared_charset - the charset that a message declares for its text.
 *
 * It is the parameter charset of the message's Content-Type or, in a multipart, of the first text
 * part whose header stands in the octets at hand. A header that is neither ASCII nor UTF-8 was
 * most probably written in it. Charsets that an encoded-word cannot carry count as not declared
 * (mime/part_header).
 */
#ifndef MIME_DECLARED_CHARSET_H
#define MIME_DECLARED_CHARSET_H

#include "mime/part_header.h"

enum { DECLARED_CHARSET_OCTETS = 1 << 16 }; /* of the body that are worth having at hand */

/* Whether octets of the body are needed to answer. */
bool declared_charset_needs_body(const struct header *h);
/* Writes the name to ret, PART_CHARSET_MAX + 1 octets; "" for none. body: its start, raw. */
void declared_charset(const struct header *h, struct str body, char *ret);

#endif

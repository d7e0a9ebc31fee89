/* SPDX-License-Identifier: MIT */
/*
 * der - reads DER (X.690), one element after another, never beyond the given octets.
 *
 * Nothing is copied: results point into the input. Indefinite lengths and tags of more than one
 * octet do not occur in certificates and are refused. False means that the input is not
 * well-formed.
 */
#ifndef TLS_DER_H
#define TLS_DER_H

#include "base/str.h"

#include <time.h>

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_UTF8 = 0x0c,
	DER_PRINTABLE = 0x13,
	DER_T61 = 0x14,
	DER_IA5 = 0x16,
	DER_UTC_TIME = 0x17,
	DER_TIME = 0x18, /* GeneralizedTime */
	DER_VISIBLE = 0x1a,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
};

#define DER_CONTEXT(n) (0x80u + (n))    /* [n], primitive */
#define DER_CONTEXT_OF(n) (0xa0u + (n)) /* [n], constructed */

struct der {
	unsigned tag;
	struct str body, whole;
};

/* Takes the next element off *rest. */
bool der_next(struct str *rest, struct der *ret);
/* Takes the next element, which must have that tag. */
bool der_take(struct str *rest, unsigned tag, struct der *ret);
/* Skips the next element if it has that tag; false only if it is not well-formed. */
bool der_skip(struct str *rest, unsigned tag);
/* Takes the head of a constructed element, whose end may be cut off. */
bool der_enter(struct str *rest, unsigned tag);
/* Reads UTCTime or GeneralizedTime in the forms of RFC 5280 section 4.1.2.5. */
bool der_time(const struct der *element, time_t *ret);

#endif

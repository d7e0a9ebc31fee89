/* SPDX-License-Identifier: MIT */
/*
 * str - borrowed text with a length. Only ASCII has case or classes, whatever the locale.
 *
 * A struct str owns nothing and need not end in NUL; its bytes live as long as the text it was cut
 * from. No function here allocates or fails. "Without case" means that A-Z equal a-z, as in the
 * mail RFCs (RFC 5321 section 2.4).
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/attr.h"

struct str {
	const char *p;
	size_t len;
};

#define STR(literal) ((struct str) { (literal), sizeof(literal) - 1 })
/* For "%.*s". */
#define STR_ARG(s) (int)(s).len, (s).p

struct str str_of(const char *text);     /* NULL gives the empty text */
const char *str_given(const char *text); /* NULL for NULL and for the empty text */
struct str str_n(const char *p, size_t len);
bool str_eq(struct str a, struct str b);
bool str_same(struct str a, struct str b); /* without case */
bool str_starts(struct str s, struct str prefix);
bool str_starts_same(struct str s, struct str prefix);
bool str_ends_same(struct str s, struct str suffix);

/* The text from octet n on; the first n octets. Both stop at the end of s. */
struct str str_from(struct str s, size_t n);
struct str str_head(struct str s, size_t n);
/* s without spaces and tabs (str_trim_lines: also CR and LF) at both ends. */
struct str str_trim(struct str s);
struct str str_trim_lines(struct str s);
/* s without one c at its end, if it has one. */
struct str str_chop(struct str s, char c);

/* Position of the first (last) c, or s.len if there is none. */
size_t str_find(struct str s, char c);
size_t str_rfind(struct str s, char c);
/* The text after the last slash: a file's name without its folders. */
struct str str_base(struct str path);
/* Position of the first `wanted`, without case; s.len if there is none. */
size_t str_find_same(struct str s, struct str wanted);
/* Whether s shares `octets` consecutive octets with `of` (or all of it, if that is shorter). */
bool str_tells(struct str s, struct str of, size_t octets);
/* Removes and returns the text before the first sep, which is removed too; all of *s if none. */
struct str str_cut(struct str *s, char sep);
/* Removes and returns the next word (without space or tab); empty at the end. */
struct str str_word(struct str *s);

/* Reads a decimal number: 1 to 18 digits and nothing else. */
bool str_number(struct str s, uint64_t *ret_n);
bool str_is_ascii(struct str s);
bool str_has_ctl(struct str s); /* a control character other than a tab */
/* Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate. */
bool str_is_utf8(struct str s);
/* Length and code point of the well-formed UTF-8 character at the start of s; 0 if none. */
size_t str_utf8_char(struct str s, uint32_t *ret_code);
/* Checks text fed in pieces of any size; begin with all zero. The text so far is well-formed if not
 * bad, and ends with a whole character if nothing is carried. */
struct str_utf8 {
	bool bad;
	unsigned char carried; /* octets of an incomplete character */
	char carry[4];
};
void str_utf8_feed(struct str_utf8 *u, struct str octets);
/* How many single edits apart two words are, counted up to 9; for "did you mean". */
unsigned str_distance(struct str a, struct str b);

bool chr_is_digit(char c);
bool chr_is_alpha(char c);
int chr_hex(char c);       /* the value of a hexadecimal digit in either case, or -1 */
bool chr_is_blank(char c); /* space or tab */
bool chr_is_white(char c); /* space, tab, CR or LF */
bool chr_is_ctl(char c);   /* C0 or DEL */
char chr_lower(char c);

#endif

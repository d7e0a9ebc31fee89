/* SPDX-License-Identifier: MIT */
/*
 * str - borrowed text with a length; ASCII only, whatever the locale.
 *
 * A struct str owns nothing and need not end in NUL; its bytes live as long as what it was cut
 * from. No function here allocates or fails. Comparison ignores case only for A-Z, as the mail
 * RFCs do (RFC 5321 2.4).
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

/* Everything from octet n on; the first n octets. Both stop at the end of s. */
struct str str_from(struct str s, size_t n);
struct str str_head(struct str s, size_t n);
/* Without spaces and tabs (CR and LF too for str_trim_lines) at both ends. */
struct str str_trim(struct str s);
struct str str_trim_lines(struct str s);
/* Without one c at its end, if there is one. */
struct str str_chop(struct str s, char c);

/* Position of the first (last) c, or s.len if there is none. */
size_t str_find(struct str s, char c);
size_t str_rfind(struct str s, char c);
/* What stands behind the last slash: the name of a file without its folders. */
struct str str_base(struct str path);
/* Where `wanted` stands first, without case; s.len if it does not. */
size_t str_find_same(struct str s, struct str wanted);
/* Has s so many octets in a row in common with `of` (or all of it, where that is shorter)? */
bool str_tells(struct str s, struct str of, size_t octets);
/* Takes what stands before the first sep off *s, and the sep with it; all of *s if there is none.
 */
struct str str_cut(struct str *s, char sep);
/* Takes the next word (no space, no tab) off *s; empty at the end. */
struct str str_word(struct str *s);

/* A decimal number of 1 to 18 digits and nothing else. */
bool str_number(struct str s, uint64_t *ret_n);
bool str_is_ascii(struct str s);
/* Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate. */
bool str_is_utf8(struct str s);
/* Length of the well-formed UTF-8 character at the start of s and its code point; 0: none. */
size_t str_utf8_char(struct str s, uint32_t *ret_code);
/* The same of a text fed in any pieces: begin with all zero. It is well-formed so far if not bad,
 * and ends well if nothing is carried. */
struct str_utf8 {
	bool bad;
	unsigned char carried; /* octets of a character that is not complete */
	char carry[4];
};
void str_utf8_feed(struct str_utf8 *u, struct str octets);
/* How many single edits apart two words are, counted up to 9; for "did you mean". */
unsigned str_distance(struct str a, struct str b);

bool chr_is_digit(char c);
bool chr_is_alpha(char c);
bool chr_is_blank(char c); /* space or tab */
bool chr_is_white(char c); /* the same, CR or LF */
bool chr_is_ctl(char c);   /* C0 or DEL */
char chr_lower(char c);

#endif

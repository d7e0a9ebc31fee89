/* SPDX-License-Identifier: MIT */
/*
 * buf - bytes that grow up to a limit.
 *
 * A buf is made with the largest length it may ever have. Its bytes are owned by it and always
 * followed by a NUL. Adding past the limit adds nothing and sets `over`, which stays set until
 * buf_clear(): a caller may add a dozen times and ask once. `struct buf x CLEAN_UP(buf_done)`.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/attr.h"
#include "base/str.h"

#include <stdarg.h>

struct buf {
	char *data; /* NULL while nothing was ever added */
	size_t len, cap, limit;
	bool over;
	bool secret; /* in memory for secrets (base/mem), all of it from the first octet on */
};

#define BUF_INIT(max) ((struct buf) { .limit = (max) })
#define BUF_SECRET(max) ((struct buf) { .limit = (max), .secret = true })

void buf_done(struct buf *b);
void buf_wipe_done(struct buf *b); /* for secrets */
void buf_clear(struct buf *b);     /* empty; memory and limit stay */
void buf_wipe(struct buf *b);      /* empty, and the old bytes are gone */
void buf_reserve(struct buf *b, size_t cap);

void buf_add(struct buf *b, struct str s);
void buf_bytes(struct buf *b, const char *bytes, size_t len);
void buf_char(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);
void buf_vfmt(struct buf *b, const char *fmt, va_list ap) ATTR_PRINTF(2, 0);
/* Into an array of that size, cut to fit, always NUL-terminated. */
void text_fmt(char *to, size_t size, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* Takes the first n octets away. */
void buf_drop(struct buf *b, size_t n);
/* Takes away what stands behind the first len octets. */
void buf_cut(struct buf *b, size_t len);

struct str buf_str(const struct buf *b);
const char *buf_text(const struct buf *b); /* NUL-terminated, borrowed, never NULL */
char *buf_take(struct buf *b);             /* the bytes are yours; b is empty again */
size_t buf_room(const struct buf *b);      /* how much may still be added */

/*
 * Foreign text made fit for a terminal or a log line, once, where it enters: control characters
 * (C0, DEL, C1), invalid UTF-8 become \xHH; bidirectional and zero-width code points \u{H}.
 */
void buf_printable(struct buf *b, struct str foreign);

/* As one word of a shell's command line: in quotes where that is needed. */
void buf_shell(struct buf *b, struct str word);

/* RFC 4648 section 4. Decoding is strict: no foreign character, '=' only where it belongs. */
void buf_base64(struct buf *b, struct str bytes);
bool buf_unbase64(struct buf *b, struct str text) ATTR_NODISCARD;

#endif

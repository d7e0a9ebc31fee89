/* SPDX-License-Identifier: MIT */
/*
 * buf - a byte buffer that grows up to a limit.
 *
 * A buf is made with the largest length it may ever have. It owns its bytes, which are always
 * followed by a NUL. Adding beyond the limit adds nothing and sets `over`, which stays set until
 * buf_clear(): a caller may add many times and check once. Declare it with CLEAN_UP(buf_done).
 *
 * Wiping overwrites the bytes that ever held something, not all of a large reserve. Whoever writes
 * into `data` directly therefore sets `len` to what was written, also before giving it up.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/attr.h"
#include "base/str.h"

#include <stdarg.h>

struct buf {
	char *data; /* NULL until something is added */
	size_t len, cap, limit;
	size_t shed; /* octets that held something when the buf last became shorter */
	bool over;
	bool secret; /* all its bytes are in memory for secrets (base/mem) */
};

#define BUF_INIT(max) ((struct buf) { .limit = (max) })
#define BUF_SECRET(max) ((struct buf) { .limit = (max), .secret = true })

void buf_done(struct buf *b);
void buf_wipe_done(struct buf *b); /* for secrets */
void buf_clear(struct buf *b);     /* makes it empty; memory and limit stay */
void buf_wipe(struct buf *b);      /* makes it empty and overwrites the old bytes */
void buf_reserve(struct buf *b, size_t cap);

void buf_add(struct buf *b, struct str s);
void buf_bytes(struct buf *b, const char *bytes, size_t len);
void buf_char(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);
void buf_vfmt(struct buf *b, const char *fmt, va_list ap) ATTR_PRINTF(2, 0);
/* Formats into an array of that size, cut to fit, always NUL-terminated. */
void text_fmt(char *to, size_t size, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* Removes the first n octets. */
void buf_drop(struct buf *b, size_t n);
/* Removes all after the first len octets. */
void buf_cut(struct buf *b, size_t len);

struct str buf_str(const struct buf *b);
const char *buf_text(const struct buf *b); /* NUL-terminated, borrowed, never NULL */
char *buf_take(struct buf *b);             /* the caller frees the bytes; b is empty */
size_t buf_room(const struct buf *b);      /* how many octets can still be added */

/* Appends word as one word of a shell command, quoted if necessary. */
void buf_shell(struct buf *b, struct str word);

/* Base64 (RFC 4648 section 4). Decoding is strict: no other characters, and exact padding. */
void buf_base64(struct buf *b, struct str bytes);
bool buf_unbase64(struct buf *b, struct str text) ATTR_NODISCARD;

#endif

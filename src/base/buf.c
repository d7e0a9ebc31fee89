/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* Becomes shorter. */
static void shorten(struct buf *b, size_t len)
{
	if (b->len > b->shed)
		b->shed = b->len;
	b->len = len;
	b->data[len] = '\0';
}

void buf_done(struct buf *b)
{
	if (b->secret) {
		buf_wipe(b);
		mem_secret_free(b->data, 0, b->cap);
	} else {
		mem_free(b->data);
	}
	*b = (struct buf) { .limit = b->limit, .secret = b->secret };
}

void buf_clear(struct buf *b)
{
	b->over = false;
	if (b->data)
		shorten(b, 0);
}

void buf_wipe(struct buf *b)
{
	buf_clear(b);
	if (b->data)
		mem_wipe(b->data, b->shed);
	b->shed = 0;
}

void buf_wipe_done(struct buf *b)
{
	buf_wipe(b);
	buf_done(b);
}

void buf_reserve(struct buf *b, size_t cap)
{
	if (b->secret && !b->data) {
		b->cap = b->limit + 1;
		b->data = mem_secret(b->cap);
	} else if (cap + 1 > b->cap) {
		must(!b->secret);
		b->data = mem_grow(b->data, cap + 1);
		b->cap = cap + 1;
		b->data[b->len] = '\0';
	}
}

/* Makes room for n more octets and the NUL by doubling, but never beyond the limit. */
static bool make_room(struct buf *b, size_t n)
{
	if (b->over || n > b->limit - b->len) {
		b->over = true;
		return false;
	}
	size_t need = b->len + n;
	if (need + 1 <= b->cap)
		return true;
	size_t cap = b->cap ? b->cap * 2 : 64;
	if (cap > b->limit)
		cap = b->limit;
	buf_reserve(b, cap > need ? cap : need);
	return true;
}

void buf_bytes(struct buf *b, const char *bytes, size_t len)
{
	if (!make_room(b, len))
		return;
	if (len)
		memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_add(struct buf *b, struct str s)
{
	buf_bytes(b, s.p, s.len);
}

void buf_char(struct buf *b, char c)
{
	buf_bytes(b, &c, 1);
}

void buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	must(n >= 0);
	if (!make_room(b, (size_t)n))
		return;
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(b, fmt, ap);
	va_end(ap);
}

void text_fmt(char *to, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to, size, fmt, ap);
	va_end(ap);
}

void buf_cut(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	shorten(b, len);
}

void buf_drop(struct buf *b, size_t n)
{
	must(n <= b->len);
	if (!n)
		return;
	memmove(b->data, b->data + n, b->len - n);
	shorten(b, b->len - n);
}

struct str buf_str(const struct buf *b)
{
	return (struct str) { b->data ? b->data : "", b->len };
}

const char *buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}

char *buf_take(struct buf *b)
{
	char *data = b->data ? b->data : mem_alloc(1);

	must(!b->secret);
	*b = (struct buf) { .limit = b->limit };
	return data;
}

size_t buf_room(const struct buf *b)
{
	return b->over ? 0 : b->limit - b->len;
}

static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put64(const char *bytes, size_t n, char out[4])
{
	uint32_t bits = 0;

	for (size_t k = 0; k < 3; k++)
		bits = bits << 8 | (k < n ? (unsigned char)bytes[k] : 0U);
	out[0] = digits64[bits >> 18];
	out[1] = digits64[bits >> 12 & 63];
	out[2] = n > 1 ? digits64[bits >> 6 & 63] : '=';
	out[3] = n > 2 ? digits64[bits & 63] : '=';
}

void buf_base64(struct buf *b, struct str bytes)
{
	size_t len = (bytes.len + 2) / 3 * 4;

	if (!make_room(b, len))
		return;
	char *out = b->data + b->len;
	for (; bytes.len >= 3; bytes = str_from(bytes, 3), out += 4)
		put64(bytes.p, 3, out);
	if (bytes.len)
		put64(bytes.p, bytes.len, out);
	b->len += len;
	b->data[b->len] = '\0';
}

static int value64(char c)
{
	const char *at = c ? strchr(digits64, c) : NULL;

	return at ? (int)(at - digits64) : -1;
}

bool buf_unbase64(struct buf *b, struct str text)
{
	if (text.len % 4)
		return false;
	for (size_t i = 0; i < text.len; i += 4) {
		const char *q = text.p + i;
		bool last = i + 4 == text.len;
		size_t n = last && q[3] == '=' ? (q[2] == '=' ? 1 : 2) : 3;
		uint32_t bits = 0;
		for (size_t k = 0; k < 4; k++) {
			int v = k <= n ? value64(q[k]) : 0;
			if (v < 0)
				return false;
			bits = bits << 6 | (uint32_t)v;
		}
		if (n < 3 && bits & (n == 1 ? 0xffffU : 0xffU))
			return false; /* the last bits are part of no octet and must be 0 */
		char out[3] = { (char)(bits >> 16), (char)(bits >> 8), (char)bits };
		buf_bytes(b, out, n);
	}
	return !b->over;
}

void buf_shell(struct buf *b, struct str word)
{
	static const char plain[] = "%+,-./:=@_";
	bool quote = !word.len;

	for (size_t i = 0; i < word.len; i++)
		quote |= !chr_is_alpha(word.p[i]) && !chr_is_digit(word.p[i]) &&
			 !memchr(plain, word.p[i], sizeof(plain) - 1);
	if (!quote) {
		buf_add(b, word);
		return;
	}
	buf_char(b, '\'');
	for (size_t i = 0; i < word.len; i++) {
		if (word.p[i] == '\'')
			buf_add(b, STR("'\\'"));
		buf_char(b, word.p[i]);
	}
	buf_char(b, '\'');
}

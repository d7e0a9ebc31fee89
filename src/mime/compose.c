/* SPDX-License-Identifier: MIT */
#include "mime/compose.h"

#include "base/mem.h"
#include "mail/header_encode.h"
#include "mail/body.h"
#include "mail/rfc2047.h"

#include <string.h>

static const char *const encodings[] = {
	[ENCODING_7BIT] = "7bit",
	[ENCODING_8BIT] = "8bit",
	[ENCODING_QP] = "quoted-printable",
	[ENCODING_BASE64] = "base64",
};

void compose_begin(struct compose *c, struct buf *out)
{
	*c = (struct compose) { .eightbit = true };
	buf_add(out, STR("MIME-Version: 1.0\r\n"));
}

/* The boundary has "=_", which neither base64 nor quoted-printable can contain. */
void compose_begin_multipart(struct compose *c, bool eightbit, const char *random, struct buf *out)
{
	must(strlen(random) == COMPOSE_RANDOM);
	compose_begin(c, out);
	c->eightbit = eightbit;
	text_fmt(c->boundary, sizeof(c->boundary), "=_%s", random);
	buf_fmt(out, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n", c->boundary);
	if (eightbit)
		buf_add(out, STR("Content-Transfer-Encoding: 8bit\r\n"));
}

static void put_base64(struct compose *c, struct str octets, struct buf *out)
{
	buf_base64(out, octets);
	buf_add(out, STR("\r\n"));
	c->carried = 0;
}

static void end_part(struct compose *c, struct buf *out)
{
	if (c->in_part && c->carried)
		put_base64(c, str_n(c->carry, c->carried), out);
	c->in_part = false;
}

/* The line end in front of a delimiter belongs to it (RFC 2046 section 5.1.1). */
static void put_delimiter(const struct compose *c, const char *behind, struct buf *out)
{
	buf_fmt(out, "\r\n--%s%s\r\n", c->boundary, behind);
}

void compose_part(struct compose *c, const struct compose_part *part, struct buf *out)
{
	must(part->encoding < ARRAY_LEN(encodings) && encodings[part->encoding]);
	must(part->encoding != ENCODING_8BIT || c->eightbit);
	end_part(c, out);
	if (c->boundary[0])
		put_delimiter(c, "", out);
	buf_fmt(out, "Content-Type: %.*s", STR_ARG(part->type));
	if (part->charset)
		buf_fmt(out, "; charset=%s", part->charset);
	buf_fmt(out, "\r\nContent-Transfer-Encoding: %s\r\n", encodings[part->encoding]);
	if (part->attachment)
		buf_add(out, STR("Content-Disposition: attachment"));
	if (part->attachment && part->file_name.len)
		header_encode_param("filename", part->file_name, out);
	buf_add(out, part->attachment ? STR("\r\n\r\n") : STR("\r\n"));
	c->encoding = part->encoding;
	c->in_part = true;
	c->qp = (struct qp) { .in_multipart = c->boundary[0] != '\0' };
}

static void feed_base64(struct compose *c, struct str octets, struct buf *out)
{
	while (octets.len) {
		if (!c->carried && octets.len >= COMPOSE_BASE64_LINE) {
			put_base64(c, str_head(octets, COMPOSE_BASE64_LINE), out);
			octets = str_from(octets, COMPOSE_BASE64_LINE);
			continue;
		}
		struct str some = str_head(octets, COMPOSE_BASE64_LINE - c->carried);
		memcpy(c->carry + c->carried, some.p, some.len);
		c->carried += some.len;
		octets = str_from(octets, some.len);
		if (c->carried == COMPOSE_BASE64_LINE)
			put_base64(c, str_n(c->carry, c->carried), out);
	}
}

void compose_feed(struct compose *c, struct str octets, struct buf *out)
{
	must(c->in_part);
	if (c->encoding == ENCODING_BASE64)
		feed_base64(c, octets, out);
	else if (c->encoding == ENCODING_QP)
		qp_feed(&c->qp, octets, out);
	else
		buf_add(out, octets);
}

void compose_end(struct compose *c, struct buf *out)
{
	end_part(c, out);
	if (c->boundary[0])
		put_delimiter(c, "--", out);
}

static bool is_text_line(struct str line)
{
	if (line.len > BODY_LINE || str_starts(line, STR("From ")))
		return false;
	for (size_t i = 0; i < line.len; i++)
		if (chr_is_ctl(line.p[i]) && line.p[i] != '\t' && line.p[i] != '\f')
			return false;
	return true;
}

bool compose_is_text(struct str octets, bool crlf)
{
	if (!str_is_utf8(octets))
		return false;
	while (octets.len) {
		struct str line = str_cut(&octets, '\n');
		if (!is_text_line(crlf ? str_chop(line, '\r') : line))
			return false;
	}
	return true;
}

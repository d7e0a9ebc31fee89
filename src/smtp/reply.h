/* SPDX-License-Identifier: MIT */
/*
 * reply - SMTP replies from bytes fed in any pieces (RFC 5321 section 4.2).
 *
 *   reply = *( code "-" [text] CRLF ) code [SP [text]] CRLF
 *
 * Feed until REPLY_COMPLETE, use `reply`, then reply_again(). The text is made printable here,
 * once, lines joined by '\n'; a line that ends in a bare LF is tolerated. REPLY_BAD: not a reply (a
 * code outside 200-559, lines of different codes) or larger than the limits: REPLY_LINE_KEPT octets
 * of a line are kept (AUTH: REPLY_LINE_AUTH) and REPLY_LINE_MAX read, REPLY_LINES lines (EHLO
 * more) and REPLY_MAX octets. No state survives reply_again().
 */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "base/buf.h"
#include "base/err.h"

enum {
	REPLY_LINE_KEPT = 4096,
	REPLY_LINE_AUTH = 12288, /* RFC 4954 section 4 */
	REPLY_LINE_MAX = 65536,
	REPLY_LINES = 128,
	REPLY_LINES_EHLO = 512,
	REPLY_MAX = 65536,
	REPLY_TELLING = 6,
};

struct reply {
	int code;
	char enhanced[12]; /* of the code's own class (RFC 3463), or "" */
	bool cut;          /* a line was longer than what is kept */
	struct buf text;
};

enum reply_state { REPLY_PARTIAL, REPLY_COMPLETE, REPLY_BAD };

struct reply_reader {
	struct reply reply;
	enum reply_state state;
	const char *why_bad;
	unsigned lines, max_lines;
	size_t octets, line_octets, max_kept;
	struct buf line;
};

void reply_init(struct reply_reader *r);
void reply_done(struct reply_reader *r);
/* Takes octets up to the end of a reply; how many were taken. */
size_t reply_feed(struct reply_reader *r, struct str in);
void reply_again(struct reply_reader *r);

/* Has the reader taken nothing of a reply yet? */
bool reply_is_empty(const struct reply_reader *r);
/*
 * The last line has come as far as "ddd SP": what the server decided is known although its words
 * are not complete. Makes it a complete reply; false if it is not so.
 */
bool reply_decide(struct reply_reader *r);

/*
 * Some servers quote the line that they refuse. Whatever in the text has REPLY_TELLING octets in a
 * row of the secret (base64), or all of it, is replaced by "(hidden)".
 */
void reply_hide(struct reply *r, struct str secret);
/* The same for a password in clear, unless it is too short to be distinguished from other text. */
void reply_hide_password(struct reply *r, struct str password);

/* The reply as an error of that kind: "what", with code, enhanced status and words. */
bool reply_err(const struct reply *r, struct err *e, enum err_kind kind, const char *what);

#endif

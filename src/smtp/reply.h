/* SPDX-License-Identifier: MIT */
/*
 * reply - parses SMTP replies, fed in pieces of any size (RFC 5321 section 4.2).
 *
 *   reply = *( code "-" [text] CRLF ) code [SP [text]] CRLF
 *
 * Feed until REPLY_COMPLETE, use `reply`, then call reply_again(), which no state survives. Only
 * here is the text made printable, its lines joined by '\n'. A line may end in a bare LF. REPLY_BAD
 * means that it is no reply (a code outside 200-559, or lines with different codes) or that it
 * exceeds a limit: REPLY_LINE_MAX octets of a line, REPLY_LINES lines (REPLY_LINES_EHLO for EHLO),
 * REPLY_MAX octets altogether. A line longer than REPLY_LINE_KEPT (AUTH: REPLY_LINE_AUTH) is cut.
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
	char enhanced[12]; /* the status, if of the code's own class (RFC 3463), otherwise "" */
	bool cut;          /* a line was too long to be kept whole */
	struct buf text;
};

enum reply_state { REPLY_PARTIAL, REPLY_COMPLETE, REPLY_BAD };

struct reply_reader {
	struct reply reply;
	enum reply_state state;
	const char *why_bad;
	bool endless; /* REPLY_BAD because of a limit of octets */
	unsigned lines, max_lines;
	size_t octets, line_octets, max_kept;
	struct buf line;
};

void reply_init(struct reply_reader *r);
void reply_done(struct reply_reader *r);
/* Takes octets up to the end of a reply and returns how many it took. */
size_t reply_feed(struct reply_reader *r, struct str in);
void reply_again(struct reply_reader *r);

/* Whether the reader has taken nothing of a reply yet. */
bool reply_is_empty(const struct reply_reader *r);
/*
 * If the last line has come as far as "ddd SP", the server's decision is known although its words
 * are incomplete, or too many: makes the reply complete and returns true. Otherwise returns false.
 */
bool reply_decide(struct reply_reader *r);

/* A code for commands that are unknown, or come when they must not (RFC 5321 section 4.2.4). */
bool reply_is_misread(const struct reply *r);
/* A code for an AUTH mechanism that is not supported after all (RFC 4954 section 6). */
bool reply_is_unsupported(const struct reply *r);

/*
 * Some servers quote the line that they refuse. Replaces by "(hidden)" each base64 word of the text
 * that holds REPLY_TELLING consecutive octets of the secret (base64), or all of the secret.
 */
void reply_hide(struct reply *r, struct str secret);
/* Replaces the password in clear by "(hidden)", unless it is too short to be recognised. */
void reply_hide_password(struct reply *r, struct str password);

/* Makes *e an error of that kind: "what", with the reply's code, enhanced status and words. */
bool reply_err(const struct reply *r, struct err *e, enum err_kind kind, const char *what);

#endif

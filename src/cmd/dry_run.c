/* SPDX-License-Identifier: MIT */
#include "cmd/dry_run.h"

#include "ui/print.h"

static void write_envelope(const struct run *r, struct buf *out)
{
	const struct envelope *env = &r->message.env;

	buf_add(out, STR("# "));
	run_account_line(&r->account, out);
	buf_fmt(out, "# MAIL FROM:<%s>\n", env->from);
	for (size_t i = 0; i < env->count; i++)
		buf_fmt(out, "# RCPT TO:<%s>\n", env->rcpts[i].addr);
	if (r->message.smtputf8)
		buf_fmt(out, "# needs SMTPUTF8: %s\n", r->message.smtputf8);
}

/* Prints the message as it would be sent, with the line ends of this system. */
static bool write_message(struct message *m, struct err *e)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(MESSAGE_HEADER_MAX);
	struct str piece;

	for (uint64_t at = 0;; at += piece.len) {
		if (!message_at(m, at, &piece, e))
			return false;
		if (!piece.len)
			return true;
		buf_clear(&out);
		for (size_t i = 0; i < piece.len; i++)
			if (piece.p[i] != '\r')
				buf_char(&out, piece.p[i]);
		if (!print_out(&out, e))
			return false;
	}
}

bool dry_run(struct run *r, struct err *e)
{
	struct deliver_wishes wishes = run_deliver_wishes(r->cli);
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(DELIVERY_LOG_JSON_MAX);

	if (!deliver_check(&r->account, &wishes, e))
		return false;
	write_envelope(r, &out);
	return print_out(&out, e) && write_message(&r->message, e);
}

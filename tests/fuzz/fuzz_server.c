/* SPDX-License-Identifier: MIT */
/*
 * A client that says anything: the engine answers the same in any pieces, in lines of SMTP, hands
 * out only what was sent, and each message once.
 */
#include "fuzz.h"

#include "smtp/server.h"

enum { MOST = 1 << 20 };

struct heard {
	struct buf out, messages, text;
	bool begun;
	unsigned count;
};

static void heard_done(struct heard *h)
{
	buf_done(&h->out);
	buf_done(&h->messages);
	buf_done(&h->text);
}

/* Every third message is refused, some before they are read. */
static void begin(struct server *s, struct heard *h)
{
	const struct server_mail *mail = server_mail(s);

	claim(mail->env.from && mail->env.count);
	buf_clear(&h->text);
	h->begun = true;
	if (++h->count % 3 == 2)
		server_refuse(s, 550, "5.0.0", "no");
}

static void end(struct server *s, struct heard *h)
{
	const struct server_mail *mail = server_mail(s);

	claim(h->begun && h->count % 3 != 2);
	h->begun = false;
	buf_fmt(&h->messages, "%s>", mail->env.from);
	for (size_t i = 0; i < mail->env.count; i++)
		buf_fmt(&h->messages, "%s,", mail->env.rcpts[i].addr);
	buf_add(&h->messages, buf_str(&h->text));
	server_answer(s, 250, "2.0.0", "\xff\r\n");
}

static enum server_want act(struct server *s, struct heard *h)
{
	for (;;) {
		enum server_want want = server_next(s);
		switch (want) {
		case SERVER_WRITE:
			claim(server_out(s).len > 0);
			buf_add(&h->out, server_out(s));
			server_written(s, server_out(s).len);
			break;
		case SERVER_BEGIN:
			begin(s, h);
			break;
		case SERVER_BODY:
			claim(h->begun && server_body(s).len > 0 && h->count % 3 != 2);
			buf_add(&h->text, server_body(s));
			server_body_taken(s);
			break;
		case SERVER_MESSAGE:
			end(s, h);
			break;
		default:
			return want;
		}
	}
}

static void check_replies(struct str out)
{
	while (out.len) {
		size_t n = str_find(out, '\n');
		claim(n < out.len && n >= 5 && n < SERVER_REPLY && out.p[n - 1] == '\r');
		claim(chr_is_digit(out.p[0]) && chr_is_digit(out.p[1]) && chr_is_digit(out.p[2]));
		claim(out.p[3] == ' ' || out.p[3] == '-');
		for (size_t i = 0; i < n - 1; i++)
			claim(out.p[i] >= ' ' && out.p[i] <= '~');
		out = str_from(out, n + 1);
	}
}

/* Was it inside a message when the input ended? */
static bool talk(struct str in, size_t cut, struct heard *h)
{
	struct server *s = server_new("fuzz.test");
	bool inside;

	while (act(s, h) == SERVER_READ && in.len) {
		struct str piece = str_head(str_head(in, cut), server_room(s));
		claim(piece.len > 0);
		server_in(s, piece);
		in = str_from(in, piece.len);
	}
	inside = server_is_inside(s);
	if (act(s, h) == SERVER_READ)
		server_eof(s);
	claim(act(s, h) == SERVER_CLOSED);
	server_free(s);
	return inside;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard a CLEAN_UP(heard_done) = { BUF_INIT(MOST), BUF_INIT(MOST), BUF_INIT(MOST) };
	struct heard b CLEAN_UP(heard_done) = { BUF_INIT(MOST), BUF_INIT(MOST), BUF_INIT(MOST) };
	struct input in = input_of(data, size);
	size_t cut = input_octet(&in) % 16 + 1;

	bool inside = talk(in.rest, SIZE_MAX, &a);
	claim(talk(in.rest, cut, &b) == inside);
	check_replies(buf_str(&a.out));
	claim(str_eq(buf_str(&a.out), buf_str(&b.out)));
	claim(str_eq(buf_str(&a.messages), buf_str(&b.messages)));
	claim(a.messages.len <= 10 * size + 100);
	return 0;
}

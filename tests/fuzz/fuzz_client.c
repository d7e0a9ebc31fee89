/* SPDX-License-Identifier: MIT */
/*
 * The engine against a server that says anything, at any time.
 *
 * The first octets choose terms, recipients and message. Then each octet is an operation: write
 * some, tell that it is with the kernel, or read one of the replies below or octets of the input.
 * What goes out is read here by rules of its own: lines as long as no message is under way, then
 * the message. The claims are those of client.h.
 */
#include "fuzz.h"

#include "mail/client.h"

static const char *const replies[] = {
	"220 hi\r\n",
	("250-h\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-STARTTLS\r\n"
	 "250 AUTH PLAIN\r\n"),
	"250 ok\r\n",
	"354 go\r\n",
	"334 \r\n",
	"235 2.7.0 ok\r\n",
	"250 ok\r\n250 ok\r\n354 go\r\n",
	"250 ok\r\n550 5.1.1 no\r\n503 no\r\n",
	"250 ok\r\n550 no\r\n354 go\r\n",
	"250 ok\r\n250 ok\r\n",
	"421 4.3.0 bye\r\n",
	"450 4.2.0 later\r\n",
	"550 5.1.1 no\r\n",
	"504 no\r\n",
	"535 5.7.8 no\r\n",
	"502 what\r\n",
	"250 ",
	"250-",
	"250-h\r\n250 PIPELINING\r\n",
	"250-h\r\n250-SIZE 3\r\n250 AUTH=LOGIN\r\n",
	"221 bye\r\n",
	"rubbish\r\n",
};

struct game {
	struct client *c;
	struct envelope env;
	struct buf message;
	size_t given; /* octets of it that the engine took */
	bool in_body, ended, eof;
	struct buf wire;   /* all that was sent */
	size_t line_start; /* where the command at hand, or the message, begins */
	size_t commands, server_replies;
	uint64_t flushed;    /* octets of wire with the kernel */
	uint64_t end;        /* octets of wire up to the end of the message, once ended */
	struct buf answered; /* what was read since the end of the message was flushed */
};

static void spoke(void *ctx, bool server, struct str line)
{
	struct game *g = ctx;

	for (size_t i = 0; i < line.len; i++)
		claim(!chr_is_ctl(line.p[i]));
	claim(server || !memmem(line.p, line.len, "c2VjcmV0", 8));
	if (server)
		g->server_replies += line.len < 4 || line.p[3] != '-';
}

/* The message as it went out is stuffed text, with one end. */
static void check_message(struct game *g, struct str wire)
{
	struct buf got CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	bool ended = false;

	while (wire.len) {
		claim(!ended);
		size_t lf = str_find(wire, '\n');
		claim(lf < wire.len && lf > 0 && wire.p[lf - 1] == '\r');
		struct str line = str_head(wire, lf - 1);
		claim(str_find(line, '\r') == line.len);
		wire = str_from(wire, lf + 1);
		ended = str_eq(line, STR("."));
		if (!ended) {
			buf_add(&got, str_from(line, line.len && line.p[0] == '.'));
			buf_add(&got, STR("\r\n"));
		}
	}
	claim(ended);
	claim(str_eq(buf_str(&got), buf_str(&g->message)));
}

/* Lines that went out while no message was under way are commands. */
static void check_commands(struct game *g)
{
	struct str rest = str_from(buf_str(&g->wire), g->line_start);
	size_t start = 0;

	for (size_t i = 0; i < rest.len; i++) {
		claim(rest.p[i] != '\0');
		if (rest.p[i] == '\r' && i + 1 < rest.len)
			claim(rest.p[i + 1] == '\n');
		if (rest.p[i] != '\n')
			continue;
		claim(i > 0 && rest.p[i - 1] == '\r');
		claim(i - start < 1000);
		start = i + 1;
		g->commands++;
	}
	g->line_start += start;
}

static void written(struct game *g, size_t n)
{
	struct str out = client_out(g->c);

	n = n < out.len ? n : out.len;
	buf_add(&g->wire, str_head(out, n));
	client_sent(g->c, n);
	if (!g->in_body) {
		check_commands(g);
	} else if (g->ended && g->wire.len == g->end) {
		check_message(g, str_from(buf_str(&g->wire), g->line_start));
		g->line_start = g->wire.len;
		g->in_body = false;
		g->commands++;
	}
}

static void flush(struct game *g)
{
	client_held(g->c, 0);
	g->flushed = g->wire.len;
}

static void hear(struct game *g, struct str bytes)
{
	if (g->ended && g->flushed >= g->end)
		buf_add(&g->answered, bytes);
	client_in(g->c, bytes);
	/* The greeting answers nothing, and one stray reply ends it all. */
	bool over = client_next(g->c) == CLIENT_CLOSED || client_next(g->c) == CLIENT_DONE;
	claim(g->server_replies <= g->commands + 1 + over);
}

static void finish(struct game *g, unsigned how)
{
	struct err e;

	err_set(&e, ERR_NETWORK, "lost");
	if (how % 3 == 0)
		client_eof(g->c);
	else if (how % 3 == 1)
		client_lost(g->c, &e);
	else
		client_timed_out(g->c);
	g->eof = true;
}

static void want_io(struct game *g, struct input *in)
{
	claim(client_timeout_ms(g->c) > 0);
	if (!in->rest.len) {
		finish(g, (unsigned)g->wire.len);
		return;
	}
	unsigned op = input_octet(in), arg = op >> 2;
	switch (op & 3) {
	case 0:
		written(g, SIZE_MAX);
		flush(g);
		hear(g, str_of(replies[arg % ARRAY_LEN(replies)]));
		break;
	case 1:
		written(g, arg == 63 ? SIZE_MAX : arg + 1);
		if (arg & 1)
			flush(g);
		break;
	case 2:
		hear(g, str_of(replies[arg % ARRAY_LEN(replies)]));
		break;
	default:
		if (arg == 63)
			finish(g, input_octet(in));
		else
			hear(g, input_octets(in, arg + 1));
	}
}

static void want_auth(struct game *g, struct input *in)
{
	struct buf secret CLEAN_UP(buf_done) = BUF_INIT(100);
	unsigned op = input_octet(in);
	struct err e;

	err_set(&e, ERR_NOPERM, "no more mechanisms");
	if (op % 8 == 0) {
		client_auth_give_up(g->c, &e);
	} else if (client_auth_state(g->c) == CLIENT_AUTH_CHALLENGE) {
		claim(client_challenge(g->c).len < REPLY_MAX);
		client_auth_answer(g->c, op & 8 ? STR("c2VjcmV0") : STR(""), op & 16);
	} else {
		buf_add(&secret, op & 8 ? STR("c2VjcmV0") : STR(""));
		client_auth(g->c, "PLAIN", op & 32 ? NULL : &secret, op & 16);
	}
}

static void want_body(struct game *g, struct input *in)
{
	claim(!g->ended);
	if (!g->in_body) {
		claim(!client_out(g->c).len && g->line_start == g->wire.len);
		g->in_body = true;
	}
	struct str rest = str_from(buf_str(&g->message), g->given);
	if (!rest.len) {
		client_body_end(g->c);
		g->ended = true;
		g->end = g->wire.len + client_out(g->c).len;
		return;
	}
	unsigned n = input_octet(in);
	struct str piece = str_head(rest, n ? n * n : 65536);
	size_t used = client_body(g->c, piece);
	claim(used > 0 && used <= piece.len);
	g->given += used;
}

/* Is there a line in what came after the message that says it was accepted? */
static bool was_answered(const struct game *g)
{
	struct str rest = buf_str(&g->answered);

	while (rest.len) {
		struct str line = str_cut(&rest, '\n');
		if (line.len >= 3 && line.p[0] == '2' && (line.len == 3 || line.p[3] != '-'))
			return true;
	}
	return false;
}

static void check_result(const struct game *g)
{
	const struct client_result *r = client_result(g->c);

	if (r->outcome == OUTCOME_ACCEPTED) {
		claim(g->ended && g->flushed >= g->end && was_answered(g));
		claim(envelope_tally(&g->env, FATE_ACCEPTED) > 0);
	} else {
		claim(r->err.kind != ERR_NONE && r->err.what[0]);
	}
	if (r->outcome == OUTCOME_UNKNOWN)
		claim(g->ended && g->flushed >= g->end && err_is_temporary(&r->err));
	for (size_t i = 0; i < g->env.count; i++)
		claim((g->env.rcpts[i].fate == FATE_REFUSED) == (g->env.rcpts[i].refusal != NULL));
}

/* The message of this round, and what is known of it. */
static void begin(struct game *g, struct input *in)
{
	unsigned kind = input_octet(in);
	struct str unit = kind & 1 ? STR("..\r\n.x\r\n") : STR("a line\r\n");

	buf_clear(&g->message);
	for (unsigned n = (kind >> 4) * (kind & 8 ? 1000 : 1); n; n--)
		buf_add(&g->message, unit);
	buf_clear(&g->answered);
	g->given = 0;
	g->end = 0;
	g->in_body = g->ended = false;
	client_send(g->c, &g->env,
		&(struct client_mail) {
			.size = g->message.len,
			.eightbit = kind & 2,
			.partial = kind & 4,
		});
}

/* Another message, or the end of the session. */
static bool go_on(struct game *g, struct input *in, unsigned *rounds)
{
	if (*rounds && !g->eof && in->rest.len) {
		--*rounds;
		begin(g, in);
		return true;
	}
	client_quit(g->c);
	return client_next(g->c) == CLIENT_IO;
}

/* One step; false when there is nothing more to do. */
static bool step(struct game *g, struct input *in, unsigned *rounds)
{
	switch (client_next(g->c)) {
	case CLIENT_IO:
		want_io(g, in);
		return true;
	case CLIENT_TLS:
		client_tls_done(g->c);
		return true;
	case CLIENT_AUTH:
		want_auth(g, in);
		return true;
	case CLIENT_BODY:
		if (input_octet(in) == 0xff)
			client_quit(g->c);
		want_body(g, in);
		return true;
	case CLIENT_DONE:
		check_result(g);
		return go_on(g, in, rounds);
	case CLIENT_IDLE:
		return go_on(g, in, rounds);
	default:
		claim(client_error(g->c)->what[0]);
		claim(client_error(g->c)->kind != ERR_NONE);
		return false;
	}
}

static void set_up(struct game *g, struct input *in)
{
	unsigned kind = input_octet(in);
	struct client_terms terms = {
		.helo = "me.example",
		.tls_active = kind & 1,
		.starttls = (kind & 3) == 2,
		.auth = kind & 4,
		.timeout = kind & 8 ? 10 : 0,
		.timeout_final = kind & 16 ? 20 : 0,
		.spoke = spoke,
		.spoke_ctx = g,
	};
	struct err e;
	char wire[40];

	*g = (struct game) {
		.message = BUF_INIT(1 << 20),
		.wire = BUF_INIT(16 << 20),
		.answered = BUF_INIT(1 << 20),
	};
	envelope_from(&g->env, kind & 32 ? "" : "me@x.example");
	for (unsigned n = input_octet(in) % 5 * (kind & 64 ? 300 : 1) + 1; n; n--) {
		snprintf(wire, sizeof(wire), "r%u@x.example", n);
		claim(envelope_add(&g->env, wire, &e));
	}
	g->c = client_new(&terms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	struct game g;
	unsigned rounds = 2;
	size_t steps = 0;

	set_up(&g, &in);
	while (step(&g, &in, &rounds))
		claim(++steps < 10000 + 64 * size);
	claim(!g.wire.over && !g.message.over && !g.answered.over);
	client_free(g.c);
	envelope_done(&g.env);
	buf_done(&g.message);
	buf_done(&g.wire);
	buf_done(&g.answered);
	return 0;
}

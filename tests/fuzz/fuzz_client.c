/* SPDX-License-Identifier: MIT */
/*
 * The engine against a server that says anything, at any time.
 *
 * The first octets choose terms, flights, recipients and message. Then each octet is an operation:
 * write some, tell that it is with the kernel, or read one of the replies below or octets of the
 * input. What goes out is read here by rules of its own: lines as long as no message is under way,
 * then the message, stuffed or counted. What the listener is told is matched here once more,
 * replies to commands, to know who was promised the message and who may have got it. The claims are
 * those of client.h.
 */
#include "fuzz.h"

#include "smtp/client.h"

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
	("250-h\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-DSN\r\n250-REQUIRETLS\r\n250-ETRN\r\n"
	 "250-SMTPUTF8\r\n250-LIMITS RCPTMAX=2\r\n250 AUTH PLAIN LOGIN\r\n"),
	"250-h\r\n250-CHUNKING\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n",
	"452 4.5.3 too many\r\n",
	"235 ok\r\n250 ok\r\n250 ok\r\n",
	"250 ok\r\n250 ok\r\n250 taken\r\n",
	"503 5.5.1 what\r\n",
};

enum { RCPTS_MAX = 1400, QUEUE_MAX = CLIENT_AWAITED_MAX + 16 };

/* A command that was told, and whose reply was not. */
struct open_command {
	enum verb verb;
	size_t rcpt;
};

/* What the listener is told, understood. */
struct hearing {
	struct open_command queue[QUEUE_MAX];
	size_t head, count;
	size_t rcpts_ok[RCPTS_MAX], promises; /* in this transaction, in order */
	bool taken[RCPTS_MAX];                /* the message was answered with 2yz */
	bool data, bdat, with_auth;
	bool probe, probe_ok; /* the first line was told as a chunk of its own, and answered 2yz */
};

struct game {
	struct client *c;
	enum client_pipelining flights;
	bool lmtp, before_auth; /* a message is given before AUTH */
	bool chunked, probing;  /* messages may go by BDAT, and then the first line goes ahead */
	struct envelope env;
	struct client_message mail;
	struct buf message;
	bool sending, etrn;
	bool in_body, ended, eof;    /* in_body: of DATA */
	bool left;                   /* an octet of a message was written */
	struct buf wire;             /* all that was sent */
	size_t line_start;           /* where the command at hand, or the message, begins */
	size_t chunk_at, chunk_left; /* octets of the message that came by BDAT, that are to come */
	size_t commands, server_replies;
	uint64_t flushed; /* octets of wire with the kernel */
	uint64_t end;     /* octets of wire up to the end of the message, once ended */
	struct hearing h;
};

static bool is_flushed(const struct game *g)
{
	return g->ended && g->flushed >= g->end;
}

/* --- what is told --- */

static enum verb verb_of(struct str line)
{
	static const enum verb verbs[] = { VERB_EHLO, VERB_LHLO, VERB_HELO, VERB_STARTTLS,
		VERB_MAIL, VERB_RCPT, VERB_DATA, VERB_RSET, VERB_ETRN, VERB_QUIT };

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (str_starts(line, str_of(verb_row(verbs[i])->name)))
			return verbs[i];
	return VERB_AUTH;
}

static void open_one(struct game *g, enum verb verb, size_t rcpt)
{
	struct hearing *h = &g->h;

	claim(h->count < QUEUE_MAX);
	h->queue[(h->head + h->count++) % QUEUE_MAX] =
		(struct open_command) { .verb = verb, .rcpt = rcpt };
}

/* Not more than the flights and the server allow. */
static void check_group(const struct game *g)
{
	bool groups = client_capabilities(g->c)->pipelining && g->flights != PIPELINE_OFF;

	claim(groups || g->h.count == 0);
	claim(g->h.count < CLIENT_AWAITED_MAX);
}

/* The first line alone: with the envelope, and once. */
static void told_probe(struct game *g)
{
	struct hearing *h = &g->h;

	claim(g->probing && !h->data && !h->bdat && !h->probe);
	claim(client_capabilities(g->c)->chunking);
	check_group(g);
	h->probe = true;
	h->probe_ok = false;
	open_one(g, VERB_PROBE, 0);
}

/* DATA, or BDAT: never both in one transaction, and never too early. */
static void told_start(struct game *g, bool bdat)
{
	struct hearing *h = &g->h;

	claim(!h->data && !h->bdat);
	h->data = !bdat;
	h->bdat = bdat;
	claim(!bdat || (g->chunked && client_capabilities(g->c)->chunking));
	claim(bdat ? h->probe == (g->mail.probe.len > 0) : !h->probe);
	claim(!h->probe || (h->probe_ok && h->count == 0 && h->promises));
	check_group(g);
	if (h->with_auth && g->flights != PIPELINE_ALL)
		claim(h->count == 0);
	g->in_body = g->ended = false;
	g->end = 0;
}

static void told_message(struct game *g)
{
	struct hearing *h = &g->h;

	if (!g->lmtp)
		open_one(g, VERB_MESSAGE, 0);
	for (size_t i = 0; g->lmtp && i < h->promises; i++)
		open_one(g, VERB_MESSAGE, h->rcpts_ok[i]);
	if (g->lmtp)
		g->commands += h->promises - 1;
}

static size_t rcpt_of(const struct game *g, struct str line)
{
	uint64_t n = 0;

	line = str_from(line, strlen("RCPT TO:<r"));
	claim(str_number(str_cut(&line, '@'), &n) && n < g->env.count);
	return (size_t)n;
}

static void told_command(struct game *g, struct str line)
{
	struct hearing *h = &g->h;
	enum verb verb = verb_of(line);

	if (verb == VERB_DATA)
		told_start(g, false);
	else if (verb != VERB_QUIT)
		check_group(g);
	if (verb == VERB_MAIL || verb == VERB_RSET) {
		h->data = h->bdat = h->with_auth = h->probe = false;
		h->promises = 0;
	}
	if (verb == VERB_MAIL)
		h->with_auth = h->count && h->queue[h->head].verb == VERB_AUTH;
	open_one(g, verb, verb == VERB_RCPT ? rcpt_of(g, line) : 0);
}

static void told(struct game *g, struct str line)
{
	if (str_starts(line, STR("(the message")) || str_starts(line, STR("(the rest")))
		told_message(g);
	else if (str_starts(line, STR("(the first line")))
		told_probe(g);
	else if (str_starts(line, STR("BDAT ")) && str_ends_same(line, STR(" LAST")))
		told_start(g, true);
	else if (!str_starts(line, STR("BDAT ")) && !str_eq(line, STR(".")))
		told_command(g, line);
}

/* A reply, to the oldest. Where there is none the engine ends the session. */
static void told_reply(struct game *g, bool good)
{
	struct hearing *h = &g->h;

	if (!h->count)
		return;
	struct open_command o = h->queue[h->head];
	h->head = (h->head + 1) % QUEUE_MAX;
	h->count--;
	if (!good)
		return;
	h->probe_ok = h->probe_ok || o.verb == VERB_PROBE;
	if (o.verb == VERB_RCPT && h->promises < RCPTS_MAX)
		h->rcpts_ok[h->promises++] = o.rcpt;
	if (o.verb != VERB_MESSAGE || !is_flushed(g))
		return;
	h->taken[o.rcpt] = h->taken[o.rcpt] || g->lmtp;
	for (size_t i = 0; !g->lmtp && i < h->promises; i++)
		h->taken[h->rcpts_ok[i]] = true;
}

static void spoke(void *ctx, bool server, struct str line)
{
	struct game *g = ctx;

	for (size_t i = 0; i < line.len; i++)
		claim(!chr_is_ctl(line.p[i]));
	claim(server || !memmem(line.p, line.len, "c2VjcmV0", 8));
	if (!server) {
		told(g, line);
	} else if (line.len < 4 || line.p[3] != '-') {
		g->server_replies++;
		told_reply(g, line.len && line.p[0] == '2');
	}
}

/* --- what goes out --- */

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

/* One line, without its end, is a command; a chunk may follow. */
static void check_line(struct game *g, struct str line)
{
	uint64_t n = 0;

	claim(line.len < 1000 && str_find(line, '\r') == line.len &&
		str_find(line, '\0') == line.len);
	g->commands++;
	if (!str_starts(line, STR("BDAT ")))
		return;
	line = str_from(line, strlen("BDAT "));
	claim(str_number(str_cut(&line, ' '), &n) && n);
	g->chunk_left = (size_t)n;
	if (str_eq(line, STR("LAST"))) {
		claim(!g->chunk_at || g->chunk_at == g->mail.probe.len);
		claim(g->chunk_at + n == g->message.len);
	} else {
		claim(!line.len && n == g->mail.probe.len);
		g->chunk_at = 0;
	}
}

/* RFC 3030 section 2: exactly the octets that were announced, as they are. */
static bool check_chunk(struct game *g, struct str rest)
{
	struct str part = str_head(rest, g->chunk_left);

	claim(str_eq(part, str_head(str_from(buf_str(&g->message), g->chunk_at), part.len)));
	g->chunk_at += part.len;
	g->chunk_left -= part.len;
	g->line_start += part.len;
	g->left = g->left || g->chunk_at > g->mail.probe.len;
	if (g->chunk_at == g->message.len)
		g->chunk_at = 0;
	return part.len;
}

static bool check_command(struct game *g, struct str rest)
{
	size_t lf = str_find(rest, '\n');

	if (lf == rest.len)
		return false;
	claim(lf > 0 && rest.p[lf - 1] == '\r');
	check_line(g, str_head(rest, lf - 1));
	g->line_start += lf + 1;
	return true;
}

/* What went out, as far as it can be understood. */
static void check_wire(struct game *g)
{
	struct str rest;
	bool more = true;

	while (more && !g->in_body) {
		rest = str_from(buf_str(&g->wire), g->line_start);
		more = g->chunk_left ? check_chunk(g, rest) : check_command(g, rest);
	}
	if (g->in_body && g->wire.len > g->line_start)
		g->left = true;
	if (g->in_body && g->ended && g->wire.len == g->end) {
		check_message(g, str_from(buf_str(&g->wire), g->line_start));
		g->line_start = g->wire.len;
		g->in_body = false;
		g->commands++;
	}
}

static void written(struct game *g, size_t n)
{
	struct str out = client_out(g->c);

	n = n < out.len ? n : out.len;
	buf_add(&g->wire, str_head(out, n));
	client_sent(g->c, n);
	check_wire(g);
}

static void flush(struct game *g)
{
	client_held(g->c, 0);
	g->flushed = g->wire.len;
}

static void hear(struct game *g, struct str bytes)
{
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
	enum client_auth_end end = op & 16   ? CLIENT_AUTH_ENDS
				   : op & 64 ? CLIENT_AUTH_MAY_END
					     : CLIENT_AUTH_GOES_ON;
	struct err e;

	err_set(&e, ERR_NOPERM, "no more mechanisms");
	if (op % 8 == 0) {
		client_auth_give_up(g->c, &e);
	} else if (client_auth_state(g->c) == CLIENT_AUTH_CHALLENGE) {
		claim(client_challenge(g->c).len < REPLY_MAX);
		client_auth_answer(g->c, op & 8 ? STR("c2VjcmV0") : STR(""), end);
	} else {
		buf_add(&secret, op & 8 ? STR("c2VjcmV0") : STR(""));
		client_auth(g->c, "PLAIN", op & 32 ? NULL : &secret, end);
	}
}

static void want_body(struct game *g, struct input *in)
{
	uint64_t at = client_body_at(g->c);
	struct str rest = str_from(buf_str(&g->message), (size_t)at);

	claim(!g->ended && at <= g->message.len && (g->h.data || g->h.bdat));
	if (g->h.data && !g->in_body) {
		claim(!at && !client_out(g->c).len && g->line_start == g->wire.len);
		g->in_body = true;
	}
	if (rest.len) {
		unsigned n = input_octet(in);
		struct str piece = str_head(rest, n ? n * n : 65536);
		size_t used = client_body(g->c, piece);
		claim(used > 0 && used <= piece.len && client_body_at(g->c) == at + used);
		at += used;
	} else {
		client_body_end(g->c);
	}
	g->ended = g->h.bdat ? at == g->message.len : !rest.len;
	if (g->ended)
		g->end = g->wire.len + client_out(g->c).len;
}

/* Whoever is told to have the message was promised it, and it was answered. */
static void check_fates(const struct game *g)
{
	for (size_t i = 0; i < g->env.count; i++) {
		const struct rcpt *r = &g->env.rcpts[i];
		claim((r->status == RCPT_REFUSED) == (r->refusal != NULL));
		claim(r->status != RCPT_ACCEPTED || g->h.taken[i]);
	}
}

static void check_accepted(const struct game *g)
{
	if (g->etrn)
		return;
	claim(envelope_tally(&g->env, RCPT_ACCEPTED) > 0);
	claim(envelope_tally(&g->env, RCPT_PENDING) + envelope_tally(&g->env, RCPT_OK) == 0);
}

static void check_result(const struct game *g)
{
	const struct client_result *r = client_result(g->c);

	check_fates(g);
	if (r->outcome == OUTCOME_ACCEPTED)
		check_accepted(g);
	else
		claim(r->err.kind != ERR_NONE && r->err.what[0]);
	if (r->outcome == OUTCOME_UNKNOWN)
		claim(is_flushed(g) && err_is_temporary(&r->err));
	if (client_chunking_failed(g->c)) {
		claim(r->outcome == OUTCOME_NOT_SENT && client_is_cut_short(g->c));
		claim(!client_pipelining_failed(g->c));
		claim(!envelope_tally(&g->env, RCPT_ACCEPTED));
	}
	if (client_pipelining_failed(g->c) && client_auth_state(g->c) == CLIENT_AUTH_REFUSED)
		claim(g->flights >= PIPELINE_TO_RCPT);
	else if (client_pipelining_failed(g->c))
		claim(g->flights == PIPELINE_TO_RCPT && !g->left);
}

/* A message that was cut off stays so. */
static void check_torn(struct game *g)
{
	size_t before = client_out(g->c).len;

	if (!client_is_cut_short(g->c))
		return;
	client_quit(g->c);
	claim(client_next(g->c) == CLIENT_DONE && client_out(g->c).len == before);
}

/* The message of this round, and what is known of it; or ETRN. */
static void begin(struct game *g, struct input *in)
{
	unsigned kind = input_octet(in), wishes = input_octet(in);
	struct str unit = kind & 1 ? STR("..\r\n.x\r\n") : STR("a line\r\n");

	g->sending = true;
	g->left = false;
	g->etrn = wishes == 0xff && client_next(g->c) == CLIENT_IDLE;
	memset(g->h.taken, 0, sizeof(g->h.taken));
	if (g->etrn) {
		envelope_reset(&g->env);
		client_etrn(g->c, "node.example");
		return;
	}
	buf_clear(&g->message);
	for (unsigned n = (kind >> 4) * (kind & 8 ? 1000 : 1); n; n--)
		buf_add(&g->message, unit);
	g->mail = (struct client_message) {
		.size = g->message.len,
		.chunked = g->chunked,
		.eightbit = kind & 2,
		.partial = kind & 4,
		.requiretls = wishes & 1,
		.smtputf8 = (wishes & 6) == 6 ? "recipient x" : NULL,
		.rcpt_max = wishes >> 3 & 3,
		.dsn = { .notify = wishes & 32 ? DSN_NEVER : DSN_DEFAULT,
			.returns = wishes & 64 ? DSN_RETURN_HEADERS : DSN_RETURN_DEFAULT,
			.envid = wishes & 128 ? "id" : NULL },
	};
	g->chunk_at = 0;
	size_t first = str_find(buf_str(&g->message), '\n') + 1;
	if (g->chunked && g->probing && first < g->message.len)
		g->mail.probe = str_head(buf_str(&g->message), first);
	client_send(g->c, &g->env, &g->mail);
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
		if (g->before_auth && !g->sending && *rounds && in->rest.len)
			return go_on(g, in, rounds);
		want_auth(g, in);
		return true;
	case CLIENT_BODY:
		if (input_octet(in) == 0xff)
			client_quit(g->c);
		want_body(g, in);
		return true;
	case CLIENT_DONE:
		check_result(g);
		check_torn(g);
		g->sending = false;
		return go_on(g, in, rounds);
	case CLIENT_IDLE:
		return go_on(g, in, rounds);
	default:
		claim(client_error(g->c)->what[0]);
		claim(client_error(g->c)->kind != ERR_NONE);
		return false;
	}
}

static void set_up_rcpts(struct game *g, unsigned n, bool null_sender)
{
	struct err e;
	char wire[40];

	envelope_from(&g->env, null_sender ? "" : "me@x.example");
	for (unsigned i = 0; i <= n; i++) {
		text_fmt(wire, sizeof(wire), "r%u@x.example", i);
		claim(envelope_add(&g->env, wire, &e));
	}
}

static void set_up(struct game *g, struct input *in)
{
	unsigned kind = input_octet(in), flights = input_octet(in);
	struct client_options options = {
		.helo = "me.example",
		.tls_active = kind & 1,
		.starttls = (kind & 3) == 2,
		.auth = kind & 4,
		.lmtp = flights & 4,
		.timeout = kind & 8 ? 10 : 0,
		.timeout_final = kind & 16 ? 20 : 0,
		.spoke = spoke,
		.spoke_ctx = g,
	};

	*g = (struct game) {
		.flights = flights % 4,
		.lmtp = options.lmtp,
		.before_auth = flights & 16,
		.chunked = flights & 8,
		.probing = flights & 32,
		.message = BUF_INIT(1 << 20),
		.wire = BUF_INIT(16 << 20),
	};
	set_up_rcpts(g, input_octet(in) % 5 * (kind & 64 ? 300 : 1), kind & 32);
	g->c = client_new(&options);
	client_pipeline(g->c, g->flights);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	static struct game g;
	unsigned rounds = 2;
	size_t steps = 0;

	set_up(&g, &in);
	while (step(&g, &in, &rounds))
		claim(++steps < 10000 + 64 * size);
	claim(!g.wire.over && !g.message.over);
	client_free(g.c);
	envelope_done(&g.env);
	buf_done(&g.message);
	buf_done(&g.wire);
	return 0;
}

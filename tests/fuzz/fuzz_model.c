/* SPDX-License-Identifier: MIT */
/*
 * The engine against a model of a server (smtpd.h), driven as session/session drives it.
 *
 * The input: HEAD octets of terms, offers and messages; then the moods of the server, a letter
 * each; behind the first '|' the way between the two: how much is written, held back in a layer,
 * read and delivered at each step. Where the input ends everything goes well and at once.
 *
 * Of a server that obeys: every session ends without waiting for what does not come; what the
 * ledger says and what the engine tells are the same for each recipient, but where the outcome was
 * told as unknown; statuses are of the class of what was said. Of any server: messages arrive whole
 * or not at all, and success has a 2yz that came after the last octet was with the kernel.
 *
 * The way to send is chosen as in session/chunking: whole chunks where the server is taken to know
 * BDAT, and a first line ahead where that is not known or a line looks like a command.
 *
 * With TRACE in the environment the conversation is printed.
 */
#include "smtpd.h"

#include "session/command_lines.h"

enum { HEAD = 8, VERDICT_BEFORE = 99 };

struct game {
	struct smtpd server;
	struct input moods, way;
	struct client_options options;
	struct client_message mail;
	struct envelope env;
	struct buf message;
	struct client *c;
	struct buf held; /* written, and not with the kernel */
	enum client_pipelining flights;
	bool plain_refused; /* the next mechanism is LOGIN */
	bool fell_back, eof;
	bool may_chunk, earned, by_data; /* by_data: connected once more, for DATA */
	bool smuggles;                   /* messages hold lines that are commands */
	struct command_lines lines;
	bool answered_before; /* an earlier transaction was answered with 2yz */
	bool last_left;       /* the message's last octet is with the kernel */
	size_t given_to;      /* octets written when the message had been given, 0: it was not */
	size_t written;       /* octets in this session */
	struct buf answered;  /* what was delivered since last_left */
	size_t told;          /* replies that the listener heard */
	size_t steps, steps_max;
	bool trace;
};

static void spoke(void *ctx, bool server, struct str line)
{
	struct game *g = ctx;

	if (g->trace)
		fprintf(stderr, "%c: %.*s\n", server ? 'S' : 'C', STR_ARG(line));
	claim(server || !memmem(line.p, line.len, "c2VjcmV0", 8));
	g->told += server && (line.len < 4 || line.p[3] != '-');
}

/* --- the way --- */

/* How much of n moves: all, or what the input says. */
static size_t portion(struct game *g, unsigned op, size_t n)
{
	size_t some = op & 1 ? input_octet(&g->way) * (op & 2 ? 97u : 1u) : n;

	return some < n ? some : n;
}

/* Writes to the layer, and from there to the kernel. */
static bool write_out(struct game *g, unsigned op)
{
	struct str out = client_out(g->c);
	size_t n = portion(g, op, out.len), flushed;

	buf_add(&g->held, str_head(out, n));
	client_sent(g->c, n);
	g->written += n;
	flushed = portion(g, op >> 2, g->held.len);
	buf_add(&g->server.up, str_head(buf_str(&g->held), flushed));
	buf_drop(&g->held, flushed);
	client_held(g->c, g->held.len);
	claim(!g->server.up.over && !g->held.over);
	g->last_left = g->given_to && g->written - g->held.len >= g->given_to;
	return n || flushed;
}

static bool deliver(struct game *g, unsigned op)
{
	struct smtpd *s = &g->server;
	size_t n = smtpd_has_replies(s) ? portion(g, op, s->back.len - s->back_at) : 0;
	struct str part = smtpd_deliver(s, n);

	if (g->last_left)
		buf_add(&g->answered, part);
	if (part.len)
		client_in(g->c, part);
	return part.len > 0;
}

/* Nothing moves any more: the end, or silence. */
static void stall(struct game *g)
{
	struct smtpd *s = &g->server;
	struct err e;

	claim(s->hurt || s->how.breaks);
	g->eof = true;
	if (s->state != SMTPD_CLOSED) {
		claim(client_timeout_ms(g->c) > 0);
		client_timed_out(g->c);
	} else if (s->reset) {
		err_set(&e, ERR_NETWORK, "reset");
		client_lost(g->c, &e);
	} else {
		client_eof(g->c);
	}
}

static bool move(struct game *g, unsigned op)
{
	bool wrote = write_out(g, op);
	bool worked = !(op & 64) && smtpd_work(&g->server);

	return deliver(g, op >> 4) || wrote || worked;
}

/* One step of the way; where the input wants none, all that there is. */
static void pump(struct game *g)
{
	if (!move(g, input_octet(&g->way)) && !move(g, 0))
		stall(g);
}

/* --- what the engine wants --- */

static void authenticate(struct game *g)
{
	struct buf secret CLEAN_UP(buf_done) = BUF_INIT(100);
	struct err e;

	if (client_auth_state(g->c) == CLIENT_AUTH_CHALLENGE) {
		client_auth_answer(g->c, STR("c2VjcmV0"), CLIENT_AUTH_ENDS);
		return;
	}
	buf_add(&secret, STR("c2VjcmV0"));
	if (client_auth_state(g->c) == CLIENT_AUTH_REFUSED && g->plain_refused) {
		e = *client_error(g->c);
		client_auth_give_up(g->c, &e);
	} else if (client_auth_state(g->c) == CLIENT_AUTH_REFUSED || g->plain_refused) {
		g->plain_refused = true;
		client_auth(g->c, "LOGIN", NULL, CLIENT_AUTH_GOES_ON);
	} else {
		client_auth(g->c, "PLAIN", &secret, CLIENT_AUTH_ENDS);
	}
}

/* Was a message of this submission answered with 2yz after its last octet had left? */
static bool was_answered(const struct game *g)
{
	struct str rest = buf_str(&g->answered);

	while (rest.len && !g->answered_before) {
		struct str line = str_cut(&rest, '\n');
		if (line.len >= 4 && line.p[0] == '2' && line.p[3] == ' ')
			return true;
	}
	return g->answered_before;
}

static void give_body(struct game *g)
{
	uint64_t at = client_body_at(g->c);
	struct str rest = str_from(buf_str(&g->message), (size_t)at);
	unsigned op = input_octet(&g->way);

	claim(at <= g->message.len);
	if (!rest.len) {
		client_body_end(g->c);
	} else {
		rest = str_head(rest, op ? op * op : 65536);
		claim(client_body(g->c, rest) > 0);
		claim(client_body_at(g->c) > at);
	}
	if (client_body_at(g->c) == g->message.len) { /* of DATA again, behind the dot */
		g->given_to = g->written + client_out(g->c).len;
		g->answered_before = was_answered(g);
		buf_clear(&g->answered);
		g->last_left = false;
	}
	if (client_out(g->c).len >= CLIENT_OUT / 2 || op & 1)
		pump(g);
}

/* Until the session has nothing to do, or AUTH is due that is not to be done. */
static enum client_want run(struct game *g, bool auth)
{
	for (;;) {
		enum client_want want = client_next(g->c);
		claim(++g->steps < g->steps_max);
		switch (want) {
		case CLIENT_IO:
			claim(!g->eof);
			pump(g);
			break;
		case CLIENT_TLS:
			claim(g->server.up_at == g->server.up.len && !g->held.len);
			g->server.in_tls = true;
			g->server.hello = g->server.extended = false;
			client_tls_done(g->c);
			break;
		case CLIENT_AUTH:
			if (!auth)
				return want;
			authenticate(g);
			break;
		case CLIENT_BODY:
			give_body(g);
			break;
		default:
			return want;
		}
	}
}

/* --- the claims --- */

/*
 * What the engine tells of each recipient is what the ledger says. Of those whose RCPT was not
 * answered one may have the message: a single one gets it in the group of MAIL and RCPT.
 */
static void check_ledger(const struct game *g, enum client_outcome outcome)
{
	size_t unanswered = 0;

	for (size_t i = 0; i < g->env.count; i++) {
		enum rcpt_status status = g->env.rcpts[i].status;
		unsigned taken = g->server.taken[i];
		claim((status == RCPT_REFUSED) == (g->env.rcpts[i].refusal != NULL));
		claim(taken <= 1);
		if (outcome != OUTCOME_UNKNOWN || status == RCPT_ACCEPTED || status == RCPT_REFUSED)
			claim(taken == (status == RCPT_ACCEPTED));
		else if (status == RCPT_PENDING)
			unanswered += taken;
	}
	claim(unanswered <= 1);
}

/* Only LMTP, and a later transaction, may end mixed. */
static void check_accepted(const struct game *g)
{
	const struct smtpd *s = &g->server;
	struct err mixed;
	const struct err *why = envelope_refusal(&g->env, &mixed);
	size_t accepted = envelope_tally(&g->env, RCPT_ACCEPTED);
	bool many = s->how.lmtp || s->transactions > 1;

	claim(accepted && accepted + envelope_tally(&g->env, RCPT_REFUSED) == g->env.count);
	claim(!why || many || (g->mail.partial && !err_is_temporary(why)));
	claim(verdict_get() == (why ? err_status(why) : EX_OK));
	claim(client_is_unauthenticated(g->c) <= s->auth_refused);
}

/* Why it was not: of the class of what the server has said, or has not. */
static void check_reason(const struct game *g, const struct err *why)
{
	const struct smtpd *s = &g->server;
	bool trouble = s->hurt || s->said_later || s->said_no || s->auth_refused;
	bool for_good = why->kind == ERR_DATA || why->kind == ERR_UNAVAILABLE;

	claim(err_status(why) != EX_OK && why->what[0]);
	claim(why->kind != ERR_PROTOCOL || why->reply >= 500);
	claim(trouble || (for_good && !s->transactions));
	claim(!for_good || s->said_no || !s->transactions);
}

static void check_refused(const struct game *g, const struct client_result *r)
{
	const struct smtpd *s = &g->server;
	bool mixed = envelope_tally(&g->env, RCPT_ACCEPTED) > 0, later = err_is_temporary(&r->err);

	check_reason(g, &r->err);
	switch (r->outcome) {
	case OUTCOME_UNKNOWN:
		/* With LMTP the lines that were read as commands may have had replies enough. */
		claim((s->hurt || (s->how.lmtp && s->how.lies.chunking)) && later);
		break;
	case OUTCOME_NOT_SENT:
		claim(s->hurt || s->auth_refused || s->greeting_refused || !s->transactions);
		claim(!mixed || later);
		break;
	default:
		claim(later ? s->said_later || mixed : s->said_no || !s->transactions);
	}
}

static void check(const struct game *g)
{
	const struct client_result *r = client_result(g->c);

	if (r->outcome == OUTCOME_ACCEPTED || envelope_tally(&g->env, RCPT_ACCEPTED))
		claim(was_answered(g));
	if (r->outcome == OUTCOME_ACCEPTED && g->server.how.breaks)
		claim(envelope_tally(&g->env, RCPT_ACCEPTED) > 0);
	if (g->server.how.breaks)
		return;
	check_ledger(g, r->outcome);
	if (r->outcome == OUTCOME_ACCEPTED)
		check_accepted(g);
	else
		check_refused(g, r);
}

/* A session that goes on has heard every reply once. */
static void check_count(const struct game *g)
{
	const struct smtpd *s = &g->server;

	if (!s->how.breaks && !client_error(g->c)->what[0])
		claim(g->told == s->replies && s->delivered == s->replies);
}

/* --- sessions and messages --- */

/* As politely as may be; then the server reads what has reached it. */
static void hang_up(struct game *g)
{
	if (!client_is_cut_short(g->c)) {
		client_quit(g->c);
		(void)client_next(g->c);
		(void)write_out(g, 0);
	}
	g->server.how.back_room = SIZE_MAX;
	while (smtpd_work(&g->server))
		continue;
}

static void part(struct game *g)
{
	client_free(g->c);
	g->c = NULL;
}

/* Up to the reply to EHLO; false if there is none that is good. */
static bool greet(struct game *g)
{
	smtpd_connect(&g->server);
	buf_clear(&g->held);
	g->eof = g->last_left = false;
	g->given_to = g->written = g->told = 0;
	g->c = client_new(&g->options);
	enum client_want want = run(g, false);
	if (want == CLIENT_IDLE || want == CLIENT_AUTH)
		return true;
	claim(want == CLIENT_CLOSED && client_error(g->c)->what[0]);
	claim(g->server.how.breaks || g->server.hurt || g->server.greeting_refused);
	part(g);
	return false;
}

/* As session/chunking has it. */
static void choose_chunking(struct game *g)
{
	struct str first;

	command_lines_done(&g->lines);
	command_lines_init(&g->lines);
	command_lines_feed(&g->lines, buf_str(&g->message));
	command_lines_end(&g->lines);
	first = buf_str(&g->lines.first);
	g->mail.chunked = g->may_chunk && !g->by_data && first.len && first.len < g->message.len;
	g->mail.probe = g->mail.chunked && (!g->earned || g->lines.found) ? first : STR("");
}

static void send_message(struct game *g)
{
	g->server.flights = g->flights;
	g->last_left = g->answered_before = false;
	g->given_to = 0;
	buf_clear(&g->answered);
	verdict_set(VERDICT_BEFORE);
	choose_chunking(g);
	smtpd_begin(&g->server, buf_str(&g->message), &g->mail, g->env.count);
	client_pipeline(g->c, g->flights);
	client_send(g->c, &g->env, &g->mail);
	claim(run(g, true) == CLIENT_DONE);
}

static bool may_go_by_data(const struct game *g)
{
	return client_chunking_failed(g->c) && !g->by_data;
}

/* As session_send() has it. */
static bool may_fall_back(const struct game *g)
{
	enum client_outcome outcome = client_result(g->c)->outcome;

	return client_pipelining_failed(g->c) && !g->fell_back && outcome != OUTCOME_ACCEPTED &&
	       outcome != OUTCOME_UNKNOWN;
}

/* Another connection, for DATA: not one recipient has got anything, nor will by what was sent. */
static bool go_by_data(struct game *g)
{
	const struct smtpd *s = &g->server;

	claim(g->mail.chunked && client_result(g->c)->outcome == OUTCOME_NOT_SENT);
	claim(client_is_cut_short(g->c));
	claim(s->how.breaks || s->hurt || s->how.no_bdat || s->how.lies.chunking);
	hang_up(g);
	for (size_t i = 0; i < g->env.count; i++)
		claim(s->how.breaks || !s->taken[i]);
	part(g);
	g->by_data = true;
	return greet(g);
}

/* Another connection, with less at once: not one recipient has got anything yet. */
static bool fall_back(struct game *g)
{
	const struct smtpd *s = &g->server;

	bool unsupported = client_auth_state(g->c) == CLIENT_AUTH_REFUSED;

	claim(g->flights == PIPELINE_TO_RCPT || (g->flights == PIPELINE_ALL && unsupported));
	claim(g->flights == PIPELINE_ALL || client_result(g->c)->outcome == OUTCOME_NOT_SENT);
	hang_up(g);
	for (size_t i = 0; i < g->env.count; i++)
		claim(!s->taken[i]);
	claim(s->how.breaks || s->hurt || s->how.lies.auth ||
		s->how.auth == SMTPD_AUTH_UNSUPPORTED);
	g->plain_refused = unsupported;
	part(g);
	g->flights = unsupported ? PIPELINE_BASIC : PIPELINE_OFF;
	g->fell_back = true;
	return greet(g);
}

/* One message, as session_send() does it; false: the session has ended. */
static bool deliver_one(struct game *g, bool last)
{
	send_message(g);
	while (may_go_by_data(g) || may_fall_back(g)) {
		if (!(may_go_by_data(g) ? go_by_data(g) : fall_back(g)))
			return false;
		send_message(g);
	}
	g->earned = g->earned || client_chunking_proved(g->c);
	bool over = last || client_error(g->c)->what[0];
	check_count(g);
	if (over)
		hang_up(g);
	check(g);
	if (over)
		part(g);
	return !over;
}

static void write_message(struct game *g, unsigned kind, unsigned number)
{
	struct str unit = kind & 1 ? STR("..\r\n.x\r\n") : STR("a line\r\n");
	size_t units = kind >> 4;

	if (kind & 8) /* the most of them are too long for one chunk */
		units = units == 15 ? CLIENT_CHUNK / 8 + 1 : units * 100;

	buf_clear(&g->message);
	if (kind & 2)
		buf_fmt(&g->message, ".message %u\r\n", number);
	for (size_t i = 0; i < units; i++)
		buf_add(&g->message, unit);
	if (g->smuggles)
		buf_add(&g->message,
			STR("RSET\r\nmail FROM:<me@x.example>\r\n\tRCPT TO:<r0@x.example>\r\n"
			    "DATA\r\nsmuggled\r\n.\r\n"));
	g->mail.size = g->message.len;
}

static void set_up_server(struct smtpd_manner *how, struct input *in)
{
	unsigned offers = ~input_octet(in), more = input_octet(in);
	static const size_t rooms[] = { SIZE_MAX, 0, 100, 2000 };

	how->pipelining = offers & 1;
	how->chunking = offers & 2;
	how->size = offers & 4;
	how->eightbit = offers & 8;
	how->dsn = offers & 16;
	how->requiretls = offers & 32;
	how->rcptmax = offers & 64;
	how->no_bdat = !(offers & 128);
	how->auth = (more & 15) % SMTPD_AUTH_COUNT;
	if (how->auth == SMTPD_AUTH_DEAF && !how->breaks)
		how->auth = SMTPD_AUTH_OK;
	how->back_room = rooms[more >> 4 & 3];
	how->most_rcpts = input_octet(in) % 8;
}

/* Few, or so many that they do not fit into one window; then the limits are larger, too. */
static void set_up_rcpts(struct game *g, unsigned rcpts)
{
	unsigned many = rcpts >> 4 == 15 ? 80 : 1;
	char wire[40];
	struct err e;

	g->server.how.most_rcpts *= many;
	g->mail.rcpt_max *= many;
	envelope_from(&g->env, "me@x.example");
	for (unsigned i = 0; i <= (rcpts & 15) * many; i++) {
		text_fmt(wire, sizeof(wire), "r%u@x.example", i);
		claim(envelope_add(&g->env, wire, &e));
	}
}

/* Returns what the messages are. */
static unsigned set_up(struct game *g, struct input *in)
{
	unsigned options = input_octet(in), flights = input_octet(in), rcpts, wishes, kind;
	struct smtpd_manner *how = &g->server.how;

	how->lmtp = options & 1;
	how->tls = options & 8;
	how->starttls = (options & 24) == 16;
	how->breaks = options & 32;
	g->flights = flights % 4;
	how->lies = (struct smtpd_lies) {
		.chunking = flights & 4,
		.first_good = flights & 8,
		.pipelining = flights & 16,
		.params = flights & 32,
		.auth = flights & 64,
		.starttls = flights & 128,
	};
	how->breaks = how->breaks || how->lies.pipelining || how->lies.first_good;
	set_up_server(how, in);
	rcpts = input_octet(in);
	wishes = input_octet(in);
	kind = input_octet(in);
	g->server.moods = &g->moods;
	g->server.wants_auth = options & 2;
	g->options = (struct client_options) {
		.helo = "me.example",
		.tls_active = how->tls,
		.starttls = how->starttls,
		.auth = options & 2,
		.lmtp = how->lmtp,
		.spoke = spoke,
		.spoke_ctx = g,
	};
	g->may_chunk = !(options & 4);
	g->earned = !(options & 64);
	g->smuggles = wishes & 64;
	g->mail = (struct client_message) {
		.eightbit = wishes & 1,
		.requiretls = wishes & 2,
		.partial = !(wishes & 4),
		.rcpt_max = wishes >> 4 & 3,
		.dsn = { .notify = wishes & 8 ? DSN_FAILURE : DSN_DEFAULT, .envid = "id" },
	};
	set_up_rcpts(g, rcpts & (kind & 8 ? 3 : 255));
	return kind;
}

/* How much may happen: every octet may have to move alone, twice. */
static void set_bounds(struct game *g, size_t size)
{
	g->steps_max = 20000 + 64 * size + 40 * g->env.count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input all = input_of(data, size), head = input_of(data, size < HEAD ? size : HEAD);
	static struct game g;

	g = (struct game) {
		.held = BUF_INIT(1 << 24),
		.message = BUF_INIT(1 << 20),
		.answered = BUF_INIT(1 << 24),
		.trace = getenv("TRACE"),
	};
	unsigned kind = set_up(&g, &head), rounds = kind & 4 ? 3 : 1;
	g.way.rest = str_from(all.rest, HEAD);
	g.moods.rest = str_cut(&g.way.rest, '|');
	set_bounds(&g, size);
	if (greet(&g)) {
		do
			write_message(&g, kind, rounds);
		while (deliver_one(&g, --rounds == 0));
	}
	envelope_done(&g.env);
	buf_done(&g.message);
	buf_done(&g.held);
	buf_done(&g.answered);
	command_lines_done(&g.lines);
	smtpd_done(&g.server);
	return 0;
}

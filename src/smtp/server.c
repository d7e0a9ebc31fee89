/* SPDX-License-Identifier: MIT */
#include "smtp/server.h"

#include "base/mem.h"
#include "mail/body.h"
#include "smtp/dot_stuffing.h"

enum { BODY_PIECE = 65536, GREETING_ROOM = 2 * SERVER_REPLY };

/* The state of the conversation. */
enum phase {
	PHASE_COMMANDS,
	PHASE_DATA,    /* the text after DATA, up to the lone dot */
	PHASE_CHUNK,   /* the octets after BDAT */
	PHASE_MESSAGE, /* the caller has the message and must answer it */
	PHASE_CLOSED,
};

enum line_end { LINE_END_UNKNOWN, LINE_END_LF, LINE_END_CRLF };

/* The state that a message, RSET or EHLO resets. */
struct exchange {
	bool mail_ok;       /* MAIL was accepted */
	bool begun;         /* DATA or BDAT was accepted */
	bool chunked, last; /* the message comes by BDAT; this chunk is the last one */
	bool unwanted;      /* the message is read and dropped; `refusal` is the answer */
	uint64_t left;      /* octets of the current chunk that have not come */
	struct unstuff unstuff;
	struct server_mail mail;
	struct server_command_fault refusal;
};

struct server {
	char *name;
	enum phase phase;
	enum line_end line_end;
	bool greeted; /* by EHLO or HELO */
	bool begin_due;
	bool too_long;  /* the current line is, and its beginning was dropped */
	size_t scanned; /* octets of `in` known to hold no end of a line */
	struct buf in, out, body;
	struct exchange x;
};

/* --- replies --- */

/* Replaces what is not printable ASCII: a reply line may hold nothing else. */
static void add_body_text(struct buf *line, struct str text)
{
	for (size_t i = 0; i < text.len && line->len < SERVER_REPLY - 2; i++)
		buf_char(line, text.p[i] >= ' ' && text.p[i] <= '~' ? text.p[i] : '?');
}

static void say(struct server *s, int code, const char *enhanced, const char *text)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(SERVER_REPLY);

	buf_fmt(&line, "%03d ", code);
	add_body_text(&line, str_of(enhanced));
	if (enhanced[0])
		buf_char(&line, ' ');
	add_body_text(&line, str_of(text));
	buf_add(&line, STR("\r\n"));
	buf_add(&s->out, buf_str(&line));
	must(!line.over && !s->out.over);
}

static void say_fault(struct server *s, const struct server_command_fault *fault)
{
	say(s, fault->code, fault->enhanced, fault->text);
}

static void reset(struct server *s)
{
	envelope_done(&s->x.mail.env);
	s->x = (struct exchange) { 0 };
	s->begin_due = false;
	buf_clear(&s->body);
}

static void close_with(struct server *s, int code, const char *enhanced, const char *text)
{
	say(s, code, enhanced, text);
	reset(s);
	s->phase = PHASE_CLOSED;
}

/* --- commands --- */

static void on_ehlo(struct server *s, struct str args)
{
	static const char *const keywords[] = { "PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN",
		"CHUNKING" };

	if (!args.len) {
		say(s, 501, "5.5.4", "the form is EHLO name");
		return;
	}
	reset(s);
	s->greeted = true;
	buf_fmt(&s->out, "250-%s\r\n", s->name);
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
		buf_fmt(&s->out, "250-%s\r\n", keywords[i]);
	say(s, 250, "", "ENHANCEDSTATUSCODES");
}

static void on_helo(struct server *s, struct str args)
{
	if (!args.len) {
		say(s, 501, "5.5.4", "the form is HELO name");
		return;
	}
	reset(s);
	s->greeted = true;
	say(s, 250, "", s->name);
}

static void on_mail(struct server *s, struct str args)
{
	struct server_command_mail mail;
	struct server_command_fault fault;

	if (!s->greeted || s->x.mail_ok) {
		say(s, 503, "5.5.1", s->greeted ? "there is a sender already" : "EHLO comes first");
		return;
	}
	if (!server_command_mail(args, &mail, &fault)) {
		say_fault(s, &fault);
		return;
	}
	s->x.mail_ok = true;
	s->x.mail = (struct server_mail) {
		.eightbit = mail.eightbit,
		.smtputf8 = mail.smtputf8,
		.returns = mail.returns,
	};
	text_fmt(s->x.mail.envid, sizeof(s->x.mail.envid), "%s", mail.envid);
	envelope_from(&s->x.mail.env, mail.from);
	say(s, 250, "2.1.0", "the sender's address is good");
}

static void on_rcpt(struct server *s, struct str args)
{
	struct server_command_rcpt rcpt;
	struct server_command_fault fault;
	struct err ignored;

	if (!s->x.mail_ok || s->x.begun) {
		say(s, 503, "5.5.1", s->x.begun ? "the message has begun" : "MAIL comes first");
		return;
	}
	if (!server_command_rcpt(args, s->x.mail.smtputf8, &rcpt, &fault)) {
		say_fault(s, &fault);
		return;
	}
	struct envelope *env = &s->x.mail.env;
	size_t count = env->count;
	if (!envelope_add(env, rcpt.to, &ignored)) {
		say(s, 452, "4.5.3", "too many recipients");
		return;
	}
	struct dsn_rcpt asked = { rcpt.notify, rcpt.orcpt[0] ? rcpt.orcpt : NULL };
	if (env->count > count) /* if named twice, the first options count */
		rcpt_ask(&env->rcpts[count], &asked);
	say(s, 250, "2.1.5", "the recipient's address is good");
}

/* Whether text may come now; if not, the refusal was sent. */
static bool may_begin(struct server *s)
{
	if (s->x.mail_ok && s->x.mail.env.count)
		return true;
	if (s->x.mail_ok)
		say(s, 554, "5.5.1", "there is no recipient");
	else
		say(s, 503, "5.5.1", "MAIL comes first");
	return false;
}

static void begin_transaction(struct server *s)
{
	s->begin_due = !s->x.begun;
	s->x.begun = true;
}

static void on_data(struct server *s, struct str args)
{
	if (args.len) {
		say(s, 501, "5.5.4", "DATA has no argument");
	} else if (s->x.chunked) {
		say(s, 503, "5.5.1", "the message came by BDAT");
	} else if (may_begin(s)) {
		begin_transaction(s);
		s->x.unstuff = (struct unstuff) { .lf = s->line_end == LINE_END_LF };
		s->phase = PHASE_DATA;
		say(s, 354, "", "the message, then a line with a dot alone");
	}
}

static void on_bdat(struct server *s, struct str args)
{
	if (!server_command_bdat(args, &s->x.left, &s->x.last)) {
		close_with(s, 501, "5.5.4", "the form is BDAT size [LAST]; closing");
		return;
	}
	s->phase = PHASE_CHUNK;
	if (s->x.mail_ok && s->x.mail.env.count) {
		s->x.chunked = true;
		begin_transaction(s);
	}
}

static void on_vrfy(struct server *s, struct str args)
{
	if (args.len)
		say(s, 252, "2.0.0", "addresses are not verified here; mail is tried");
	else
		say(s, 501, "5.5.4", "the form is VRFY address");
}

static void on_simple(struct server *s, enum server_command_verb verb)
{
	switch (verb) {
	case SERVER_COMMAND_RSET:
		reset(s);
		say(s, 250, "2.0.0", "forgotten");
		break;
	case SERVER_COMMAND_NOOP:
		say(s, 250, "2.0.0", "here");
		break;
	case SERVER_COMMAND_HELP:
		say(s, 214, "2.0.0", "EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT");
		break;
	case SERVER_COMMAND_QUIT:
		close_with(s, 221, "2.0.0", "bye");
		break;
	case SERVER_COMMAND_NOT_HERE:
		say(s, 502, "5.5.1", "this command is not for here");
		break;
	default:
		say(s, 500, "5.5.1", "no such command");
	}
}

static void run_command(struct server *s, struct str line)
{
	struct str args;
	enum server_command_verb verb = server_command_verb(line, &args);

	switch (verb) {
	case SERVER_COMMAND_EHLO:
		on_ehlo(s, args);
		break;
	case SERVER_COMMAND_HELO:
		on_helo(s, args);
		break;
	case SERVER_COMMAND_MAIL:
		on_mail(s, args);
		break;
	case SERVER_COMMAND_RCPT:
		on_rcpt(s, args);
		break;
	case SERVER_COMMAND_DATA:
		on_data(s, args);
		break;
	case SERVER_COMMAND_BDAT:
		on_bdat(s, args);
		break;
	case SERVER_COMMAND_VRFY:
		on_vrfy(s, args);
		break;
	default:
		on_simple(s, verb);
	}
}

/* --- lines --- */

/* How many octets of `in` the first line has, with its end; 0 if its end has not come. */
static size_t find_line(struct server *s)
{
	struct str in = buf_str(&s->in);
	size_t from = s->scanned;

	for (;;) {
		size_t n = from + str_find(str_from(in, from), '\n');
		if (n >= in.len)
			break;
		bool cr = n && in.p[n - 1] == '\r';
		if (s->line_end == LINE_END_UNKNOWN)
			s->line_end = cr ? LINE_END_CRLF : LINE_END_LF;
		if (cr || s->line_end == LINE_END_LF)
			return n + 1;
		from = n + 1;
	}
	s->scanned = in.len;
	return 0;
}

/* The line without its end, and without a CR there even if lines end in LF. */
static struct str without_end(struct str line)
{
	return str_chop(str_chop(line, '\n'), '\r');
}

/* False: the next line is not complete yet. */
static bool take_command_line(struct server *s)
{
	size_t n = find_line(s);
	struct str line = without_end(str_head(buf_str(&s->in), n));

	if (!n && s->in.len > SERVER_LINE + 1) { /* a CR may be there already */
		s->too_long = true;
		buf_drop(&s->in, s->in.len - 1); /* it may be the CR of the end */
		s->scanned = s->in.len;
	}
	if (!n)
		return false;
	if (s->too_long || line.len > SERVER_LINE)
		say(s, 500, "5.5.2", "the line is too long");
	else if (str_has_ctl(line))
		say(s, 500, "5.5.2", "a control character in a command");
	else
		run_command(s, line);
	s->too_long = false;
	s->scanned = 0;
	buf_drop(&s->in, n);
	return true;
}

/* --- the message --- */

/* The whole message was read: the caller must answer it, or its refusal is sent. */
static void end_message(struct server *s)
{
	if (!s->x.unwanted) {
		s->phase = PHASE_MESSAGE;
		return;
	}
	say_fault(s, &s->x.refusal);
	reset(s);
	s->phase = PHASE_COMMANDS;
}

static void end_chunk(struct server *s)
{
	s->phase = PHASE_COMMANDS;
	if (!s->x.chunked) { /* there is no transaction to take the chunk */
		(void)may_begin(s);
	} else if (s->x.last || s->x.unwanted) {
		end_message(s);
	} else {
		say(s, 250, "2.0.0", "go on");
	}
}

static void take_message_text(struct server *s)
{
	struct str in = buf_str(&s->in);

	if (s->phase == PHASE_DATA) {
		buf_drop(&s->in, unstuff_feed(&s->x.unstuff, in, &s->body));
		return;
	}
	if (in.len > s->x.left)
		in.len = (size_t)s->x.left;
	in = str_head(in, buf_room(&s->body));
	buf_add(&s->body, in);
	s->x.left -= in.len;
	buf_drop(&s->in, in.len);
}

/* False: more input is needed, or the caller must take the body. */
static bool go_on_with_text(struct server *s)
{
	take_message_text(s);
	if (s->x.unwanted || !s->x.begun)
		buf_clear(&s->body);
	if (s->body.len)
		return false;
	if (s->phase == PHASE_DATA && s->x.unstuff.ended) {
		end_message(s);
		return true;
	}
	if (s->phase == PHASE_CHUNK && !s->x.left) {
		end_chunk(s);
		return true;
	}
	return s->in.len > 0;
}

/* --- the door --- */

struct server *server_new(const char *name)
{
	struct server *s = mem_alloc(sizeof(*s));

	*s = (struct server) {
		.name = mem_str(name),
		.in = BUF_INIT(SERVER_IN),
		.out = BUF_INIT(SERVER_OUT),
		.body = BUF_INIT(BODY_PIECE),
	};
	buf_fmt(&s->out, "220 %s ESMTP postrider\r\n", name);
	return s;
}

void server_free(struct server *s)
{
	if (!s)
		return;
	reset(s);
	buf_done(&s->in);
	buf_done(&s->out);
	buf_done(&s->body);
	mem_free(s->name);
	mem_free(s);
}

/* What to ask for when nothing more can be done without the caller. */
static enum server_want wait_for_more(const struct server *s)
{
	if (s->body.len)
		return SERVER_BODY;
	if (s->out.len)
		return SERVER_WRITE;
	switch (s->phase) {
	case PHASE_MESSAGE:
		return SERVER_MESSAGE;
	case PHASE_CLOSED:
		return SERVER_CLOSED;
	default:
		return SERVER_READ;
	}
}

enum server_want server_next(struct server *s)
{
	bool more = true;

	while (more && buf_room(&s->out) >= GREETING_ROOM && !s->body.len) {
		if (s->begin_due) {
			s->begin_due = false;
			return SERVER_BEGIN;
		}
		if (s->phase == PHASE_COMMANDS)
			more = take_command_line(s);
		else if (s->phase == PHASE_DATA || s->phase == PHASE_CHUNK)
			more = go_on_with_text(s);
		else
			more = false;
	}
	return wait_for_more(s);
}

size_t server_room(const struct server *s)
{
	return buf_room(&s->in);
}

void server_in(struct server *s, struct str bytes)
{
	buf_add(&s->in, bytes);
	must(!s->in.over);
}

bool server_is_inside(const struct server *s)
{
	return s->x.begun && s->phase != PHASE_MESSAGE && s->phase != PHASE_CLOSED;
}

void server_eof(struct server *s)
{
	reset(s);
	s->phase = PHASE_CLOSED;
}

void server_timed_out(struct server *s)
{
	close_with(s, 421, "4.4.2", "no command for five minutes; closing");
}

void server_shut_down(struct server *s)
{
	close_with(s, 421, "4.3.2", "the service is ending; closing");
}

struct str server_out(const struct server *s)
{
	return buf_str(&s->out);
}

void server_written(struct server *s, size_t n)
{
	buf_drop(&s->out, n);
}

const struct server_mail *server_mail(const struct server *s)
{
	return &s->x.mail;
}

struct str server_body(const struct server *s)
{
	return buf_str(&s->body);
}

void server_body_taken(struct server *s)
{
	buf_clear(&s->body);
}

void server_answer(struct server *s, int code, const char *enhanced, const char *text)
{
	must(s->phase == PHASE_MESSAGE);
	say(s, code, enhanced, text);
	reset(s);
	s->phase = PHASE_COMMANDS;
}

void server_refuse(struct server *s, int code, const char *enhanced, const char *text)
{
	must(s->x.begun && s->phase != PHASE_MESSAGE);
	if (s->x.unwanted)
		return;
	s->x.unwanted = true;
	server_command_set_fault(&s->x.refusal, code, enhanced, text);
	buf_clear(&s->body);
}

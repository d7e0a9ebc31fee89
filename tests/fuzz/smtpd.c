/* SPDX-License-Identifier: MIT */
#include "smtpd.h"

enum { LINE_MAX_OCTETS = 1000, OUTSTANDING_MAX = CLIENT_AWAITED_MAX, UP_READ = 1 << 16 };

/* What holds for a client as long as its server obeys. */
#define judge(s, cond) claim((s)->how.breaks || (cond))

/* What becomes of a command, as a letter; 'k': nothing special. */
static char mood(struct smtpd *s)
{
	const char *known = s->how.breaks ? "lnbtcorzqfxmpdgea" : "lnbtcorzqf";

	if (!s->moods->rest.len)
		return 'k';
	char letter = (char)('a' - 1 + (input_octet(s->moods) & 31));
	return strchr(known, letter) ? letter : 'k';
}

static void put(struct smtpd *s, const char *text)
{
	s->replies++;
	if (s->mute)
		return;
	buf_add(&s->back, str_of(text));
	buf_add(&s->back, STR("\r\n"));
	claim(!s->back.over);
}

static void put_later(struct smtpd *s, const char *text)
{
	s->said_later = true;
	put(s, text);
}

static void put_no(struct smtpd *s, const char *text)
{
	s->said_no = true;
	put(s, text);
}

static void shut(struct smtpd *s)
{
	s->closing = s->hurt = true;
}

/* Ways to break the RFCs; the command itself is carried out. */
static void answer_oddly(struct smtpd *s, char m, const char *ok)
{
	switch (m) {
	case 'x':
		put(s, ok);
		put(s, ok);
		break;
	case 'm':
		break;
	case 'p':
		put(s, "250 2.0.0 unasked");
		put(s, ok);
		break;
	case 'd':
		put(s, "250-yes\r\n550 no");
		break;
	case 'g':
		buf_add(&s->back, str_of(ok));
		break;
	case 'e':
		put(s, "250 2.0.0 odd");
		break;
	default:
		put(s, "334 YQ==");
	}
}

/* The reply in the mood m; true if the command is carried out. */
static bool answer(struct smtpd *s, char m, const char *ok)
{
	switch (m) {
	case 'k':
	case 'f':
	case 't':
		put(s, ok);
		return true;
	case 'l':
		put_later(s, "451 4.3.0 later");
		return false;
	case 'n':
		put_no(s, "554 5.7.0 no");
		return false;
	case 'b':
		put_later(s, "421 4.3.2 bye");
		shut(s);
		return false;
	case 'c':
		shut(s);
		return false;
	case 'o':
	case 'r':
		put(s, ok);
		shut(s);
		s->reset = m == 'r';
		return true;
	case 'q':
		s->mute = s->hurt = true;
		put(s, ok);
		return true;
	case 'z':
		s->frozen = s->hurt = true;
		return false;
	default:
		answer_oddly(s, m, ok);
		return true;
	}
}

static bool respond(struct smtpd *s, const char *ok)
{
	return answer(s, mood(s), ok);
}

/* Nothing may follow before the client has got all that was said. */
static void set_barrier(struct smtpd *s)
{
	s->barrier = s->replies;
}

/* --- commands --- */

static void forget_transaction(struct smtpd *s)
{
	s->in_mail = s->chunked = s->with_auth = s->probed = false;
	s->named = s->rcpts_ok = 0;
}

static void on_ehlo(struct smtpd *s, struct str arg)
{
	const struct smtpd_manner *how = &s->how;
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(1000);

	judge(s, arg.len && !s->hello);
	buf_fmt(&text, "250-model%s%s%s%s%s%s", how->pipelining ? "\r\n250-PIPELINING" : "",
		how->chunking ? "\r\n250-CHUNKING" : "", how->size ? "\r\n250-SIZE 900000" : "",
		how->eightbit ? "\r\n250-8BITMIME" : "", how->dsn ? "\r\n250-DSN" : "",
		how->requiretls ? "\r\n250-REQUIRETLS" : "");
	if (how->rcptmax && how->most_rcpts)
		buf_fmt(&text, "\r\n250-LIMITS RCPTMAX=%u", how->most_rcpts);
	if (how->starttls && !s->in_tls)
		buf_add(&text, STR("\r\n250-STARTTLS"));
	buf_add(&text, STR("\r\n250 AUTH PLAIN LOGIN"));
	s->hello = s->extended = respond(s, buf_text(&text));
	s->greeting_refused = !s->hello;
	set_barrier(s);
}

static void on_helo(struct smtpd *s, struct str arg)
{
	judge(s, arg.len && !s->hello && !s->how.lmtp);
	s->hello = respond(s, "250 model");
	set_barrier(s);
}

static void on_starttls(struct smtpd *s, struct str arg)
{
	judge(s, !arg.len && s->extended && s->how.starttls && !s->in_tls);
	if (s->how.lies.starttls) {
		s->greeting_refused = true;
		put_no(s, "502 5.5.1 what");
		return;
	}
	s->greeting_refused = !respond(s, "220 go");
	set_barrier(s);
}

static void refuse_auth(struct smtpd *s, const char *reply)
{
	s->auth_refused = true;
	s->state = SMTPD_COMMAND;
	(reply[0] == '4' ? put_later : put_no)(s, reply);
}

static void judge_password(struct smtpd *s, bool plain)
{
	static const char *const refusals[SMTPD_AUTH_COUNT] = {
		[SMTPD_AUTH_WRONG] = "535 5.7.8 wrong",
		[SMTPD_AUTH_UNNEEDED] = "535 5.7.8 wrong",
		[SMTPD_AUTH_UNSUPPORTED] = "504 5.5.4 not here",
		[SMTPD_AUTH_LATER] = "454 4.7.0 later",
	};
	enum smtpd_auth auth = s->how.auth;

	s->state = SMTPD_COMMAND;
	if (refusals[auth] && (plain || auth != SMTPD_AUTH_UNSUPPORTED)) {
		refuse_auth(s, refusals[auth]);
		return;
	}
	s->authed = respond(s, "235 2.7.0 yes");
	s->auth_refused = s->auth_refused || (!s->authed && !s->hurt);
	if (auth == SMTPD_AUTH_DEAF)
		s->up_at = s->up.len;
}

static void on_auth(struct smtpd *s, struct str arg)
{
	judge(s, s->extended && !s->authed && !s->in_mail);
	judge(s, !s->auth_refused || s->how.auth == SMTPD_AUTH_UNSUPPORTED);
	s->auth_at = s->replies + 1;
	if (s->how.lies.auth) {
		refuse_auth(s, "502 5.5.1 what");
		return;
	}
	if (str_eq(arg, STR("LOGIN"))) {
		s->state = SMTPD_ANSWER;
		s->auth_step = 1;
		put(s, "334 VXNlcm5hbWU6");
		set_barrier(s);
		return;
	}
	judge(s, str_eq(arg, STR("PLAIN c2VjcmV0")));
	judge_password(s, true);
	if (s->flights < PIPELINE_TO_RCPT)
		set_barrier(s);
}

/* A line of LOGIN. */
static void on_answer(struct smtpd *s, struct str line)
{
	judge(s, s->delivered >= s->barrier);
	if (str_eq(line, STR("*"))) {
		refuse_auth(s, "501 5.7.0 cancelled");
	} else if (s->auth_step++ == 1) {
		put(s, "334 UGFzc3dvcmQ6");
	} else {
		judge_password(s, false);
	}
	s->auth_at = s->replies;
	set_barrier(s);
}

/* Only what was offered, and only what was asked for. */
static void judge_mail_params(struct smtpd *s, struct str params)
{
	for (struct str word = str_word(&params); word.len; word = str_word(&params)) {
		if (str_starts(word, STR("SIZE=")))
			judge(s, s->extended && s->how.size);
		else if (str_eq(word, STR("BODY=8BITMIME")))
			judge(s, s->extended && s->how.eightbit && s->mail->eightbit);
		else if (str_eq(word, STR("REQUIRETLS")))
			judge(s, s->extended && s->how.requiretls && s->in_tls &&
					 s->mail->requiretls);
		else
			judge(s, s->extended && s->how.dsn &&
					 (str_starts(word, STR("RET=")) ||
						 str_starts(word, STR("ENVID="))));
	}
}

static bool needs_auth(const struct smtpd *s)
{
	return s->wants_auth && !s->authed && s->how.auth != SMTPD_AUTH_UNNEEDED;
}

static void on_mail(struct smtpd *s, struct str arg)
{
	struct str address = str_cut(&arg, ' ');

	judge(s, s->hello && !s->in_mail && !s->must_reset);
	judge(s, str_eq(address, STR("FROM:<me@x.example>")));
	judge_mail_params(s, arg);
	judge(s, !s->wants_auth || s->auth_at);
	forget_transaction(s);
	s->transactions++;
	s->with_auth = s->wants_auth && s->delivered < s->auth_at;
	judge(s, !s->with_auth || s->flights >= PIPELINE_TO_RCPT);
	if (needs_auth(s))
		put_no(s, "530 5.7.0 authenticate first");
	else if (s->how.lies.params && arg.len)
		put_no(s, "555 5.5.4 what");
	else
		s->in_mail = respond(s, "250 2.1.0 ok");
}

/* The position in the envelope, as the address tells it. */
static size_t rcpt_of(struct smtpd *s, struct str address)
{
	uint64_t n = 0;

	claim(str_starts(address, STR("TO:<r")));
	address = str_from(address, 5);
	claim(str_number(str_cut(&address, '@'), &n) && n < s->count);
	return (size_t)n;
}

static bool is_full(const struct smtpd *s)
{
	return s->how.most_rcpts && s->rcpts_ok >= s->how.most_rcpts;
}

static void on_rcpt(struct smtpd *s, struct str arg)
{
	struct str address = str_cut(&arg, ' ');
	size_t i = rcpt_of(s, address);

	judge(s, s->transactions && s->named_in[i] != s->transactions && !s->must_reset);
	judge(s, !arg.len || (s->how.dsn && s->extended));
	s->named_in[i] = s->transactions;
	s->named++;
	judge(s, !s->how.rcptmax || !s->extended || !is_full(s));
	judge(s, !s->mail->rcpt_max || s->named <= s->mail->rcpt_max);
	if (!s->in_mail) {
		put_no(s, "503 5.5.1 MAIL first");
		return;
	}
	if (s->how.lies.params && arg.len) {
		put_no(s, "555 5.5.4 what");
		return;
	}
	char m = mood(s);
	if (m != 't' && !is_full(s)) {
		if (answer(s, m, "250 2.1.5 ok"))
			s->rcpts[s->rcpts_ok++] = (uint32_t)i;
	} else if (s->rcpts_ok) {
		put(s, "452 4.5.3 too many");
	} else {
		put_later(s, "452 4.5.3 too many");
	}
}

/* The message follows, or is announced. */
static void judge_message_time(struct smtpd *s)
{
	judge(s, s->transactions && !s->chunked && !s->must_reset);
	if (s->probed || (s->with_auth && s->flights != PIPELINE_ALL))
		judge(s, s->delivered == s->replies);
	if (s->probed)
		return;
	s->at = 0;
	s->same = true;
	s->place = SMTPD_LINE_START;
	s->asked_midway = false;
}

static void on_data(struct smtpd *s, struct str arg)
{
	char m;

	judge(s, !arg.len && !s->probed);
	judge_message_time(s);
	m = mood(s);
	if (!s->rcpts_ok && m != 'f')
		put_no(s, "503 5.5.1 RCPT first");
	else if (answer(s, m, "354 go"))
		s->state = SMTPD_DATA;
	set_barrier(s);
}

/* It is unknown here: what follows is read as lines, which must not be commands. */
static void lie_about_chunk(struct smtpd *s, uint64_t n, bool last)
{
	s->probed = !last;
	s->at = last ? 0 : (size_t)n;
	s->stray = n > s->thrown ? n - s->thrown : 0;
	s->must_reset = true;
	if (s->how.lies.first_good)
		put(s, "250 2.0.0 ok");
	else
		put_no(s, "500 5.5.1 what");
	set_barrier(s);
}

static void on_bdat(struct smtpd *s, struct str arg)
{
	uint64_t n = 0;

	claim(str_number(str_cut(&arg, ' '), &n) && n);
	claim(!arg.len || str_eq(arg, STR("LAST")));
	judge(s, s->extended && s->how.chunking);
	claim(n == (arg.len ? s->message.len - (s->probed ? s->at : 0) : s->mail->probe.len));
	if (arg.len)
		judge_message_time(s);
	else
		judge(s, s->transactions && !s->probed && !s->must_reset);
	if (s->how.lies.chunking) {
		lie_about_chunk(s, n, arg.len);
		return;
	}
	s->at = s->probed ? s->at : 0;
	s->same = s->same || !s->probed;
	s->asked_midway = !arg.len;
	s->chunked = arg.len;
	s->probed = true;
	s->state = SMTPD_CHUNK;
	s->left = n;
}

static void on_rset(struct smtpd *s, struct str arg)
{
	judge(s, !arg.len);
	forget_transaction(s);
	s->must_reset = false;
	(void)respond(s, "250 2.0.0 forgotten");
}

static void on_quit(struct smtpd *s, struct str arg)
{
	judge(s, !arg.len);
	put(s, "221 2.0.0 bye");
	s->closing = true;
}

static const struct {
	const char *name;
	void (*on)(struct smtpd *s, struct str arg);
} commands[] = {
	{ "EHLO", on_ehlo },
	{ "LHLO", on_ehlo },
	{ "HELO", on_helo },
	{ "STARTTLS", on_starttls },
	{ "AUTH", on_auth },
	{ "MAIL", on_mail },
	{ "RCPT", on_rcpt },
	{ "DATA", on_data },
	{ "BDAT", on_bdat },
	{ "RSET", on_rset },
	{ "QUIT", on_quit },
};

/* A line of the message where a command is due. */
static void on_stray(struct smtpd *s, struct str line)
{
	struct str name = str_cut(&line, ' ');

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		claim(!str_same(name, str_of(commands[i].name)));
	put_no(s, "500 5.5.2 what");
}

static void judge_group(struct smtpd *s)
{
	size_t outstanding = s->replies - s->delivered + 1;

	judge(s, s->delivered >= s->barrier);
	judge(s, outstanding <= OUTSTANDING_MAX);
	if (!s->how.pipelining || !s->extended || s->flights == PIPELINE_OFF)
		judge(s, outstanding == 1);
}

static void obey(struct smtpd *s, struct str line)
{
	struct str arg = line, name = str_cut(&arg, ' ');

	judge_group(s);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (str_eq(name, str_of(commands[i].name))) {
			commands[i].on(s, arg);
			return;
		}
	}
	judge(s, false);
	put_no(s, "500 5.5.1 what");
}

static bool read_line(struct smtpd *s)
{
	struct str rest = str_from(buf_str(&s->up), s->up_at);
	size_t lf = str_find(rest, '\n');

	if (lf == rest.len)
		return false;
	bool is_command = lf > 0 && rest.p[lf - 1] == '\r' && lf < LINE_MAX_OCTETS;
	judge(s, is_command);
	struct str line = str_head(rest, is_command ? lf - 1 : lf);
	claim(!is_command ||
		(str_find(line, '\r') == line.len && str_find(line, '\0') == line.len));
	s->up_at += lf + 1;
	if (s->stray || !is_command) { /* without stray: of a chunk whose command was thrown away */
		s->stray -= s->stray < lf + 1 ? s->stray : lf + 1;
		on_stray(s, line);
		return true;
	}
	if (s->how.lies.pipelining) {
		struct str behind = str_from(buf_str(&s->up), s->up_at);
		size_t last = str_rfind(behind, '\n');
		s->thrown = last < behind.len ? last + 1 : 0;
		s->up_at += s->thrown;
	}
	if (s->state == SMTPD_ANSWER)
		on_answer(s, line);
	else
		obey(s, line);
	return true;
}

/* --- the message --- */

static void take(struct smtpd *s, size_t i)
{
	if (s->whole)
		s->taken[i]++;
}

/* RFC 2033 section 4.2: a reply for each. */
static void end_for_each(struct smtpd *s, const char *refusal)
{
	for (size_t i = 0; i < s->rcpts_ok && !s->closing && !s->frozen; i++) {
		if (refusal)
			put_no(s, refusal);
		else if (respond(s, "250 2.0.0 delivered"))
			take(s, s->rcpts[i]);
	}
}

static void end_message(struct smtpd *s)
{
	const char *refusal = s->chunked && s->how.no_bdat ? "502 5.5.1 no BDAT" : NULL;

	s->state = SMTPD_COMMAND;
	s->must_reset = s->chunked;
	if (!s->rcpts_ok) {
		put_no(s, s->chunked ? "503 5.5.1 RCPT first" : "554 5.5.1 no recipients");
	} else if (s->how.lmtp) {
		end_for_each(s, refusal);
	} else if (refusal) {
		put_no(s, refusal);
	} else if (respond(s, "250 2.0.0 queued")) {
		s->must_reset = false;
		for (size_t i = 0; i < s->rcpts_ok; i++)
			take(s, s->rcpts[i]);
	}
	s->must_reset = s->must_reset && !s->how.lmtp;
	forget_transaction(s);
	set_barrier(s);
}

/* The message has come: not one octet less, whatever the server is. */
static void check_whole(struct smtpd *s)
{
	s->whole = s->same && s->at == s->message.len;
	claim(s->whole || !s->at);
	judge(s, s->whole || !s->rcpts_ok);
	end_message(s);
}

/* The first line has come, and is no message. */
static void end_first_chunk(struct smtpd *s)
{
	s->state = SMTPD_COMMAND;
	set_barrier(s);
	s->barrier++;
	if (s->how.no_bdat)
		put_no(s, "502 5.5.1 no BDAT");
	else if (!s->rcpts_ok)
		put_no(s, "503 5.5.1 RCPT first");
	else if (respond(s, "250 2.0.0 octets"))
		return;
	s->must_reset = true;
}

/* What it does in the middle of a message. */
static void ask_midway(struct smtpd *s)
{
	char m;

	if (s->asked_midway || s->at * 2 < s->message.len)
		return;
	s->asked_midway = true;
	m = mood(s);
	if (m == 'l' || m == 'n') {
		(m == 'l' ? put_later : put_no)(s, m == 'l' ? "452 4.3.1 full" : "552 5.3.4 big");
		shut(s);
	} else if (m == 'p') {
		put(s, "250 2.0.0 premature");
	} else if (strchr("bcrzq", m)) {
		(void)answer(s, m, "");
	}
}

static void keep(struct smtpd *s, char c)
{
	s->same = s->same && s->at < s->message.len && s->message.p[s->at] == c;
	s->at++;
	s->place = c == '\r' ? SMTPD_LINE_CR : c == '\n' ? SMTPD_LINE_START : SMTPD_LINE_INSIDE;
}

/* One octet of DATA, dots undone; true if it was the last. */
static bool data_octet(struct smtpd *s, char c)
{
	switch (s->place) {
	case SMTPD_LINE_START:
		if (c == '.')
			s->place = SMTPD_LINE_DOT;
		else
			keep(s, c);
		return false;
	case SMTPD_LINE_DOT:
		claim(c == '.' || c == '\r');
		if (c == '\r')
			s->place = SMTPD_LINE_DOT_CR;
		else
			keep(s, c);
		return false;
	case SMTPD_LINE_DOT_CR:
		claim(c == '\n');
		return true;
	case SMTPD_LINE_CR:
		claim(c == '\n');
		keep(s, c);
		return false;
	default:
		claim(c != '\n');
		keep(s, c);
		return false;
	}
}

static bool read_data(struct smtpd *s)
{
	bool did = s->up_at < s->up.len;

	if (did)
		judge(s, s->delivered >= s->barrier);
	while (s->up_at < s->up.len && !s->closing && !s->frozen) {
		if (data_octet(s, s->up.data[s->up_at++])) {
			check_whole(s);
			return true;
		}
		ask_midway(s);
	}
	return did;
}

static bool read_chunk(struct smtpd *s)
{
	struct str part = str_head(str_from(buf_str(&s->up), s->up_at), (size_t)s->left);

	s->same = s->same && str_eq(part, str_head(str_from(s->message, s->at), part.len));
	s->at += part.len;
	s->up_at += part.len;
	s->left -= part.len;
	if (part.len)
		ask_midway(s);
	if (s->left || s->closing || s->frozen)
		return part.len > 0;
	if (s->chunked)
		check_whole(s);
	else
		end_first_chunk(s);
	return part.len > 0;
}

static bool step(struct smtpd *s)
{
	bool did;

	if (!s->greeted) {
		s->greeted = true;
		s->greeting_refused = !respond(s, "220 model");
		set_barrier(s);
		did = true;
	} else if (s->state == SMTPD_DATA) {
		did = read_data(s);
	} else if (s->state == SMTPD_CHUNK) {
		did = read_chunk(s);
	} else {
		did = read_line(s);
	}
	if (s->closing)
		s->state = SMTPD_CLOSED;
	return did;
}

/* --- its door --- */

void smtpd_connect(struct smtpd *s)
{
	buf_done(&s->up);
	buf_done(&s->back);
	s->up = BUF_INIT(1 << 24);
	s->back = BUF_INIT(1 << 22);
	s->up_at = s->back_at = s->back_line = 0;
	s->state = SMTPD_COMMAND;
	s->greeted = s->hello = s->extended = s->authed = s->greeting_refused = false;
	s->auth_refused = false;
	s->frozen = s->mute = s->reset = s->closing = s->must_reset = false;
	s->in_tls = s->how.tls;
	s->replies = s->delivered = s->barrier = s->auth_at = 0;
	s->stray = 0;
	forget_transaction(s);
}

void smtpd_begin(
	struct smtpd *s, struct str message, const struct client_message *mail, size_t count)
{
	claim(count <= SMTPD_RCPTS);
	s->message = message;
	s->mail = mail;
	s->count = count;
	s->transactions = 0;
	s->said_later = s->said_no = false;
	memset(s->taken, 0, sizeof(s->taken));
	memset(s->named_in, 0, sizeof(s->named_in));
}

bool smtpd_work(struct smtpd *s)
{
	bool did = false;

	if (s->up_at >= UP_READ) {
		buf_drop(&s->up, s->up_at);
		s->up_at = 0;
	}
	while (s->state != SMTPD_CLOSED && !s->frozen &&
		s->back.len - s->back_at <= s->how.back_room && step(s))
		did = true;
	return did;
}

bool smtpd_has_replies(const struct smtpd *s)
{
	return !s->reset && s->back_at < s->back.len;
}

struct str smtpd_deliver(struct smtpd *s, size_t n)
{
	struct str part = str_head(str_from(buf_str(&s->back), s->back_at), n);

	for (size_t i = 0; i < part.len; i++, s->back_at++) {
		if (part.p[i] != '\n')
			continue;
		s->delivered +=
			s->back_at - s->back_line >= 4 && s->back.data[s->back_line + 3] == ' ';
		s->back_line = s->back_at + 1;
	}
	return part;
}

void smtpd_done(struct smtpd *s)
{
	buf_done(&s->up);
	buf_done(&s->back);
}

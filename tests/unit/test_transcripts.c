/* SPDX-License-Identifier: MIT */
/*
 * Drives the client engine with transcripts: test_transcripts FOLDER|FILE... prints TAP.
 *
 * The form of a transcript is described in tests/lib/transcript.py. Each of its cases is played
 * three times: what the server says comes whole, by 7 octets and by single octets, and what the
 * engine writes goes out in pieces of the same size. While a piece of the server's is under way
 * nothing is written, so all three must end alike; where they cannot, the transcript says
 * `! whole`.
 */
#include "base/mem.h"
#include "base/printable.h"
#include "mail/body.h"
#include "smtp/client.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_LIMIT = 1 << 20, ITEMS_MAX = 4096, SETTINGS_MAX = 64, ENDS_MAX = 128 };

enum kind { TEXT, NUMBER, CHOICE, FLAG, LINES };

static const struct key {
	const char *name;
	enum kind kind;
	const char *words; /* of a CHOICE, with | between them */
} keys[] = {
#define KEY(name, kind, words, help) { name, kind, words },
#include "transcripts/keys.def"
#undef KEY
};

struct item {
	char mark; /* S, C, B, T or X */
	unsigned line;
	struct buf data; /* octets on the wire */
};

/* How one case ends. */
struct end {
	struct str code; /* what {code} stands for; empty where there is no such thing */
	uint64_t status;
};

struct script {
	const char *path;
	struct buf text;
	struct {
		struct str key, value; /* of text */
	} settings[SETTINGS_MAX];
	size_t setting_count;
	struct end ends[ENDS_MAX];
	size_t end_count;
	struct buf message; /* canonical */
	bool eightbit;
	/* of the case that is played now */
	const struct end *end;
	bool code_used;
	struct item items[ITEMS_MAX];
	size_t count;
};

/* --- reading a transcript --- */

static void forget_items(struct script *s)
{
	for (size_t i = 0; i < s->count; i++)
		buf_done(&s->items[i].data);
	s->count = 0;
}

static void script_free(struct script *s)
{
	forget_items(s);
	buf_done(&s->message);
	buf_done(&s->text);
	mem_free(s);
}

static bool has(const struct script *s, const char *key)
{
	for (size_t i = 0; i < s->setting_count; i++)
		if (str_eq(s->settings[i].key, str_of(key)))
			return true;
	return false;
}

static struct str get(const struct script *s, const char *key, const char *otherwise)
{
	for (size_t i = 0; i < s->setting_count; i++)
		if (str_eq(s->settings[i].key, str_of(key)))
			return str_trim(s->settings[i].value);
	return str_of(otherwise);
}

static bool is_one_of(struct str value, const char *words)
{
	struct str rest = str_of(words);

	while (rest.len)
		if (str_eq(str_cut(&rest, '|'), value))
			return true;
	return false;
}

static bool check_value(const struct key *key, struct str value, struct err *e)
{
	uint64_t n;

	if (key->kind == NUMBER && !str_number(value, &n))
		return err_set(e, ERR_DATA, "%s: not a number", key->name);
	if (key->kind == CHOICE && !is_one_of(value, key->words))
		return err_set(e, ERR_DATA, "%s: must be one of %s", key->name, key->words);
	if (key->kind == FLAG && value.len)
		return err_set(e, ERR_DATA, "%s: takes no value", key->name);
	return true;
}

static const struct key *find_key(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (str_eq(name, str_of(keys[i].name)))
			return &keys[i];
	return NULL;
}

static bool take_setting(struct script *s, struct str text, struct err *e)
{
	struct str value = text, name = str_cut(&value, ' ');
	const struct key *key = find_key(name);

	if (!key)
		return err_set(e, ERR_DATA, "unknown setting %.*s", STR_ARG(name));
	if (key->kind != LINES && has(s, key->name))
		return err_set(e, ERR_DATA, "%s: given twice", key->name);
	if (!check_value(key, str_trim(value), e))
		return false;
	if (s->setting_count == SETTINGS_MAX)
		return err_set(e, ERR_DATA, "too many settings");
	s->settings[s->setting_count].key = name;
	s->settings[s->setting_count++].value = value;
	return true;
}

static bool has_code(const struct script *s, struct str code)
{
	for (size_t i = 0; i < s->end_count; i++)
		if (str_eq(s->ends[i].code, code))
			return true;
	return false;
}

/* STATUS: CODE, CODE... */
static bool take_codes(struct script *s, struct str rest, struct err *e)
{
	uint64_t status;

	if (!str_number(str_trim(str_cut(&rest, ':')), &status) || !str_trim(rest).len)
		return err_set(e, ERR_DATA, "%s: codes: \"STATUS: CODE, CODE\" is wanted", s->path);
	while (rest.len) {
		struct str code = str_trim(str_cut(&rest, ','));
		if (!code.len || has_code(s, code))
			return err_set(
				e, ERR_DATA, "%s: codes: one is empty or given twice", s->path);
		if (s->end_count == ENDS_MAX)
			return err_set(e, ERR_DATA, "%s: codes: too many", s->path);
		s->ends[s->end_count++] = (struct end) { .code = code, .status = status };
	}
	return true;
}

/* How the cases end: one for each code, or the only one. */
static bool take_ends(struct script *s, struct err *e)
{
	for (size_t i = 0; i < s->setting_count; i++)
		if (str_eq(s->settings[i].key, STR("codes")) &&
			!take_codes(s, s->settings[i].value, e))
			return false;
	if (s->end_count)
		return !has(s, "status") || err_set(e, ERR_DATA, "%s: codes and a status", s->path);
	s->end_count = 1;
	return str_number(get(s, "status", "0"), &s->ends[0].status);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, chr_lower(c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* One escape: how many characters after the backslash it has; 0 if it is none. */
static size_t escape(struct str after, char *ret_octet)
{
	if (!after.len)
		return 0;
	switch (after.p[0]) {
	case 'r':
		*ret_octet = '\r';
		return 1;
	case 'n':
		*ret_octet = '\n';
		return 1;
	case '0':
		*ret_octet = '\0';
		return 1;
	case 'x':
		if (after.len < 3 || hex_digit(after.p[1]) < 0 || hex_digit(after.p[2]) < 0)
			return 0;
		*ret_octet = (char)(hex_digit(after.p[1]) << 4 | hex_digit(after.p[2]));
		return 3;
	default:
		return 0;
	}
}

static bool unescape(struct str text, struct buf *out, struct err *e)
{
	while (text.len) {
		size_t n = str_find(text, '\\'), used;
		char octet;
		buf_add(out, str_head(text, n));
		text = str_from(text, n);
		if (!text.len)
			break;
		used = escape(str_from(text, 1), &octet);
		if (!used)
			return err_set(e, ERR_DATA, "unknown escape");
		buf_char(out, octet);
		text = str_from(text, 1 + used);
	}
	return true;
}

/* A new item; neighbouring words of the server are one. */
static struct buf *item_add(struct script *s, char mark, unsigned line)
{
	struct item *last = s->count ? &s->items[s->count - 1] : NULL;

	if (mark == 'S' && last && last->mark == 'S')
		return &last->data;
	must(s->count < ITEMS_MAX);
	s->items[s->count] =
		(struct item) { .mark = mark, .line = line, .data = BUF_INIT(TEXT_LIMIT) };
	return &s->items[s->count++].data;
}

/* The last command, or the one before it. */
static struct str last_command(const struct script *s, unsigned before)
{
	size_t i = s->count;

	while (i-- > 0)
		if (s->items[i].mark == 'C' && !before--)
			return buf_str(&s->items[i].data);
	return STR("");
}

/* It says how many octets follow, and perhaps that they are the last ones. */
static bool is_chunk(struct str command, bool last)
{
	return str_starts_same(command, STR("BDAT ")) &&
	       str_ends_same(command, STR(" LAST\r\n")) == last;
}

/* "B: *": the whole message as it stands on the wire. */
static void whole_message(struct script *s, unsigned line)
{
	struct str rest = buf_str(&s->message);
	bool first = is_chunk(last_command(s, 0), false);
	bool chunk = first || is_chunk(last_command(s, 0), true);

	if (chunk && is_chunk(last_command(s, 1), false))
		(void)str_cut(&rest, '\n');
	while (rest.len) {
		struct str text = str_cut(&rest, '\n');
		rest = first ? STR("") : rest;
		struct buf *data = item_add(s, 'B', line);
		if (text.p[0] == '.' && !chunk)
			buf_char(data, '.');
		buf_add(data, text);
		buf_char(data, '\n');
	}
	if (!chunk)
		buf_add(item_add(s, 'B', line), STR(".\r\n"));
}

static bool repeated(struct str text, struct buf *out, struct err *e)
{
	struct str line = text;
	uint64_t n;

	if (!str_number(str_cut(&line, ' '), &n))
		return err_set(e, ERR_DATA, "S* needs a number");
	while (n--) {
		buf_add(out, line);
		buf_add(out, STR("\r\n"));
	}
	return true;
}

static bool take_step(struct script *s, struct str line, unsigned number, struct err *e)
{
	struct str mark = str_head(line, 2), text = str_from(line, 2);

	if (text.len && text.p[0] == ' ')
		text = str_from(text, 1);
	if (str_eq(mark, STR("S-")))
		return unescape(text, item_add(s, 'S', number), e);
	if (str_eq(mark, STR("S*")))
		return repeated(text, item_add(s, 'S', number), e);
	if (mark.len < 2 || mark.p[1] != ':' || !memchr("SCBTX", mark.p[0], 5))
		return err_set(e, ERR_DATA, "not a line of a transcript");
	if (str_eq(mark, STR("B:")) && str_eq(text, STR("*"))) {
		whole_message(s, number);
		return true;
	}
	struct buf *data = item_add(s, mark.p[0], number);
	if (memchr("TX", mark.p[0], 2))
		return !str_trim(text).len || err_set(e, ERR_DATA, "this mark takes no text");
	buf_add(data, text);
	buf_add(data, STR("\r\n"));
	return true;
}

/* The line with the code of this case in it. */
static bool insert_code(struct script *s, struct str line, struct buf *out, struct err *e)
{
	const struct str mark = STR("{code}");
	const char *at;

	while ((at = memmem(line.p, line.len, mark.p, mark.len))) {
		if (!s->end->code.len)
			return err_set(e, ERR_DATA, "{code} needs a line of codes");
		s->code_used = true;
		buf_add(out, str_head(line, (size_t)(at - line.p)));
		buf_add(out, s->end->code);
		line = str_from(line, (size_t)(at - line.p) + mark.len);
	}
	buf_add(out, line);
	return true;
}

static bool take_session_line(struct script *s, struct str line, unsigned number, struct err *e)
{
	struct buf coded CLEAN_UP(buf_done) = BUF_INIT(TEXT_LIMIT);

	return insert_code(s, line, &coded, e) && take_step(s, buf_str(&coded), number, e);
}

/* All settings, or all steps: settings hold wherever they stand. */
static bool take_lines(struct script *s, bool settings, struct err *e)
{
	struct str rest = buf_str(&s->text);

	for (unsigned number = 1; rest.len; number++) {
		struct str line = str_cut(&rest, '\n');
		bool is_setting = line.len && line.p[0] == '!';
		if (!str_trim(line).len || line.p[0] == '#' || is_setting != settings)
			continue;
		struct str text = str_from(line, line.len > 1 && line.p[1] == ' ' ? 2 : 1);
		if (settings ? !take_setting(s, text, e) : !take_session_line(s, line, number, e))
			return err_in(e, "%s:%u", s->path, number);
	}
	return true;
}

static void make_message(struct script *s)
{
	struct canon canon = { 0 };
	struct buf raw CLEAN_UP(buf_done) = BUF_INIT(TEXT_LIMIT);

	buf_add(&raw, STR("From: a@x.example\n"
			  "Date: Thu, 01 Jan 2026 00:00:00 +0000\n"
			  "Message-ID: <1@x.example>\n"
			  "Subject: t\n\n"));
	for (size_t i = 0; i < s->setting_count; i++) {
		if (!str_eq(s->settings[i].key, STR("body")))
			continue;
		buf_add(&raw, s->settings[i].value);
		buf_char(&raw, '\n');
	}
	if (!has(s, "body") && !has(s, "empty"))
		buf_add(&raw, STR("hello\n"));
	s->message = BUF_INIT(TEXT_LIMIT * 2);
	buf_reserve(&s->message, raw.len * 2 + CANON_ROOM);
	must(canon_feed(&canon, buf_str(&raw), &s->message) == raw.len);
	must(canon_end(&canon, &s->message));
	s->eightbit = canon.facts.has_8bit;
}

static bool read_file(const char *path, struct buf *text, struct err *e)
{
	char piece[4096];
	size_t n;
	FILE *f = fopen(path, "rb");

	if (!f)
		return err_set(e, ERR_NOINPUT, "%s: cannot be opened", path);
	while ((n = fread(piece, 1, sizeof(piece), f)))
		buf_bytes(text, piece, n);
	fclose(f);
	return !text->over || err_set(e, ERR_DATA, "%s: too large", path);
}

static struct script *script_read(const char *path, struct err *e)
{
	struct script *s = mem_alloc(sizeof(*s));

	s->path = path;
	s->text = BUF_INIT(TEXT_LIMIT);
	if (read_file(path, &s->text, e) && take_lines(s, true, e) && take_ends(s, e)) {
		make_message(s);
		return s;
	}
	script_free(s);
	return NULL;
}

/* Makes the steps those of one case. */
static bool script_turn(struct script *s, const struct end *end, struct err *e)
{
	forget_items(s);
	s->end = end;
	s->code_used = false;
	if (!take_lines(s, false, e))
		return false;
	if (end->code.len && !s->code_used)
		return err_set(e, ERR_DATA, "%s: there are codes, but no {code}", s->path);
	return true;
}

/* --- playing it --- */

struct play {
	const struct script *script;
	size_t cut; /* octets a piece; 0: whole */
	struct client *client;
	struct envelope env;
	char *user, *password, *envid, *node;
	struct buf initial; /* of PLAIN, base64 */
	enum client_want want;
	struct buf wire; /* what the engine wrote and no item has taken */
	char tried[16];  /* mechanisms */
	unsigned auth_steps;
	bool mail_given, over, quit_taken, in_body, in_chunk, secret_told;
	struct client_result result;
	struct buf talk; /* the conversation, for whoever looks for the fault */
	struct err problem;
};

static size_t piece_of(const struct play *p, size_t len)
{
	return p->cut && p->cut < len ? p->cut : len;
}

static bool holds(struct str s, struct str part)
{
	return part.len && memmem(s.p, s.len, part.p, part.len) != NULL;
}

static void on_spoke(void *ctx, bool server, struct str line)
{
	struct play *p = ctx;
	struct buf coded CLEAN_UP(buf_done) = BUF_INIT(1000);

	buf_base64(&coded, str_of(p->password));
	if (!server && (holds(line, buf_str(&p->initial)) || holds(line, buf_str(&coded)) ||
			       holds(line, str_of(p->password))))
		p->secret_told = true;
	buf_add(&p->talk, server ? STR("#   S: ") : STR("#   C: "));
	buf_add(&p->talk, line);
	buf_char(&p->talk, '\n');
}

/* The same choice as the program's: PLAIN before LOGIN, each once, or the one that is named. */
static const char *choose(struct play *p)
{
	static const char *const mechs[] = { "PLAIN", "LOGIN" };
	struct str wanted = get(p->script, "auth", "off");

	for (size_t i = 0; i < ARRAY_LEN(mechs); i++) {
		struct str mech = str_of(mechs[i]);
		if (!str_eq(wanted, STR("on")) && !str_same(wanted, mech))
			continue;
		if (capabilities_have_mech(client_capabilities(p->client), mech) &&
			!strstr(p->tried, mechs[i]))
			return mechs[i];
	}
	return NULL;
}

static enum client_auth_end auth_end(const struct play *p)
{
	return p->auth_steps == 2 ? CLIENT_AUTH_ENDS : CLIENT_AUTH_GOES_ON;
}

static void begin_auth(struct play *p)
{
	const char *mech = choose(p);
	struct err why = *client_error(p->client);
	size_t n = strlen(p->tried);

	if (!mech) {
		if (client_auth_state(p->client) != CLIENT_AUTH_REFUSED)
			err_set(&why, ERR_NOPERM, "no mechanism");
		client_auth_give_up(p->client, &why);
		return;
	}
	snprintf(p->tried + n, sizeof(p->tried) - n, "%s ", mech);
	p->auth_steps = strcmp(mech, "PLAIN") == 0 ? 2 : 0;
	client_auth(p->client, mech, p->auth_steps ? &p->initial : NULL, auth_end(p));
}

/* LOGIN: user name, then password; whatever else is asked ends it. */
static void answer_auth(struct play *p)
{
	struct buf plain CLEAN_UP(buf_done) = BUF_INIT(CLIENT_AUTH_LINE);
	struct buf coded CLEAN_UP(buf_done) = BUF_INIT(CLIENT_AUTH_LINE);
	bool readable = buf_unbase64(&plain, client_challenge(p->client));
	struct err why;

	if (!readable || p->auth_steps == 2) {
		err_set(&why, ERR_NOPERM, "the stand-in gives up");
		client_auth_give_up(p->client, &why);
		return;
	}
	buf_base64(&coded, str_of(p->auth_steps ? p->password : p->user));
	p->auth_steps++;
	client_auth_answer(p->client, buf_str(&coded), auth_end(p));
}

static void continue_auth(struct play *p)
{
	if (client_auth_state(p->client) == CLIENT_AUTH_CHALLENGE)
		answer_auth(p);
	else
		begin_auth(p);
}

static struct client_message mail_of(const struct script *s, const char *envid)
{
	struct client_message mail = {
		.size = s->message.len,
		.eightbit = s->eightbit,
		.partial = !str_eq(get(s, "partial", "on"), STR("off")),
		.requiretls = has(s, "requiretls"),
		.dsn = { .envid = envid },
	};
	uint64_t most;
	struct err e;

	mail.chunked = !str_eq(get(s, "chunking", "auto"), STR("off"));
	if (str_eq(get(s, "chunking", "auto"), STR("auto")))
		mail.probe =
			str_head(buf_str(&s->message), str_find(buf_str(&s->message), '\n') + 1);
	must(str_number(get(s, "max-recipients", "0"), &most));
	mail.rcpt_max = (unsigned)most;
	must(dsn_notify(get(s, "notify", "off"), &mail.dsn.notify, &e));
	must(dsn_returns(get(s, "return", "off"), &mail.dsn.returns, &e));
	return mail;
}

/* "auto" is what a first contact over verified TLS does. */
static enum client_pipelining flights_of(const struct script *s)
{
	static const struct {
		const char *word;
		enum client_pipelining flights;
	} rows[] = { { "off", PIPELINE_OFF }, { "auto", PIPELINE_TO_RCPT },
		{ "full", PIPELINE_ALL } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_eq(get(s, "pipelining", "basic"), str_of(rows[i].word)))
			return rows[i].flights;
	return PIPELINE_BASIC;
}

static void give_mail(struct play *p)
{
	struct client_message mail = mail_of(p->script, p->envid);

	p->mail_given = true;
	client_pipeline(p->client, flights_of(p->script));
	if (has(p->script, "etrn"))
		client_etrn(p->client, p->node);
	else
		client_send(p->client, &p->env, &mail);
}

static void finish(struct play *p)
{
	bool stuck = client_out(p->client).len > 0;

	p->over = true;
	p->result = *client_result(p->client);
	if (p->want == CLIENT_CLOSED) {
		p->result.outcome = OUTCOME_NOT_SENT;
		p->result.err = *client_error(p->client);
	}
	client_quit(p->client);
	while (!stuck && client_out(p->client).len) {
		buf_add(&p->wire, client_out(p->client));
		client_sent(p->client, client_out(p->client).len);
	}
}

/* Some of what the engine wants to send leaves; false if there was nothing. */
static bool send_some(struct play *p)
{
	struct str out = client_out(p->client);

	if (!out.len)
		return false;
	out = str_head(out, piece_of(p, out.len));
	buf_add(&p->wire, out);
	client_sent(p->client, out.len);
	client_held(p->client, 0);
	return true;
}

/* Moves the engine on until it needs something that only the script can give. */
static void pump(struct play *p)
{
	for (;;) {
		p->want = client_next(p->client);
		if (p->want == CLIENT_DONE || p->want == CLIENT_CLOSED) {
			if (p->over)
				return;
			finish(p);
		} else if (send_some(p)) {
			continue;
		} else if ((p->want == CLIENT_IDLE || p->want == CLIENT_AUTH) && !p->mail_given) {
			give_mail(p);
		} else if (p->want == CLIENT_AUTH) {
			continue_auth(p);
		} else {
			return;
		}
	}
}

static bool fail(struct play *p, unsigned line, const char *what, struct str octets)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(600);

	printable_add(&shown, str_head(octets, 120));
	return err_set(&p->problem, ERR_DATA, "%s:%u: %s%s%s", p->script->path, line, what,
		octets.len ? ": " : "", buf_text(&shown));
}

/* What the engine has not taken of the message. */
static struct str rest_of_body(const struct play *p)
{
	return str_from(buf_str(&p->script->message), client_body_at(p->client));
}

static bool server_says(struct play *p, const struct item *item)
{
	struct str rest = buf_str(&item->data);

	pump(p);
	if (p->wire.len)
		return fail(p, item->line, "client spoke early", buf_str(&p->wire));
	if (p->over && !p->quit_taken)
		return fail(p, item->line, "client ended before this reply", STR(""));
	while (rest.len) {
		size_t n = piece_of(p, rest.len);
		client_in(p->client, str_head(rest, n));
		rest = str_from(rest, n);
		if (rest.len)
			client_next(p->client);
	}
	return true;
}

/* Gives the engine a piece of one line of the message, or its end. */
static void give_body(struct play *p)
{
	struct str body = rest_of_body(p);
	struct str line = str_head(body, str_find(body, '\n') + 1);

	if (line.len)
		(void)client_body(p->client, str_head(line, piece_of(p, line.len)));
	else
		client_body_end(p->client);
}

static bool client_says(struct play *p, const struct item *item)
{
	size_t n;

	pump(p);
	while (str_find(buf_str(&p->wire), '\n') == p->wire.len && item->mark == 'B' &&
		p->want == CLIENT_BODY) {
		give_body(p);
		pump(p);
	}
	n = str_find(buf_str(&p->wire), '\n');
	if (n == p->wire.len)
		return fail(p, item->line, p->over ? "client ended" : "client waits",
			buf_str(&item->data));
	if (!str_eq(str_head(buf_str(&p->wire), n + 1), buf_str(&item->data)))
		return fail(p, item->line, "client said", buf_str(&p->wire));
	buf_drop(&p->wire, n + 1);
	if (item->mark == 'C')
		p->in_chunk = str_starts_same(buf_str(&item->data), STR("BDAT "));
	p->in_body =
		item->mark == 'B' && !p->in_chunk && !str_eq(buf_str(&item->data), STR(".\r\n"));
	if (str_eq(buf_str(&item->data), STR("QUIT\r\n")))
		p->quit_taken = true;
	return true;
}

static bool handshake(struct play *p, const struct item *item)
{
	if (item == p->script->items && str_eq(get(p->script, "tls", "off"), STR("on")))
		return true;
	pump(p);
	if (p->wire.len)
		return fail(p, item->line, "client spoke in clear", buf_str(&p->wire));
	if (p->want != CLIENT_TLS)
		return fail(p, item->line, "client wants no TLS", STR(""));
	client_tls_done(p->client);
	return true;
}

static bool step(struct play *p, const struct item *item)
{
	switch (item->mark) {
	case 'S':
		return server_says(p, item);
	case 'T':
		return handshake(p, item);
	case 'X':
		pump(p);
		if (!p->over)
			client_eof(p->client);
		return true;
	default:
		return client_says(p, item);
	}
}

static const char *outcome_name(enum client_outcome outcome)
{
	static const char *const names[] = {
		[OUTCOME_NOT_SENT] = "not-sent",
		[OUTCOME_ACCEPTED] = "accepted",
		[OUTCOME_REFUSED] = "refused",
		[OUTCOME_UNKNOWN] = "unknown",
	};

	return names[outcome];
}

/* What came of it, against what the settings say. */
static bool check_end(struct play *p)
{
	const struct script *s = p->script;
	struct err mixed, why = p->result.err;
	const struct err *refusal = envelope_refusal(&p->env, &mixed);
	const char *outcome = outcome_name(p->result.outcome);
	struct str said = get(s, "said", ""), wanted = get(s, "outcome", outcome);
	int status = (int)s->end->status;

	if (p->result.outcome == OUTCOME_ACCEPTED && refusal)
		why = *refusal;
	if (err_status(&why) != status)
		return err_set(&p->problem, ERR_DATA, "%s: status is %d, not %d (%s; %s)", s->path,
			err_status(&why), status, why.what, why.said);
	if (!str_eq(wanted, str_of(outcome)))
		return err_set(&p->problem, ERR_DATA, "%s: outcome is %s, not %.*s", s->path,
			outcome, STR_ARG(wanted));
	if (said.len && !holds(str_of(why.said), said))
		return err_set(&p->problem, ERR_DATA, "%s: said is \"%s\"", s->path, why.said);
	if (p->secret_told)
		return err_set(&p->problem, ERR_DATA, "%s: a secret reached the listener", s->path);
	return true;
}

static bool play_items(struct play *p)
{
	const struct script *s = p->script;
	unsigned last = s->count ? s->items[s->count - 1].line : 0;

	for (size_t i = 0; i < s->count; i++)
		if (!step(p, &s->items[i]))
			return false;
	pump(p);
	if (!p->over)
		return fail(p, last, "the script is over, but the client waits for more", STR(""));
	if (p->wire.len && (p->in_body || !str_eq(buf_str(&p->wire), STR("QUIT\r\n"))))
		return fail(p, last, "after the last line client said", buf_str(&p->wire));
	return check_end(p);
}

static void set_envelope(struct play *p)
{
	struct str from = get(p->script, "from", "a@x.example"), word;
	struct str to = get(p->script, "to", "b@y.example");
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(1000);
	struct err e;

	buf_add(&text, str_eq(from, STR("<>")) ? STR("") : from);
	envelope_from(&p->env, buf_text(&text));
	while ((word = str_word(&to)).len) {
		buf_clear(&text);
		buf_add(&text, word);
		must(envelope_add(&p->env, buf_text(&text), &e));
	}
}

static char *copy_of(struct str s)
{
	return mem_dup(s.p, s.len);
}

static void set_secrets(struct play *p)
{
	struct str user = get(p->script, "user", "joe");
	struct str password = get(p->script, "password", "secret");
	struct buf plain CLEAN_UP(buf_done) = BUF_INIT(1000);

	p->user = copy_of(user);
	p->password = copy_of(password);
	p->initial = BUF_INIT(2000);
	p->node = copy_of(get(p->script, "etrn", ""));
	p->envid = has(p->script, "envid") ? copy_of(get(p->script, "envid", "")) : NULL;
	buf_char(&plain, '\0');
	buf_add(&plain, user);
	buf_char(&plain, '\0');
	buf_add(&plain, password);
	buf_base64(&p->initial, buf_str(&plain));
}

static bool play(const struct script *s, size_t cut, struct play *p)
{
	struct str tls = get(s, "tls", "off");
	struct client_options options = {
		.helo = "client.example",
		.tls_active = str_eq(tls, STR("on")),
		.starttls = str_eq(tls, STR("starttls")),
		.auth = !str_eq(get(s, "auth", "off"), STR("off")),
		.lmtp = str_eq(get(s, "protocol", "smtp"), STR("lmtp")),
		.spoke = on_spoke,
		.spoke_ctx = p,
	};

	*p = (struct play) { .script = s, .cut = cut };
	p->wire = BUF_INIT(TEXT_LIMIT);
	p->talk = BUF_INIT(TEXT_LIMIT);
	set_envelope(p);
	set_secrets(p);
	p->client = client_new(&options);
	return play_items(p);
}

static void play_done(struct play *p)
{
	client_free(p->client);
	envelope_done(&p->env);
	mem_free(p->user);
	mem_free(p->password);
	mem_free(p->envid);
	mem_free(p->node);
	buf_done(&p->initial);
	buf_done(&p->wire);
	buf_done(&p->talk);
}

/* --- TAP --- */

static unsigned tests, failures;

/* The name is the same as in tests/integration/test_transcripts.py. */
static void report(const struct script *s, const char *path, const char *how, const char *talk,
	const char *problem)
{
	struct str stem = str_base(str_of(path)), code = s ? s->end->code : STR("");

	stem = str_head(stem, str_rfind(stem, '.'));
	tests++;
	failures += problem != NULL;
	printf("%s %u - %.*s%s", problem ? "not ok" : "ok", tests, STR_ARG(stem),
		code.len ? "-" : "");
	for (size_t i = 0; i < code.len; i++)
		putchar(code.p[i] == ' ' ? '-' : code.p[i]);
	printf(" (%s)\n", how);
	if (problem)
		printf("# %s\n%s", problem, talk);
}

static void run_case(const struct script *s)
{
	static const struct {
		size_t cut;
		const char *how;
	} ways[] = { { 0, "whole" }, { 7, "by 7" }, { 1, "by 1" } };
	struct play p;

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		if (ways[i].cut && has(s, "whole"))
			continue;
		bool ok = play(s, ways[i].cut, &p);
		report(s, s->path, ways[i].how, buf_text(&p.talk), ok ? NULL : p.problem.what);
		play_done(&p);
	}
}

static void run_file(const char *path)
{
	struct err e;
	struct script *s = script_read(path, &e);

	if (!s) {
		report(NULL, path, "reading", "", e.what);
		return;
	}
	for (size_t i = 0; i < s->end_count; i++) {
		if (script_turn(s, &s->ends[i], &e))
			run_case(s);
		else
			report(s, path, "reading", "", e.what);
	}
	script_free(s);
}

static void run_path(const char *path)
{
	char *pattern = mem_fmt("%s/*.smtp", path);
	glob_t found = { 0 };

	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			run_file(found.gl_pathv[i]);
	else
		run_file(path);
	globfree(&found);
	mem_free(pattern);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run_path(argv[i]);
	printf("1..%u\n", tests);
	return failures || !tests ? EXIT_FAILURE : EXIT_SUCCESS;
}

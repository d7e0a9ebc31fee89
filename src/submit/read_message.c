/* SPDX-License-Identifier: MIT */
#include "submit/read_message.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/hosts.h"
#include "mail/address_fields.h"
#include "mail/body.h"
#include "mime/declared_charset.h"
#include "os/host.h"
#include "submit/header_faults.h"
#include "submit/input.h"
#include "submit/reencode_message.h"

#include <string.h>
#include <sys/random.h>

enum { PIECE = 65536, CANON_OUT = 3 * PIECE, LINE_START = 200, FAULTS = 400 };

/* --- the account's settings --- */

static enum header_rewrite_set from_set(enum setting_set_from_header choice)
{
	if (choice == FROM_HEADER_ON)
		return HEADER_REWRITE_REPLACE;
	return choice == FROM_HEADER_OFF ? HEADER_REWRITE_OFF : HEADER_REWRITE_AUTO;
}

/* Whether the account is for senders at this host as they are written. */
static bool has_home_sender(const struct settings *s, const char *host)
{
	struct addr_home home = { .host = host };
	struct str list = str_of(s->from);
	struct err ignored;
	struct addr a;

	while (list.len)
		if (addr_one(str_cut(&list, '\n'), &a, &ignored) && !addr_is_bare(&a) &&
			addr_is_home(&a, &home))
			return true;
	return false;
}

/* A server on this machine knows its addresses; any other would send them to a stranger. */
static void name_home(struct build_envelope_options *t, const struct settings *s)
{
	t->host = NULL;
	if (hosts_is_local(s))
		return;
	if (!host_name(t->host_name))
		t->host_name[0] = '\0';
	if (!has_home_sender(s, t->host_name))
		t->host = t->host_name;
}

void read_message_account(struct read_message_options *options, const struct account *a)
{
	const struct settings *s = &a->s;

	name_home(&options->envelope, s);
	options->envelope.from = a->from;
	options->envelope.domain = str_given(s->maildomain);
	options->envelope.aliases = str_given(s->aliases);
	options->envelope.aliases_preset = !settings_has(s, SETTING_ID_aliases);
	options->full_name = str_given(s->from_full_name);
	options->encode_long_lines = s->long_lines == LONG_LINES_ENCODE;
	options->list_to = s->set_to_header == TO_HEADER_ON;
	options->rules = (struct header_rewrite_rules) {
		.from = from_set(s->set_from_header),
		.date = s->set_date_header == DATE_HEADER_OFF ? HEADER_REWRITE_OFF
							      : HEADER_REWRITE_AUTO,
		.message_id = s->set_msgid_header == MSGID_HEADER_OFF ? HEADER_REWRITE_OFF
								      : HEADER_REWRITE_AUTO,
		.keep_bcc = !s->remove_bcc_headers,
		.complete = s->complete_header,
		.fold = options->encode_long_lines ? BODY_LINE : 0,
		.undisclosed = s->set_to_header == TO_HEADER_UNDISCLOSED,
		.alias = s->rewrite_to ? built_envelope_alias : NULL,
	};
}

/* --- the header --- */

bool random_letters(char *to, size_t size, struct err *e)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char octets[32];

	must(size <= sizeof(octets));
	if (getrandom(octets, sizeof(octets), 0) != (ssize_t)sizeof(octets))
		return err_set(e, ERR_TEMPORARY, "the system gives no random numbers");
	for (size_t i = 0; i + 1 < size; i++)
		to[i] = digits[octets[i] & 31];
	to[size - 1] = '\0';
	return true;
}

static void tell_oddities(const struct header *h, struct str sent)
{
	size_t long_lines = 0;

	while (sent.len)
		long_lines += str_cut(&sent, '\n').len > BODY_LINE + 1;
	if (long_lines)
		log_note("lines of the header over %d octets, which stay as they are: %zu",
			BODY_LINE, long_lines);
	if (h->had_mbox_line)
		log_note("the line \"From ...\" of a mailbox in the header was dropped");
	if (h->has_lone_cr)
		log_note("the header has carriage returns without line feed; they became spaces");
	if (h->has_nul)
		log_warning("the header has NUL octets; they were replaced by '?'");
}

static void note_faults(struct message *m)
{
	struct buf faults CLEAN_UP(buf_done) = BUF_INIT(FAULTS);

	header_faults(buf_str(&m->header), &faults);
	if (!faults.len)
		return;
	m->faults = mem_dup(faults.data, faults.len);
	log_note("some servers refuse this header: %s", m->faults);
}

/* charset: of a header that is not UTF-8; or NULL */
static bool write_header(const struct read_message_options *t, const struct header *h,
	const char *charset, struct message *m, struct err *e)
{
	char date[CLOCK_DATE_MAX], random[27], host[HOST_NAME_OCTETS];
	struct header_rewrite plan = header_rewrite_plan(h, &t->rules);

	clock_date_5322(time(NULL), date);
	if (!random_letters(random, sizeof(random), e))
		return false;
	struct header_facts facts = {
		.date = date,
		.random = random,
		.host = host_public_name(host) ? host : "localhost",
		.sender = m->env.from,
		.from = t->envelope.from ? t->envelope.from : "",
		.domain = t->envelope.domain ? t->envelope.domain : "",
		.full_name = t->full_name ? t->full_name : "",
		.own_host = t->envelope.host,
		.charset = charset,
	};
	header_rewrite_write(&plan, &t->rules, h, &facts, &m->header);
	if (m->header.over)
		return err_set(e, ERR_DATA, "the header is larger than 8 MiB");
	if (!m->smtputf8 && plan.utf8_field.len)
		m->smtputf8 =
			mem_fmt("field %.*s: %s", STR_ARG(plan.utf8_field), plan.utf8_address);
	m->eightbit = !str_is_ascii(buf_str(&m->header));
	note_faults(m);
	tell_oddities(h, buf_str(&m->header));
	return true;
}

static bool make_envelope(struct read_message_options *t, const struct header *h,
	const char *charset, struct message *m, struct err *e)
{
	struct built_envelope p CLEAN_UP(built_envelope_done) = { 0 };
	struct buf to CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);
	struct addr from;

	if (t->settle && !t->settle(t->ctx, header_from_address(h, &from) ? &from : NULL, t, e))
		return false;
	if (!build_envelope(&t->envelope, h, &p, e))
		return false;
	m->env = p.env;
	p.env = (struct envelope) { 0 };
	for (size_t i = 0; i < p.to.count; i++)
		buf_fmt(&to, "%s%s", i ? "\n" : "", p.to.rcpts[i].addr);
	t->rules.to = t->list_to && !p.resent ? buf_text(&to) : NULL;
	t->rules.undisclosed = t->rules.undisclosed && !p.resent;
	t->rules.alias_ctx = &p;
	m->smtputf8 = p.utf8;
	p.utf8 = NULL;
	bool good = write_header(t, h, charset, m, e);
	t->rules.to = NULL;
	t->rules.alias_ctx = NULL;
	return good;
}

/* --- reading --- */

struct message_reader {
	struct read_message_options *options;
	struct header header;
	struct canon canon;
	struct buf out;
	struct message *m;
	uint64_t fed;
	bool started, header_written;
	struct buf start;  /* the first octets, until they tell a byte order mark from text */
	struct buf held;   /* the start of the body, while it may tell the header's charset */
	struct err unsent; /* why there is no envelope, as long as behind_stray may tell more */
	bool after_cr, is_empty_line; /* if behind_stray: of the current line */
	bool behind_stray; /* the header ended at a line that is no field; no empty line since */
	struct buf line;   /* if behind_stray: the beginning of the current line */
};

void message_reader_free(struct message_reader *r)
{
	if (!r)
		return;
	header_done(&r->header);
	buf_done(&r->out);
	buf_done(&r->line);
	buf_done(&r->start);
	buf_done(&r->held);
	mem_free(r);
}

static bool spool_out(struct message_reader *r, struct err *e)
{
	bool good = spool_write(&r->m->body, buf_str(&r->out), e);

	buf_clear(&r->out);
	return good;
}

/* Whether a field of that name must not be lost, nor sent, as text of the body. */
static bool names_recipients(const struct message_reader *r, struct str name)
{
	struct address_field is = address_field_of(name);

	return is.hidden || (is.recipients && r->options->envelope.read_recipients);
}

static bool refuse_stray(const struct message_reader *r, struct str name, struct err *e)
{
	err_set(e, ERR_DATA,
		"a %.*s field follows the end of the header: line %zu is not a header field",
		STR_ARG(name), r->header.lines);
	return err_hint(e,
		"nothing was sent; correct line %zu, which is not NAME: VALUE, or take it out",
		r->header.lines);
}

/*
 * Adds octets to the line as far as they tell whether it is a field: without NULs, which hide
 * nothing, and with one blank for several.
 */
static void add_stray(struct message_reader *r, struct str octets)
{
	r->is_empty_line &= octets.len == 0;
	r->after_cr &= octets.len == 0;
	for (size_t i = 0; i < octets.len && buf_room(&r->line); i++) {
		char c = octets.p[i];
		bool again = chr_is_blank(c) && r->line.len &&
			     chr_is_blank(r->line.data[r->line.len - 1]);
		if (c && !again)
			buf_char(&r->line, c);
	}
}

/*
 * The name of a field that may have been meant: octets that no name has, such as those of a byte
 * order mark or of a no-break space, are left out.
 */
static struct str meant_name(struct str line, struct buf *to)
{
	size_t colon = str_find(line, ':');

	buf_clear(to);
	for (size_t i = 0; colon < line.len && i < colon; i++)
		if (line.p[i] > ' ' && line.p[i] < 0x7f)
			buf_char(to, line.p[i]);
	return buf_str(to);
}

/* Looks for such fields in lines that may have been meant as header fields. */
static bool check_stray(struct message_reader *r, struct str raw, struct err *e)
{
	struct buf meant CLEAN_UP(buf_done) = BUF_INIT(LINE_START);

	while (r->behind_stray && raw.len) {
		size_t n = str_find(raw, '\n'), cr = str_find(str_head(raw, n), '\r');
		add_stray(r, str_head(raw, cr));
		if (cr == raw.len)
			return true;
		/* A CR may end a line, but which line is empty an LF tells, unless there is none.
		 */
		bool is_crs = r->header.has_cr_lines;
		bool is_end = raw.p[cr] == '\n' ? !(is_crs && r->after_cr) : is_crs;
		r->after_cr = raw.p[cr] == '\r';
		raw = str_from(raw, cr + 1);
		struct str line = buf_str(&r->line);
		struct str name = header_line_name(line);
		if (!name.len)
			name = meant_name(line, &meant);
		if (names_recipients(r, name))
			return refuse_stray(r, name, e);
		r->behind_stray = !(is_end && r->is_empty_line);
		r->is_empty_line |= is_end;
		buf_clear(&r->line);
	}
	return true;
}

/* A field of ours, or of whoever filled in a form, must not become a recipient, nor hide one. */
static bool check_hidden(const struct header *h, struct err *e)
{
	struct str all = buf_str(&h->hidden);

	while (all.len) {
		struct str entry = str_cut(&all, '\n');
		struct str number = str_cut(&entry, ' ');
		if (!address_field_of(entry).known)
			continue;
		err_set(e, ERR_DATA,
			"line %.*s: a carriage return without line feed stands before "
			"\"%.*s:\"",
			STR_ARG(number), STR_ARG(entry));
		return err_hint(e, "nothing was sent; end each line with a line feed, or take the "
				   "carriage return out");
	}
	return true;
}

static bool take_body(struct message_reader *r, struct str raw, struct err *e)
{
	if (!check_stray(r, raw, e))
		return false;
	if (r->unsent.kind != ERR_NONE) {
		*e = r->unsent;
		return r->behind_stray;
	}
	while (raw.len) {
		raw = str_from(raw, canon_feed(&r->canon, raw, &r->out));
		if (!spool_out(r, e))
			return false;
	}
	return true;
}

/* Whether 8-bit text in the header needs the name of a charset. */
static bool wants_charset(const struct header *h)
{
	return h->has_8bit && !str_is_utf8(buf_str(&h->text));
}

/* Keeps the start of the body while it may tell the charset of the header; moves raw forward. */
static bool holds_body(struct message_reader *r, struct str *raw)
{
	if (!r->header.done || r->header.stray.len || !wants_charset(&r->header) ||
		!declared_charset_needs_body(&r->header))
		return false;
	struct str piece = str_head(*raw, buf_room(&r->held));
	buf_add(&r->held, piece);
	*raw = str_from(*raw, piece.len);
	return buf_room(&r->held) > 0;
}

/* The header is complete: makes the envelope and the header to send. */
static bool end_header(struct message_reader *r, struct err *e)
{
	char charset[PART_CHARSET_MAX + 1] = "";

	if (r->header.too_large)
		return err_set(e, ERR_DATA, "the header is larger than 8 MiB");
	if (!check_hidden(&r->header, e))
		return false;
	r->behind_stray = r->is_empty_line = r->header.stray.len > 0;
	if (wants_charset(&r->header))
		declared_charset(&r->header, buf_str(&r->held), charset);
	if (!make_envelope(r->options, &r->header, str_given(charset), r->m, e)) {
		if (!r->behind_stray || e->kind != ERR_USAGE)
			return false;
		r->unsent = *e; /* unless a line behind the header tells more of why */
	}
	r->header_written = true;
	return take_body(r, buf_str(&r->header.stray), e) &&
	       take_body(r, buf_str(&r->header.rest), e) && take_body(r, buf_str(&r->held), e);
}

static bool take(struct message_reader *r, struct str raw, struct err *e)
{
	if (!r->header_written) {
		raw = str_from(raw, header_feed(&r->header, raw));
		if ((!r->header.done && !r->header.too_large) || holds_body(r, &raw))
			return true;
		if (!end_header(r, e))
			return false;
	}
	return take_body(r, raw, e);
}

/* The first octets are looked at together, however the input is cut. */
static bool take_start(struct message_reader *r, struct err *e)
{
	r->started = true;
	return body_check_start(buf_str(&r->start), e) && take(r, buf_str(&r->start), e);
}

bool message_reader_feed(struct message_reader *r, struct str raw, struct err *e)
{
	r->fed += raw.len;
	if (r->options->moved)
		r->options->moved(r->options->ctx, r->fed);
	if (!r->started) {
		struct str piece = str_head(raw, buf_room(&r->start));
		buf_add(&r->start, piece);
		raw = str_from(raw, piece.len);
		if (buf_room(&r->start))
			return true;
		if (!take_start(r, e))
			return false;
	}
	return take(r, raw, e);
}

static const char *parts(size_t count)
{
	return count == 1 ? "part" : "parts";
}

/* Called when the message is whole and a line of its body is longer than BODY_LINE. */
static bool shorten_lines(struct message *m, struct err *e)
{
	struct reencode_outcome did;

	if (!reencode_message(m, REENCODE_LONG_LINES, &did, e))
		return false;
	m->eightbit = did.has_8bit;
	if (did.recoded)
		log_note("%zu %s with lines over %d octets became quoted-printable", did.recoded,
			parts(did.recoded), BODY_LINE);
	if (did.passed)
		log_note("%zu %s with lines over %d octets cannot be changed and stay as they are",
			did.passed, parts(did.passed), BODY_LINE);
	return true;
}

bool message_reader_end(struct message_reader *r, struct err *e)
{
	if (!r->started && !take_start(r, e))
		return false;
	if (!r->header_written) {
		if (!r->header.done)
			header_finish(&r->header);
		if (!end_header(r, e))
			return false;
	}
	if (!check_stray(r, STR("\n"), e))
		return false;
	if (r->unsent.kind != ERR_NONE) {
		*e = r->unsent;
		return false;
	}
	while (!canon_end(&r->canon, &r->out))
		if (!spool_out(r, e))
			return false;
	if (r->canon.facts.has_lone_cr)
		log_note("the message has carriage returns without line feed; they became line "
			 "ends");
	if (r->canon.facts.has_nul)
		log_warning("the message has NUL octets; they were replaced by '?'");
	r->m->eightbit |= r->canon.facts.has_8bit;
	if (!spool_out(r, e))
		return false;
	if (r->canon.facts.longest <= BODY_LINE)
		return true;
	if (r->options->encode_long_lines)
		return shorten_lines(r->m, e);
	log_note("the message has lines over %d octets; they stay as they are", BODY_LINE);
	return true;
}

static bool read_all(struct message_reader *r, struct err *e)
{
	char *piece CLEAN_UP(mem_free_at) = mem_alloc(PIECE);
	struct input input;
	size_t n;

	input_init(&input, r->options->fd, r->options->dots_are_text, r->options->typed);
	for (;;) {
		if (!input_read(&input, piece, PIECE, &n, e))
			return false;
		if (!n)
			return message_reader_end(r, e);
		if (!message_reader_feed(r, str_n(piece, n), e)) {
			input_refused(&input);
			return false;
		}
	}
}

struct message_reader *message_reader_new(struct read_message_options *options, struct message *ret)
{
	struct message_reader *r = mem_alloc(sizeof(*r));

	*r = (struct message_reader) {
		.options = options,
		.out = BUF_INIT(CANON_OUT),
		.line = BUF_INIT(LINE_START),
		.start = BUF_INIT(BODY_START),
		.held = BUF_INIT(DECLARED_CHARSET_OCTETS),
		.m = ret,
	};
	message_init(ret);
	header_init(&r->header);
	r->header.is_input = true;
	return r;
}

bool read_message(struct read_message_options *options, struct message *ret, struct err *e)
{
	struct message_reader *r = message_reader_new(options, ret);

	bool good = read_all(r, e);
	message_reader_free(r);
	return good;
}

/* SPDX-License-Identifier: MIT */
#include "submit/intake.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "mail/addr.h"
#include "mail/rewrite.h"
#include "submit/recode.h"
#include "sys/file.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { PIECE = 65536, CANON_OUT = 3 * PIECE };

/* --- the envelope --- */

static bool add_recipient(
	const struct intake_terms *t, struct envelope *env, const struct addr *a, struct err *e)
{
	if (!addr_is_bare(a))
		return envelope_add(env, a->text, e);
	/* The owner of the account reads root's mail. */
	if (t->from)
		return envelope_add(env, t->from, e);
	err_set(e, ERR_NOUSER, "recipient %s has no domain", a->text);
	return err_hint(e, "write %s@DOMAIN, or add to the account a line: from ADDRESS", a->text);
}

static bool add_list(
	const struct intake_terms *t, struct envelope *env, struct str text, struct err *e)
{
	struct addr_list list = { .rest = text };
	struct addr a;
	enum addr_got got;

	while ((got = addr_next(&list, &a, e)) == ADDR_ONE)
		if (!add_recipient(t, env, &a, e))
			return false;
	return got == ADDR_END;
}

static bool add_arguments(const struct intake_terms *t, struct envelope *env, struct err *e)
{
	for (size_t i = 0; i < t->count; i++)
		if (!add_list(t, env, str_of(t->recipients[i]), e))
			return err_in(e, "recipient");
	return true;
}

static bool names_recipients(const struct header *h, const struct field *f, bool resent)
{
	static const char *const names[] = { "To", "Cc", "Bcc" };
	static const char *const resent_names[] = { "Resent-To", "Resent-Cc", "Resent-Bcc" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (field_is(h, f, resent ? resent_names[i] : names[i]))
			return true;
	return false;
}

static bool is_resent(const struct header *h, const struct field *f)
{
	return str_starts_same(field_name(h, f), STR("Resent-"));
}

/* To, Cc and Bcc; in a message that was resent, those of the first block of Resent- fields. */
static bool add_fields(
	const struct intake_terms *t, const struct header *h, struct envelope *env, struct err *e)
{
	size_t i = 0, end = h->count;

	while (i < h->count && !is_resent(h, &h->fields[i]))
		i++;
	bool resent = i < h->count;
	if (resent)
		for (end = i; end < h->count && is_resent(h, &h->fields[end]);)
			end++;
	for (i = resent ? i : 0; i < end; i++) {
		const struct field *f = &h->fields[i];
		if (!names_recipients(h, f, resent))
			continue;
		if (!add_list(t, env, field_value(h, f), e))
			return err_in(e, "field %.*s", STR_ARG(field_name(h, f)));
	}
	return true;
}

static bool find_sender(const struct intake_terms *t, struct envelope *env, struct err *e)
{
	struct addr a;

	if (t->sender && (!t->sender[0] || strcmp(t->sender, "<>") == 0)) {
		envelope_from(env, "");
		return true;
	}
	if (t->sender && !addr_one(str_of(t->sender), &a, e))
		return err_in(e, "sender (-f)");
	if (t->sender && !addr_is_bare(&a)) {
		envelope_from(env, a.text);
		return true;
	}
	if (!t->from) {
		err_set(e, ERR_CONFIG, "no sender is known%s%s", t->sender ? " for " : "",
			t->sender ? a.text : "");
		return err_hint(
			e, "use -f ADDRESS, or add to the account: from ADDRESS (no pattern)");
	}
	envelope_from(env, t->from);
	return true;
}

static bool make_envelope(
	const struct intake_terms *t, const struct header *h, struct envelope *env, struct err *e)
{
	if (!find_sender(t, env, e) || !add_arguments(t, env, e))
		return false;
	if (t->read_recipients && !add_fields(t, h, env, e))
		return false;
	if (env->count)
		return true;
	err_set(e, ERR_USAGE, "there is no recipient");
	return err_hint(e, t->read_recipients ? "To, Cc and Bcc name nobody"
					      : "name recipients as arguments, or use -t to take "
						"them from To, Cc and Bcc");
}

/* --- the header --- */

bool intake_host_name(char *ret, size_t size)
{
	static const char *const private[] = { ".local", ".localdomain", ".internal" };

	ret[0] = '\0';
	if (gethostname(ret, size) != 0)
		ret[0] = '\0';
	ret[size - 1] = '\0';
	bool good = strchr(ret, '.') != NULL;
	for (const char *p = ret; *p; p++)
		good = good && (chr_is_alpha(*p) || chr_is_digit(*p) || *p == '-' || *p == '.');
	for (size_t i = 0; i < ARRAY_LEN(private); i++)
		good = good && !str_ends_same(str_of(ret), str_of(private[i]));
	if (!good)
		ret[0] = '\0';
	return good;
}

static bool random_text(char *to, size_t size, struct err *e)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char octets[32];

	must(size <= sizeof(octets));
	if (getrandom(octets, sizeof(octets), 0) != (ssize_t)sizeof(octets))
		return err_set(e, ERR_OS, "the system gives no random numbers");
	for (size_t i = 0; i + 1 < size; i++)
		to[i] = digits[octets[i] & 31];
	to[size - 1] = '\0';
	return true;
}

static bool write_header(
	const struct intake_terms *t, const struct header *h, struct message *m, struct err *e)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX + 8192);
	char date[CLOCK_DATE_MAX], random[27], host[256];
	struct rewrite plan = rewrite_plan(h);

	clock_date_5322(time(NULL), date);
	if (!random_text(random, sizeof(random), e))
		return false;
	struct facts facts = {
		.date = date,
		.random = random,
		.host = intake_host_name(host, sizeof(host)) ? host : "localhost",
		.sender = m->env.from,
		.full_name = t->full_name ? t->full_name : "",
	};
	rewrite_write(&plan, h, &facts, &out);
	if (out.over)
		return err_set(e, ERR_DATA, "the header is larger than 1 MiB");
	if (h->had_mbox_line)
		log_note("the line \"From ...\" of a mailbox in front of the header was dropped");
	if (h->has_lone_cr)
		log_note("the header has carriage returns without line feed; they became spaces");
	if (h->has_nul)
		log_warning("the header has NUL octets; they were replaced by '?'");
	return spool_write(&m->content, buf_str(&out), e);
}

/* --- reading --- */

struct reader {
	const struct intake_terms *terms;
	struct header header;
	struct canon canon;
	struct buf out;
	struct message *m;
	bool header_written, terminal, in_line;
};

static void reader_done(struct reader *r)
{
	header_done(&r->header);
	buf_done(&r->out);
}

static bool spill(struct reader *r, struct err *e)
{
	bool good = spool_write(&r->m->content, buf_str(&r->out), e);

	buf_clear(&r->out);
	return good;
}

static bool take_body(struct reader *r, struct str raw, struct err *e)
{
	while (raw.len) {
		raw = str_from(raw, canon_feed(&r->canon, raw, &r->out));
		if (!spill(r, e))
			return false;
	}
	return true;
}

/* The header is complete: who gets the message is known, and what its header will be. */
static bool end_header(struct reader *r, struct err *e)
{
	if (r->header.too_large)
		return err_set(e, ERR_DATA, "the header is larger than 1 MiB");
	if (!make_envelope(r->terms, &r->header, &r->m->env, e) ||
		!write_header(r->terms, &r->header, r->m, e))
		return false;
	r->header_written = true;
	return take_body(r, buf_str(&r->header.stray), e);
}

static bool take(struct reader *r, struct str raw, struct err *e)
{
	if (!r->header_written) {
		raw = str_from(raw, header_feed(&r->header, raw));
		if (!r->header.done && !r->header.too_large)
			return true;
		if (!end_header(r, e))
			return false;
	}
	return take_body(r, raw, e);
}

static const char *parts(size_t count)
{
	return count == 1 ? "part" : "parts";
}

/* The message is whole in its spool, and a line of its body is longer than MIME_LINE. */
static bool shorten_lines(struct message *m, struct err *e)
{
	struct mime_outcome did;

	if (!recode(&m->content, MIME_LONG_LINES, &did, e))
		return false;
	m->eightbit = did.has_8bit;
	if (did.recoded)
		log_note("%zu %s with lines over %d octets became quoted-printable", did.recoded,
			parts(did.recoded), MIME_LINE);
	if (did.passed)
		log_note("%zu %s with lines over %d octets cannot be changed and stay as they are",
			did.passed, parts(did.passed), MIME_LINE);
	return true;
}

static bool finish(struct reader *r, struct err *e)
{
	if (!r->header_written) {
		header_finish(&r->header);
		if (!end_header(r, e))
			return false;
	}
	while (!canon_end(&r->canon, &r->out))
		if (!spill(r, e))
			return false;
	if (r->canon.facts.has_lone_cr)
		log_note("the message has carriage returns without line feed; they became line "
			 "ends");
	if (r->canon.facts.has_nul)
		log_warning("the message has NUL octets; they were replaced by '?'");
	r->m->eightbit = r->header.has_8bit || r->canon.facts.has_8bit;
	if (!spill(r, e))
		return false;
	if (r->canon.facts.longest <= MIME_LINE)
		return true;
	if (r->terms->encode_long_lines)
		return shorten_lines(r->m, e);
	log_note("the message has lines over %d octets; they stay as they are", MIME_LINE);
	return true;
}

/* A terminal gives a line at a time: the one that is a lone dot is the end. */
static bool is_end(struct reader *r, struct str raw)
{
	bool lone = !r->in_line && str_eq(raw, STR(".\n"));

	r->in_line = raw.len && raw.p[raw.len - 1] != '\n';
	return lone && r->terminal && !r->terms->dots_are_text;
}

static bool read_all(struct reader *r, struct err *e)
{
	char *piece CLEAN_UP(mem_free_at) = mem_alloc(PIECE);
	size_t n;

	for (;;) {
		if (!file_read_some(r->terms->fd, piece, PIECE, &n, e))
			return err_in(e, "the message cannot be read; nothing was sent");
		if (!n || is_end(r, str_n(piece, n)))
			return finish(r, e);
		if (!take(r, str_n(piece, n), e))
			return false;
	}
}

bool intake(const struct intake_terms *terms, struct message *ret, struct err *e)
{
	struct reader r CLEAN_UP(reader_done) = {
		.terms = terms,
		.out = BUF_INIT(CANON_OUT),
		.m = ret,
		.terminal = isatty(terms->fd),
	};

	*ret = (struct message) { 0 };
	spool_init(&ret->content);
	header_init(&r.header);
	return read_all(&r, e);
}

void message_done(struct message *m)
{
	spool_done(&m->content);
	envelope_done(&m->env);
}

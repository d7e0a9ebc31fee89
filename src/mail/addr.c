/* SPDX-License-Identifier: MIT */
#include "mail/addr.h"

#include "base/mem.h"
#include "base/printable.h"

#include <idn2.h>
#include <string.h>

/*
 * The part of the grammar that is read here (RFC 5322 section 3.4, and obsolete forms of 4.4):
 *
 *   address-list = [address] *("," [address])
 *   address      = mailbox / group
 *   group        = phrase ":" [mailbox-list] ";"
 *   mailbox      = addr-spec / [phrase] "<" [route ":"] addr-spec ">"
 *   addr-spec    = local-part ["@" domain]          ; without domain: a bare name
 *   local-part   = word *("." word)                 ; word = atom / quoted-string
 *   domain       = atom *("." atom) / "[" dtext "]"
 *
 * An element is first cut out up to its delimiter and then read, so a phrase needs no look-ahead.
 */

static bool is_atext(char c)
{
	return chr_is_alpha(c) || chr_is_digit(c) || (unsigned char)c > 0x7f ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool bad(struct err *e, struct str text, const char *why)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(400);

	printable_add(&shown, str_head(str_trim_lines(text), 120));
	return err_set(e, ERR_DATA, "address \"%s\": %s", buf_text(&shown), why);
}

/* Also the length of a domain literal. */
size_t addr_span(struct str s)
{
	char open = s.p[0];
	char close = open == '(' ? ')' : open == '[' ? ']' : '"';
	unsigned depth = 1;

	for (size_t i = 1; i < s.len; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == close && --depth == 0)
			return i + 1;
		else if (open == '(' && s.p[i] == '(' && ++depth > ADDR_COMMENT_DEPTH)
			return 0;
	}
	return 0;
}

size_t addr_outside(struct str s, const char *wanted, bool *may_span)
{
	size_t i = 0;

	while (i < s.len) {
		bool begins = *may_span && (s.p[i] == '"' || s.p[i] == '(');
		size_t n = begins ? addr_span(str_from(s, i)) : 0;
		*may_span &= !begins || n;
		if (s.p[i] && strchr(wanted, s.p[i]) && (s.p[i] != '(' || n))
			break;
		i += n ? n : 1;
	}
	return i;
}

static bool skip_cfws(struct str *s)
{
	while (s->len) {
		size_t n = 1;
		if (s->p[0] == '(')
			n = addr_span(*s);
		else if (!chr_is_white(s->p[0]))
			return true;
		if (!n)
			return false;
		*s = str_from(*s, n);
	}
	return true;
}

size_t addr_encoded_word(struct str s)
{
	size_t i = 2, marks = 1;

	if (!str_starts(s, STR("=?")))
		return 0;
	for (; i < s.len && !chr_is_white(s.p[i]); i++) {
		if (marks == 3 && s.p[i] == '?')
			return i + 1 < s.len && s.p[i + 1] == '=' ? i + 2 : 0;
		marks += s.p[i] == '?';
	}
	return 0;
}

/* Octets before the first delimiter that is outside quotes, comments, literals, encoded-words. */
static bool run_length(struct str s, const char *delimiters, size_t *ret_n)
{
	size_t i = 0;

	while (i < s.len) {
		char c = s.p[i];
		if (c && strchr(delimiters, c))
			break;
		bool opens = c == '(' || c == '"' || c == '[';
		struct str rest = str_from(s, i);
		size_t n = opens ? addr_span(rest) : addr_encoded_word(rest);
		if (opens && !n)
			return false;
		i += n ? n : 1;
	}
	*ret_n = i;
	return true;
}

/* The text of a quoted string without its quotes and backslashes. */
static void unquote_string(struct str quoted, struct buf *out)
{
	for (size_t i = 1; i + 1 < quoted.len; i++) {
		if (quoted.p[i] == '\\' && i + 2 < quoted.len)
			i++;
		else if (quoted.p[i] == '\r' || quoted.p[i] == '\n')
			continue; /* folding */
		buf_char(out, quoted.p[i]);
	}
}

/* Moves one word from the start of *s to out; false if there is none. */
static bool take_word(struct str *s, struct buf *out)
{
	size_t n = 0;

	if (s->p[0] == '"') {
		n = addr_span(*s);
		unquote_string(str_head(*s, n), out);
	} else {
		while (n < s->len && is_atext(s->p[n]))
			n++;
		buf_add(out, str_head(*s, n));
	}
	*s = str_from(*s, n);
	return n > 0;
}

/* Takes words joined by dots, up to '@' or the end; words without a dot between are an error. */
static const char *take_local(struct str *s, struct buf *out)
{
	bool after_word = false;

	for (;;) {
		if (!skip_cfws(s))
			return "a comment does not end";
		if (!s->len || s->p[0] == '@')
			return out->len ? NULL : "there is no local part";
		if (s->p[0] == '.') {
			buf_char(out, '.');
			*s = str_from(*s, 1);
			after_word = false;
			continue;
		}
		if (after_word && (is_atext(s->p[0]) || s->p[0] == '"'))
			return "it contains a space; separate addresses with commas";
		if (!take_word(s, out))
			return "a character that no address may have";
		after_word = true;
	}
}

static const char *take_literal(struct str *s, struct buf *out)
{
	size_t n = addr_span(*s);

	for (size_t i = 1; i + 1 < n; i++)
		if (s->p[i] == '[' || s->p[i] == '\\' || s->p[i] == '@' || s->p[i] <= ' ' ||
			s->p[i] == 0x7f)
			return "the address literal is malformed";
	if (n < 3)
		return "the address literal is malformed";
	buf_add(out, str_head(*s, n));
	*s = str_from(*s, n);
	return skip_cfws(s) && !s->len ? NULL : "something follows the domain";
}

static bool is_domain_char(char c)
{
	return chr_is_alpha(c) || chr_is_digit(c) || c == '-' || c == '_' ||
	       (unsigned char)c > 0x7f;
}

/* Labels of letters, digits, '-' and '_'; a dot at the very end is dropped. */
static const char *take_domain(struct str *s, struct buf *out)
{
	bool in_label = false, gap = false; /* only a dot may follow a gap */

	if (!skip_cfws(s) || !s->len)
		return "there is no domain after the '@'";
	if (s->p[0] == '[')
		return take_literal(s, out);
	while (s->len) {
		char c = s->p[0];
		if (chr_is_white(c) || c == '(') {
			if (!skip_cfws(s))
				return "a comment does not end";
			gap = in_label;
			continue;
		}
		if (c == '.' ? !in_label : gap || !is_domain_char(c))
			return "the domain is malformed";
		in_label = c != '.';
		gap = false;
		buf_char(out, c);
		*s = str_from(*s, 1);
	}
	if (!in_label)
		out->data[--out->len] = '\0'; /* the dot of the DNS root */
	return out->len ? NULL : "there is no domain after the '@'";
}

bool addr_is_dot_atom(struct str s)
{
	bool after_atom = false;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '.' ? !after_atom : !is_atext(s.p[i]))
			return false;
		after_atom = s.p[i] != '.';
	}
	return after_atom;
}

bool addr_is_phrase(struct str s)
{
	bool in_words = false;

	while (s.len) {
		size_t n = addr_encoded_word(s);
		if (!n && s.p[0] == '"')
			n = addr_span(s);
		else if (!n)
			n = is_atext(s.p[0]) || (in_words && chr_is_white(s.p[0]));
		if (!n)
			return false;
		in_words = true;
		s = str_from(s, n);
	}
	return in_words;
}

void addr_quote(struct buf *out, struct str s)
{
	buf_char(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_char(out, '\\');
		buf_char(out, s.p[i]);
	}
	buf_char(out, '"');
}

/* The local part must be UTF-8 without control characters. */
static const char *check_local(struct str local)
{
	uint32_t code;
	size_t n;

	for (struct str rest = local; rest.len; rest = str_from(rest, n)) {
		n = str_utf8_char(rest, &code);
		if (!n)
			return "it has octets that are not UTF-8";
		if (code < 0x20 || (code >= 0x7f && code < 0xa0))
			return "it has a control character";
	}
	if (local.p[0] == '-')
		return "it begins with '-' and could pass for an option";
	return NULL;
}

/* What may not stand for somebody without a domain: nobody has such a name. */
static const char *check_bare(struct str local)
{
	if (str_starts(local, STR("=?")))
		return "an encoded-word is no address";
	return str_find(local, '@') < local.len
		       ? "it is in quotes; without them it may be an address"
		       : NULL;
}

/* Checks the result of IDNA mapping, which may turn look-alikes into '>', '@' or a space. */
static bool is_plain_domain(struct str s)
{
	bool in_label = false;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		if (c == '.' ? !in_label : !is_domain_char(c) || (unsigned char)c > 0x7f)
			return false;
		in_label = c != '.';
	}
	return in_label;
}

bool addr_domain_to_ascii(struct str domain, struct buf *out)
{
	char *text CLEAN_UP(mem_free_at) = mem_dup(domain.p, domain.len), *labels = NULL;

	if (str_find(domain, '\0') < domain.len ||
		idn2_to_ascii_8z(text, &labels, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK)
		return false;
	bool good = is_plain_domain(str_of(labels));
	if (good)
		buf_add(out, str_of(labels));
	idn2_free(labels);
	return good;
}

/* Turns a name outside ASCII into A-labels; an ASCII name was checked before. */
static const char *to_a_labels(struct buf *domain)
{
	struct buf labels CLEAN_UP(buf_done) = BUF_INIT(domain->limit);

	if (str_is_ascii(buf_str(domain)))
		return NULL;
	if (!addr_domain_to_ascii(buf_str(domain), &labels))
		return "the domain is not a name that may be registered (RFC 5891)";
	buf_clear(domain);
	buf_add(domain, buf_str(&labels));
	return NULL;
}

/* Reads an addr-spec that fills all of text; NULL, or the reason why it is none. */
static const char *read_spec(struct str text, struct addr *ret)
{
	struct buf local CLEAN_UP(buf_done) = BUF_INIT(ADDR_MAX);
	struct buf domain CLEAN_UP(buf_done) = BUF_INIT(ADDR_MAX);
	struct buf wire CLEAN_UP(buf_done) = BUF_INIT(ADDR_MAX);

	struct str all = str_trim_lines(text);
	if (all.len && addr_encoded_word(all) == all.len)
		return "an encoded-word is no address";
	const char *why = take_local(&text, &local);
	if (local.over)
		return "it is too long for an SMTP command";
	if (!why && text.len) {
		text = str_from(text, 1);
		why = take_domain(&text, &domain);
	}
	if (!why)
		why = check_local(buf_str(&local));
	if (!why)
		why = to_a_labels(&domain);
	if (why)
		return why;
	if (!domain.len && (why = check_bare(buf_str(&local))))
		return why;
	if (addr_is_dot_atom(buf_str(&local)))
		buf_add(&wire, buf_str(&local));
	else
		addr_quote(&wire, buf_str(&local));
	ret->local_len = wire.len;
	ret->utf8 = !str_is_ascii(buf_str(&local));
	if (domain.len)
		buf_fmt(&wire, "@%.*s", STR_ARG(buf_str(&domain)));
	if (domain.over || wire.over)
		return "it is too long for an SMTP command";
	memcpy(ret->text, buf_text(&wire), wire.len + 1);
	return NULL;
}

/* Whether what stands in angle brackets names nobody: nothing, or an empty group. */
static bool is_nobody(struct str inner)
{
	size_t n = 0;

	if (!inner.len)
		return true;
	if (inner.p[inner.len - 1] != ';' || !run_length(inner, ":@", &n) || n == inner.len)
		return false;
	return n && inner.p[n] == ':' &&
	       !str_trim_lines(str_head(str_from(inner, n + 1), inner.len - n - 2)).len;
}

/* A phrase that is an address would be lost with the empty brackets. */
static const char *check_nobody(struct str phrase)
{
	size_t n;

	return run_length(phrase, "@", &n) && n == phrase.len
		       ? NULL
		       : "the angle brackets are empty, and an address stands before them";
}

/* Reads [route ":"] addr-spec. */
static const char *read_routed(struct str inner, struct addr *ret)
{
	size_t n;

	if (inner.p[0] != '@')
		return read_spec(inner, ret);
	if (!run_length(inner, ":", &n) || n == inner.len)
		return "the source route does not end";
	return read_spec(str_from(inner, n + 1), ret);
}

/* Reads "<" [route ":"] addr-spec ">" at the start of list->rest; ADDR_END if it names nobody. */
static enum addr_got read_angle(struct addr_list *list, struct addr *ret, struct err *e)
{
	struct str whole = list->rest;
	struct str inner = str_from(whole, 1);
	size_t n;

	if (!run_length(inner, ">", &n) || n == inner.len)
		return bad(e, whole, "the '>' is missing"), ADDR_BAD;
	list->rest = str_from(inner, n + 1);
	inner = str_trim_lines(str_head(inner, n));
	bool nobody = is_nobody(inner);
	const char *why = nobody ? check_nobody(ret->phrase) : read_routed(inner, ret);
	if (why) {
		const char *begin = nobody ? ret->whole.p : whole.p;
		return bad(e, str_n(begin, (size_t)(list->rest.p - begin)), why), ADDR_BAD;
	}
	ret->whole = str_n(ret->whole.p, (size_t)(list->rest.p - ret->whole.p));
	if (!skip_cfws(&list->rest))
		return bad(e, whole, "a comment does not end"), ADDR_BAD;
	if (list->rest.len && list->rest.p[0] != ',' && list->rest.p[0] != ';')
		return bad(e, whole, "something follows the '>'"), ADDR_BAD;
	return nobody ? ADDR_END : ADDR_ONE;
}

/* Skips what separates elements: white space, comments, commas, the end of a group. */
static bool skip_between(struct addr_list *list)
{
	for (;;) {
		if (!skip_cfws(&list->rest))
			return false;
		if (!list->rest.len)
			return true;
		char c = list->rest.p[0];
		if (c == ';')
			list->in_group = false;
		else if (c != ',')
			return true;
		list->rest = str_from(list->rest, 1);
	}
}

enum addr_got addr_next(struct addr_list *list, struct addr *ret, struct err *e)
{
	for (;;) {
		size_t n;
		if (!skip_between(list))
			return bad(e, list->rest, "a comment does not end"), ADDR_BAD;
		if (!list->rest.len)
			return ADDR_END;
		if (!run_length(list->rest, list->in_group ? ",;<" : ",;<:", &n))
			return bad(e, list->rest, "a quote or comment does not end"), ADDR_BAD;
		struct str run = str_head(list->rest, n);
		list->rest = str_from(list->rest, n);
		ret->phrase = ret->whole = str_trim_lines(run);
		if (list->rest.len && list->rest.p[0] == '<') {
			enum addr_got got = read_angle(list, ret, e);
			if (got == ADDR_END)
				continue;
			return got;
		}
		if (list->rest.len && list->rest.p[0] == ':') {
			if (!run_length(run, "@", &n) || n < run.len)
				return bad(e, run, "a colon follows it; commas separate addresses"),
				       ADDR_BAD;
			list->in_group = true;
			list->rest = str_from(list->rest, 1);
			continue;
		}
		ret->phrase = STR("");
		const char *why = read_spec(run, ret);
		return why ? (bad(e, run, why), ADDR_BAD) : ADDR_ONE;
	}
}

bool addr_one(struct str text, struct addr *ret, struct err *e)
{
	struct addr_list list = { .rest = text };
	struct addr second;

	switch (addr_next(&list, ret, e)) {
	case ADDR_BAD:
		return false;
	case ADDR_END:
		return bad(e, text, "it is empty");
	case ADDR_ONE:
		break;
	}
	enum addr_got more = addr_next(&list, &second, e);
	if (more == ADDR_ONE)
		return bad(e, text, "only one address may be given here");
	return more == ADDR_END;
}

bool addr_is_bare(const struct addr *a)
{
	return a->text[a->local_len] == '\0';
}

bool addr_set_domain(struct addr *a, struct str domain, struct err *e)
{
	char *whole CLEAN_UP(mem_free_at) = mem_fmt("%s@%.*s", a->text, STR_ARG(domain));
	struct str text = str_of(whole);
	const char *why = read_spec(text, a);

	return why ? bad(e, text, why) : true;
}

/* The '@' of a wire form is the last one, as a domain has none; a bare quoted name may hold one. */
static size_t find_at(struct str wire)
{
	bool bare = wire.len && wire.p[wire.len - 1] == '"';

	return bare ? wire.len : str_rfind(wire, '@');
}

struct str addr_domain(const char *wire)
{
	struct str s = str_of(wire);

	return str_from(s, find_at(s) + 1);
}

bool addr_same(const char *wire_a, const char *wire_b)
{
	struct str a = str_of(wire_a), b = str_of(wire_b);

	return a.len == b.len && str_same(addr_domain(wire_a), addr_domain(wire_b)) &&
	       str_eq(str_head(a, find_at(a)), str_head(b, find_at(b)));
}

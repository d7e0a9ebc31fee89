/* SPDX-License-Identifier: MIT */
#include "mail/address_fields.h"

#include "mail/addr.h"
#include "mail/header.h"
#include "mail/header_fold.h"
#include "mail/rfc2047.h"

#include <string.h>

/* What ends a word between mailboxes (RFC 5322 section 3.2.3 specials). */
static const char specials[] = "()<>[]:;@\\,\"";

/* The fields of RFC 5322 have a Resent- form; in the others bare names are not completed. */
static const struct {
	const char *name;
	struct address_field is;
} fields[] = {
	{ "From", { .author = true, .completed = true } },
	{ "Sender", { .completed = true } },
	{ "Reply-To", { .completed = true } },
	{ "To", { .recipients = true, .completed = true } },
	{ "Cc", { .recipients = true, .completed = true } },
	{ "Bcc", { .recipients = true, .hidden = true, .completed = true } },
	{ "Mail-Followup-To", { .completed = false } },
	{ "Mail-Reply-To", { .completed = false } },
	{ "Errors-To", { .completed = false } },
	{ "Disposition-Notification-To", { .completed = false } },
	{ "Return-Receipt-To", { .completed = false } },
};

struct address_field address_field_of(struct str name)
{
	bool resent = str_starts_same(name, STR("Resent-"));
	struct str plain = resent ? str_from(name, strlen("Resent-")) : name;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (!str_same(plain, str_of(fields[i].name)))
			continue;
		struct address_field found = fields[i].is;
		found.known = true;
		found.resent = resent;
		return found;
	}
	return (struct address_field) { .known = false };
}

/*
 * The next address of a value that cannot be read as a list: of what stands between commas, what is
 * an address is one nevertheless. False at the end. *may_span: as addr_outside() wants it.
 */
static bool next_part(struct str *rest, bool *may_span, struct addr *ret)
{
	while (rest->len) {
		size_t n = addr_outside(*rest, ",", may_span);
		struct addr_list list = { .rest = str_head(*rest, n) };
		struct addr more;
		struct err ignored;
		*rest = str_from(*rest, n + 1);
		if (addr_next(&list, ret, &ignored) == ADDR_ONE && !addr_is_bare(ret) &&
			addr_next(&list, &more, &ignored) == ADDR_END)
			return true;
	}
	return false;
}

bool address_field_needs_utf8(struct str value, struct addr *ret)
{
	struct addr_list list = { .rest = value };
	bool may_span = true;
	enum addr_got got;
	struct err ignored;

	while ((got = addr_next(&list, ret, &ignored)) == ADDR_ONE)
		if (ret->utf8)
			return true;
	while (got == ADDR_BAD && next_part(&value, &may_span, ret))
		if (ret->utf8)
			return true;
	return false;
}

/* Whether it cannot be meant as a local part: "Backup Server", or a name outside ASCII. */
static bool is_only_name(const struct addr *a)
{
	return addr_is_bare(a) && !a->phrase.len && (a->utf8 || a->text[0] == '"');
}

/* As addr_next(), but a name before a comma and an address without one is one mailbox. */
static enum addr_got next_author(
	struct addr_list *list, struct addr *ret, bool *ret_mended, struct err *e)
{
	enum addr_got got = addr_next(list, ret, e);
	struct addr_list ahead = *list;
	struct err ignored;
	struct addr second;

	*ret_mended = got == ADDR_ONE && is_only_name(ret) &&
		      addr_next(&ahead, &second, &ignored) == ADDR_ONE && !addr_is_bare(&second) &&
		      !second.phrase.len && str_starts(second.whole, STR("<"));
	if (*ret_mended) {
		const char *begin = ret->whole.p, *end = second.whole.p + second.whole.len;
		second.phrase = ret->whole;
		second.whole = str_n(begin, (size_t)(end - begin));
		*ret = second;
		*list = ahead;
	}
	return got;
}

size_t address_field_authors(struct str value, bool one_owner)
{
	struct addr_list list = { .rest = value };
	struct addr a;
	struct err ignored;
	enum addr_got got;
	bool mended;
	size_t n = 0, bare = 0;

	while ((got = next_author(&list, &a, &mended, &ignored)) == ADDR_ONE) {
		n++;
		bare += addr_is_bare(&a) && !a.phrase.len;
	}
	if (got == ADDR_BAD)
		return 0;
	return n && n == bare && one_owner ? 1 : n;
}

bool address_field_author(struct str value, struct addr *ret)
{
	struct addr_list list = { .rest = value };
	struct err ignored;
	bool mended;

	return next_author(&list, ret, &mended, &ignored) == ADDR_ONE && !is_only_name(ret);
}

/* Runs of white space, folds among them, become one space. */
static void unfold(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!chr_is_white(text.p[i]))
			buf_char(out, text.p[i]);
		else if (out->len && out->data[out->len - 1] != ' ')
			buf_char(out, ' ');
	}
}

void address_fields_phrase(struct buf *out, struct str phrase)
{
	struct buf plain CLEAN_UP(buf_done) = BUF_INIT(out->limit);

	for (size_t i = 0; i < phrase.len; i++) {
		if (phrase.p[i] == '\\' && i + 1 < phrase.len)
			buf_char(&plain, phrase.p[++i]);
		else if (phrase.p[i] != '"')
			buf_char(&plain, phrase.p[i]);
	}
	unfold(out, buf_str(&plain));
}

/* What the rewritten mailbox keeps as its display name, as it was written; "" for nothing. */
static struct str name_of(const struct addr *a, bool keep)
{
	if (a->phrase.len)
		return a->phrase;
	if (str_find(a->whole, '(') < a->whole.len) /* root (Cron Daemon) */
		return a->whole;
	return keep ? str_head(a->whole, str_find(a->whole, '@'))
		    : STR(""); /* root, root@localhost */
}

/* Whether s is ASCII outside comments, in which encoded-words are allowed. */
static bool is_ascii_but_for_comments(struct str s)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		bool pair = c == '\\' && i + 1 < s.len;
		if (!depth && (unsigned char)s.p[i + pair] > 0x7f)
			return false;
		i += pair;
		quoted ^= !depth && c == '"';
		depth += !quoted && c == '(';
		depth -= !quoted && depth && c == ')';
	}
	return true;
}

/* Whether the phrase is ASCII or only atoms, so that encoded-words in it stay as they are. */
static bool is_simple(struct str phrase)
{
	return str_is_ascii(phrase) ||
	       (str_find(phrase, '"') == phrase.len && str_find(phrase, '\\') == phrase.len &&
		       str_find(phrase, '(') == phrase.len);
}

void address_fields_text(struct buf *out, struct str text, const char *charset)
{
	while (text.len) {
		size_t n = str_find(text, '"');
		size_t quoted = n < text.len ? addr_span(str_from(text, n)) : 0;
		struct str string = str_head(str_from(text, n), quoted);
		if (str_is_ascii(string)) {
			n = quoted ? n + quoted : text.len;
			rfc2047_text(out, str_head(text, n), specials, charset);
		} else { /* no encoded-word stands in quotes (RFC 2047 section 5) */
			struct buf name CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);
			rfc2047_text(out, str_head(text, n), specials, charset);
			address_fields_phrase(&name, string);
			rfc2047_encode(out, buf_str(&name), charset);
			n += quoted;
		}
		text = str_from(text, n);
	}
}

/* One field that is being rewritten. */
struct rewriting {
	const struct address_field_options *options;
	struct str value;
	size_t copied;     /* octets of value that are done */
	bool changed;      /* anything is, so far */
	bool owner_stands; /* the owner's address is there */
	bool owner_made;   /* a name became it */
};

/* A search for encoded-words, which goes on behind each. */
struct word_search {
	const char *comment_end; /* behind the comment that was last begun */
	bool may_span;           /* as addr_outside() has it */
};

/* Octets of the quoted-string that begins at text; in a comment there is none. */
static size_t quoted_length(struct word_search *search, struct str text)
{
	bool opens = text.p[0] == '(' || text.p[0] == '"';

	if (!opens || !search->may_span || text.p < search->comment_end)
		return 0;
	size_t n = addr_span(text);
	search->may_span = n > 0;
	if (text.p[0] == '"')
		return n;
	search->comment_end = text.p + n;
	return 0;
}

/* Octets before the first encoded-word, and its own; all and 0 if there is none. In quotes there is
 * none (RFC 2047 section 5). */
static size_t find_encoded_word(struct word_search *search, struct str text, size_t *ret_word)
{
	size_t n = 0;

	*ret_word = 0;
	while (n < text.len && !(*ret_word = addr_encoded_word(str_from(text, n)))) {
		size_t quoted = quoted_length(search, str_from(text, n));
		n += quoted ? quoted : 1;
	}
	return n;
}

/*
 * Text beside encoded-words. If it becomes one too it has the blanks around it, since those between
 * two of them are not shown (RFC 2047 section 6.2).
 */
static void write_between(
	struct buf *out, struct str text, bool behind, bool before, const char *charset)
{
	struct buf plain CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);
	struct buf padded CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);

	rfc2047_phrase(&plain, text, charset);
	if (!str_starts(buf_str(&plain), STR("=?"))) {
		buf_add(out, buf_str(&plain));
		return;
	}
	buf_fmt(&padded, "%s%.*s%s", behind ? " " : "", STR_ARG(text), before ? " " : "");
	rfc2047_encode(out, buf_str(&padded), charset);
}

/* A name as it was written, in which encoded-words stay what they are; around them there must be
 * white space. */
static void write_words(struct buf *out, struct str raw, const char *charset)
{
	struct word_search search = { .comment_end = raw.p, .may_span = true };
	bool behind = false;

	while (raw.len) {
		struct buf plain CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);
		size_t word, n = find_encoded_word(&search, raw, &word);
		address_fields_phrase(&plain, str_head(raw, n));
		struct str before = str_trim(buf_str(&plain));
		if (before.len)
			write_between(out, before, behind, word > 0, charset);
		if (before.len && word) {
			buf_char(out, ' ');
			header_fold(out, word);
		}
		if (word)
			rfc2047_phrase_word(out, str_head(str_from(raw, n), word), charset);
		raw = str_trim_lines(str_from(raw, n + word));
		if (raw.len)
			buf_char(out, ' ');
		behind = word > 0;
	}
}

/* Before a mailbox that takes so many octets. */
static void begin_mailbox(struct buf *out, size_t octets)
{
	if (out->len && out->data[out->len - 1] == ':')
		buf_char(out, ' ');
	header_fold(out, octets);
}

/* stays: the name is written as it is, but for octets above 127. */
static void write_named(
	struct buf *out, struct str name, bool stays, const char *address, const char *charset)
{
	begin_mailbox(out, strlen(address) + name.len + 3);
	if (!name.len) {
		buf_add(out, str_of(address));
		return;
	}
	if (stays)
		rfc2047_text(out, name, specials, charset);
	else
		write_words(out, name, charset);
	buf_char(out, ' ');
	header_fold(out, strlen(address) + 2);
	buf_fmt(out, "<%s>", address);
}

/* What becomes of one mailbox. */
struct new_address {
	const char *address; /* NULL: it stays as it is */
	bool bare;           /* it had no address of its own */
	bool owner;          /* it is the owner's now */
};

static struct new_address stays_bare(const struct addr *a)
{
	return (struct new_address) { .address = str_is_ascii(a->whole) ? NULL : a->text };
}

static struct new_address find_address(struct addr *a, const struct address_field_options *t)
{
	struct addr_home home = t->home;
	struct new_address found = { .bare = true };
	struct err ignored;

	if (!t->complete || !addr_is_home(a, &t->home))
		return stays_bare(a);
	if (t->alias)
		found.address = t->alias(t->ctx, a->text);
	if (found.address)
		return found;
	if (!t->is_recipients && is_only_name(a) && str_given(home.owner))
		home.domain = NULL;
	found.owner = !str_given(home.domain);
	if (!addr_complete(a, &home, &ignored))
		return (struct new_address) { .address = NULL };
	if (addr_is_home(a, &t->home))
		return stays_bare(a);
	found.address = a->text;
	return found;
}

/* Whether what stands between is a comma, so that the mailbox behind it can be left out. */
static bool is_comma(struct str between)
{
	return str_eq(str_trim_lines(between), STR(","));
}

/* Whether its name is worth keeping when the owner's address takes its place. */
static bool keeps_name(const struct addr *a, const struct address_field_options *t)
{
	bool at_home = str_find(a->whole, '@') < a->whole.len;

	return t->is_author ||
	       (!at_home && (!addr_is_dot_atom(a->whole) || !str_is_ascii(a->whole)));
}

/* Whether it is the owner once more, and one of the two was written as a name. */
static bool is_again(const struct rewriting *r, const struct addr *a, bool owner, bool made)
{
	return owner && r->owner_stands && (made || r->owner_made) && !a->phrase.len &&
	       str_find(a->whole, '(') == a->whole.len;
}

/* The comment that ends the mailbox, in which it is the name; empty if none does. */
static struct str last_comment(struct str whole)
{
	size_t n = str_find(whole, '(');
	struct str comment = str_from(whole, n);

	return n && comment.len && addr_span(comment) == comment.len ? comment : STR("");
}

static void write_commented(
	struct buf *out, const char *address, struct str comment, const char *charset)
{
	begin_mailbox(out, strlen(address));
	buf_fmt(out, "%s ", address);
	rfc2047_text(out, comment, specials, charset);
}

/* Writes the mailbox with its new address, and the name where it had none. */
static void write_mailbox(struct buf *out, const struct addr *a, const struct new_address *to,
	struct str name, const char *charset)
{
	struct str comment = last_comment(a->whole);

	if (!to->address)
		buf_add(out, a->whole);
	else if (!to->bare && is_ascii_but_for_comments(a->whole))
		rfc2047_text(out, a->whole, specials, charset);
	else if (!to->bare && !a->phrase.len && comment.len)
		write_commented(out, to->address, comment, charset);
	else
		write_named(out, name, a->phrase.len && is_simple(a->phrase), to->address, charset);
}

/* Whether nothing is left of a name without its quotes and blanks. */
static bool is_blank(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		bool pair = name.p[i] == '\\' && i + 1 < name.len;
		i += pair;
		if (!chr_is_white(name.p[i]) && (pair || name.p[i] != '"'))
			return false;
	}
	return true;
}

static void rewrite_mailbox(struct buf *out, struct rewriting *r, struct addr *a, bool mended)
{
	struct str name = STR("");
	size_t at = (size_t)(a->whole.p - r->value.p);
	struct str between = str_n(r->value.p + r->copied, at - r->copied);
	struct new_address to = find_address(a, r->options);

	r->copied = at + a->whole.len;
	if (mended) {
		to.address = a->text;
		to.bare = true;
	}
	r->changed |= to.address != NULL;
	if (to.address)
		name = str_trim_lines(name_of(a, to.owner && keeps_name(a, r->options)));
	if (is_blank(name))
		name = STR("");
	const char *home = r->options->home.owner;
	bool owner = to.owner || (str_given(home) && addr_same(a->text, home));
	if (is_again(r, a, owner, to.owner) && !name.len && is_comma(between))
		return;
	r->owner_stands |= owner;
	r->owner_made |= to.owner;
	address_fields_text(out, between, r->options->charset);
	write_mailbox(out, a, &to, name, r->options->charset);
}

/* Whether a colon or semicolon stands in it, outside of quotes, comments and brackets. */
static bool has_marks(struct str value)
{
	bool may_span = true;
	size_t n = addr_outside(value, ":;<", &may_span);

	return n < value.len && value.p[n] != '<';
}

/* Whether it has no address, and is no group without members either: "undisclosed:;". */
static bool names_nobody(struct str value)
{
	struct addr_list list = { .rest = value };
	struct err ignored;
	struct addr a;

	if (address_field_authors(value, false))
		return false;
	return !has_marks(value) || addr_next(&list, &a, &ignored) != ADDR_END;
}

/*
 * Whether the value names nobody, or several bare names that would all become one address, or an
 * author with the marks of a group, which the name of a service or a URL has.
 */
static bool is_text(const struct address_field_options *t, struct str value)
{
	bool may_span = true;

	if (t->is_recipients || !t->complete || !str_given(t->home.owner) ||
		addr_outside(value, "@", &may_span) < value.len ||
		(!t->is_author && !str_trim_lines(value).len))
		return false;
	if (!t->is_author)
		return names_nobody(value);
	size_t count = address_field_authors(value, false);
	return !count || has_marks(value) ||
	       (count > 1 && !t->home.domain[0] && address_field_authors(value, true) == 1);
}

/* All of the value, but for empty brackets, becomes the display name. */
static void write_as_name(struct buf *out, const struct address_field_options *t, struct str value)
{
	bool may_span = true;
	size_t brackets = addr_outside(value, "<", &may_span);
	struct str name = str_trim_lines(str_head(value, brackets));
	bool has_words = name.len > 1 && memmem(name.p, name.len, "=?", 2) && addr_is_phrase(name);

	write_named(out, is_blank(name) ? STR("") : name, has_words && is_simple(name),
		t->home.owner, t->charset);
}

/* The value cannot be read as a list: its parts are rewritten, and nothing is completed. */
static void rewrite_parts(
	struct buf *out, struct str value, const struct address_field_options *options)
{
	struct address_field_options plain = *options;
	struct rewriting r = { &plain, value, .changed = false };
	struct str rest = value;
	bool may_span = true;
	struct addr a;

	plain.complete = false;
	while (next_part(&rest, &may_span, &a))
		rewrite_mailbox(out, &r, &a, false);
	address_fields_text(out, str_from(value, r.copied), options->charset);
}

bool address_field_rewrite(
	struct buf *out, struct str value, const struct address_field_options *options)
{
	struct rewriting r = { options, value, .changed = !str_is_ascii(value) };
	struct addr_list list = { .rest = value };
	enum addr_got got = ADDR_END;
	bool mended = false;
	struct err ignored;
	size_t was = out->len;
	struct addr a;

	if (is_text(options, value)) {
		write_as_name(out, options, value);
		return true;
	}
	while ((got = !options->is_recipients && options->complete
			       ? next_author(&list, &a, &mended, &ignored)
			       : addr_next(&list, &a, &ignored)) == ADDR_ONE)
		rewrite_mailbox(out, &r, &a, mended);
	if (got == ADDR_BAD) {
		buf_cut(out, was);
		rewrite_parts(out, value, options);
		r.changed = !str_eq(str_from(buf_str(out), was), value);
	} else {
		address_fields_text(out, str_from(value, r.copied), options->charset);
	}
	/* If it reads differently as it was written, it is text: no UTF-8 goes out unnoticed. */
	struct str written = str_from(buf_str(out), was);
	if (!str_is_ascii(written) && !address_field_needs_utf8(written, &a)) {
		buf_cut(out, was);
		address_fields_text(out, value, options->charset);
		return true;
	}
	if (!r.changed)
		buf_cut(out, was);
	return r.changed;
}

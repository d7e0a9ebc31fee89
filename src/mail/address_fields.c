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

bool address_field_needs_utf8(struct str value)
{
	struct addr_list list = { .rest = value };
	struct addr a;
	struct err ignored;
	bool need = false;

	while (!need && addr_next(&list, &a, &ignored) == ADDR_ONE)
		need = a.utf8;
	return need;
}

size_t address_field_count(struct str value)
{
	struct addr_list list = { .rest = value };
	struct addr a;
	struct err ignored;
	enum addr_got got;
	size_t n = 0;

	while ((got = addr_next(&list, &a, &ignored)) == ADDR_ONE)
		n++;
	return got == ADDR_END ? n : 0;
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

/* The display name that the rewritten mailbox keeps; "" for none. */
static void name_of(struct buf *out, const struct addr *a, bool bare)
{
	if (a->phrase.len)
		address_fields_phrase(out, a->phrase);
	else if (bare && str_find(a->whole, '(') < a->whole.len)
		unfold(out, a->whole); /* root (Cron Daemon) */
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

static void write_mailbox(struct buf *out, const struct addr *a, const char *address, bool bare)
{
	struct buf name CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);

	name_of(&name, a, bare);
	struct str text = str_trim(buf_str(&name));
	if (out->len && out->data[out->len - 1] == ':')
		buf_char(out, ' ');
	header_fold(out, strlen(address) + text.len + 3);
	if (!text.len) {
		buf_add(out, str_of(address));
		return;
	}
	if (a->phrase.len && is_simple(a->phrase))
		rfc2047_text(out, a->phrase, specials); /* as it was written */
	else
		rfc2047_phrase(out, text);
	buf_char(out, ' ');
	header_fold(out, strlen(address) + 2);
	buf_fmt(out, "<%s>", address);
}

/* The address that replaces the mailbox's; NULL if it stays. */
static const char *new_address(
	struct addr *a, const struct address_field_options *t, bool *ret_bare)
{
	const char *alias = NULL;
	struct err ignored;

	*ret_bare = addr_is_home(a, &t->home) && t->complete;
	if (!*ret_bare)
		return str_is_ascii(a->whole) ? NULL : a->text;
	if (t->alias)
		alias = t->alias(t->ctx, a->text);
	if (alias)
		return alias;
	if (!addr_complete(a, &t->home, &ignored))
		return NULL;
	if (!addr_is_home(a, &t->home))
		return a->text;
	*ret_bare = false;
	return str_is_ascii(a->whole) ? NULL : a->text;
}

bool address_field_rewrite(
	struct buf *out, struct str value, const struct address_field_options *options)
{
	struct addr_list list = { .rest = value };
	struct addr a;
	struct err ignored;
	enum addr_got got;
	size_t was = out->len, copied = 0;
	bool changed = !str_is_ascii(value);

	while ((got = addr_next(&list, &a, &ignored)) == ADDR_ONE) {
		size_t at = (size_t)(a.whole.p - value.p), end = at + a.whole.len;
		bool bare;
		const char *address = new_address(&a, options, &bare);
		rfc2047_text(out, str_head(str_from(value, copied), at - copied), specials);
		if (address && !bare && is_ascii_but_for_comments(a.whole))
			rfc2047_text(out, a.whole, specials);
		else if (address)
			write_mailbox(out, &a, address, bare);
		else
			buf_add(out, a.whole);
		changed |= address != NULL;
		copied = end;
	}
	if (got == ADDR_BAD) {
		buf_cut(out, was);
		copied = 0;
		changed = !str_is_ascii(value);
	}
	rfc2047_text(out, str_from(value, copied), specials);
	if (!changed)
		buf_cut(out, was);
	return changed;
}

/* SPDX-License-Identifier: MIT */
#include "conf/compose_options.h"

#include "base/mem.h"
#include "mail/addr.h"
#include "mail/address_fields.h"
#include "mail/header.h"
#include "mail/header_fold.h"
#include "mail/rfc2047.h"
#include "mime/media_type.h"

#include <string.h>

/* Fields that a message has at most once (RFC 5322 section 3.6). */
static const char *const singles[] = { "From", "To", "Cc", "Bcc", "Subject", "Date", "Sender",
	"Reply-To", "Message-ID", "In-Reply-To", "References" };

struct making {
	const struct cli *cli;
	struct compose_options *l;
	bool seen[ARRAY_LEN(singles)];
};

bool compose_options_is_wanted(const struct cli *cli)
{
	return cli->compose_count > 0;
}

void compose_options_done(struct compose_options *l)
{
	for (size_t i = 0; i < l->count; i++)
		mem_free(l->files[i].path);
	mem_free(l->files);
	buf_done(&l->fields);
}

static bool too_large(struct err *e)
{
	err_set(e, ERR_DATA, "the header is larger than 8 MiB; nothing was sent");
	return err_hint(
		e, "for very many recipients, send several messages, or one with -t from a file");
}

/* --- fields --- */

static bool is_seen(const struct making *m, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(singles); i++)
		if (strcmp(singles[i], name) == 0)
			return m->seen[i];
	return false;
}

static bool mark(struct making *m, struct str name, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(singles); i++) {
		if (!str_same(name, str_of(singles[i])))
			continue;
		if (m->seen[i])
			return err_set(e, ERR_USAGE,
				"the field %s is given twice, and a message has one", singles[i]);
		m->seen[i] = true;
	}
	return true;
}

static bool add_field(struct making *m, struct str name, struct str value, struct err *e)
{
	if (!mark(m, name, e))
		return false;
	buf_add(&m->l->fields, name);
	buf_char(&m->l->fields, ':');
	if (value.len && !chr_is_blank(value.p[0]))
		buf_char(&m->l->fields, ' ');
	buf_add(&m->l->fields, value);
	buf_add(&m->l->fields, STR("\r\n"));
	return true;
}

/* Whether folding before spaces can keep every line of the field short enough. */
static bool can_fold(struct str name, struct str value)
{
	size_t longest = 0;

	while (value.len) {
		size_t n = 0;
		while (n < value.len && chr_is_blank(value.p[n]))
			n++;
		while (n < value.len && !chr_is_blank(value.p[n]))
			n++;
		longest = n > longest ? n : longest;
		value = str_from(value, n);
	}
	return name.len + 2 + longest <= HEADER_LINE_MAX;
}

/* Unlike other fields, a subject can be split into as many encoded-words as needed. */
static bool add_subject(struct making *m, struct str text, struct err *e)
{
	struct buf words CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);

	text = str_trim(text);
	if (can_fold(STR("Subject"), text))
		return add_field(m, STR("Subject"), text, e);
	rfc2047_encode(&words, text, NULL);
	return add_field(m, STR("Subject"), buf_str(&words), e);
}

/*
 * Adds the mailboxes of a list as they are written. The name of a group is dropped, because the
 * group would include the mailboxes added after it; an empty group is kept.
 */
static bool add_addresses(struct buf *list, struct str text, struct err *e)
{
	struct addr_list rest = { .rest = text };
	struct addr one;
	enum addr_got got;
	size_t count = 0;

	for (; (got = addr_next(&rest, &one, e)) == ADDR_ONE; count++) {
		buf_add(list, list->len ? STR(", ") : STR(""));
		buf_add(list, one.whole);
	}
	text = str_trim(text);
	if (got == ADDR_END && !count && str_ends_same(text, STR(":;"))) {
		buf_add(list, list->len ? STR(", ") : STR(""));
		buf_add(list, text);
	}
	return got == ADDR_END;
}

static bool add_recipients(struct making *m, enum option_id id, const char *field, struct err *e)
{
	const struct cli *cli = m->cli;
	struct buf list CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);

	for (size_t i = 0; i < cli->compose_count; i++)
		if (cli->compose[i].id == id &&
			!add_addresses(&list, str_of(cli->compose[i].text), e))
			return err_in(e, "option --%s", option_row(id)->name);
	for (size_t i = 0; id == OPTION_TO && i < cli->count; i++)
		if (!add_addresses(&list, str_of(cli->recipients[i]), e))
			return err_in(e, "recipient");
	if (list.over)
		return too_large(e);
	return !list.len || add_field(m, str_of(field), buf_str(&list), e);
}

/* --from with a display name becomes the From field too; an address alone is only the sender. */
static bool add_from(struct making *m, struct err *e)
{
	struct str from = str_of(m->cli->from);
	struct addr one;
	struct err ignored;

	if (!from.len || !addr_one(from, &one, &ignored) || !one.phrase.len)
		return true; /* build_envelope() reports a bad sender */
	return add_field(m, STR("From"), from, e);
}

static bool is_field_name(struct str name)
{
	bool good = name.len > 0;

	for (size_t i = 0; i < name.len; i++)
		good &= name.p[i] > ' ' && name.p[i] < 0x7f && name.p[i] != ':';
	return good;
}

static bool take_type(struct making *m, struct str type, struct err *e)
{
	if (m->l->text_type.len)
		return err_set(e, ERR_USAGE, "--header Content-Type is given twice");
	if (!media_type_is_valid(type) || media_type_is(type, "multipart/") ||
		media_type_is(type, "message/")) {
		err_set(e, ERR_USAGE, "--header Content-Type: must be the type of a text");
		return err_hint(
			e, "for example: --header 'Content-Type: text/html; charset=utf-8'");
	}
	m->l->text_type = type;
	return true;
}

/* Address fields must hold addresses, and some fields must not be empty. */
static bool check_field_value(struct str name, struct str value, struct err *e)
{
	struct buf ignored CLEAN_UP(buf_done) = BUF_INIT(HEADER_MAX);

	for (size_t i = 0; i < ARRAY_LEN(singles) && !value.len; i++)
		if (str_same(name, str_of(singles[i])) && !str_same(name, STR("Subject")))
			return err_set(e, ERR_USAGE, "the value is missing");
	return !address_field_of(name).known || add_addresses(&ignored, value, e);
}

static bool take_header(struct making *m, struct str text, struct err *e)
{
	bool colon = str_find(text, ':') < text.len;
	struct str value = text, name = str_cut(&value, ':');

	if (!colon || !is_field_name(name)) {
		err_set(e, ERR_USAGE, "--header: this is no header field");
		return err_hint(e, "a field is a name, a colon and a value: --header 'Reply-To: "
				   "me@example.org'");
	}
	if (str_same(name, STR("Content-Type")))
		return take_type(m, str_trim(value), e);
	if (str_same(name, STR("MIME-Version")) ||
		str_same(name, STR("Content-Transfer-Encoding")) ||
		str_starts_same(name, STR("Resent-"))) {
		err_set(e, ERR_USAGE, "--header %.*s: a composed message has its own, or none",
			STR_ARG(name));
		return err_hint(
			e, "to send a message that is complete already, use --message FILE");
	}
	value = str_trim(value);
	if (!check_field_value(name, value, e))
		return err_in(e, "--header %.*s", STR_ARG(name));
	if (!can_fold(name, value))
		return err_set(e, ERR_DATA,
			"--header %.*s: a word of it has no room in a line of %d octets",
			STR_ARG(name), HEADER_LINE_MAX - 3 - (int)name.len);
	return add_field(m, name, value, e) || err_in(e, "--header");
}

/* --- files --- */

/* Position of the next ";type=" or ";name="; text.len if there is none. */
static size_t find_parameter(struct str text)
{
	size_t type = str_find_same(text, STR(";type=")), name = str_find_same(text, STR(";name="));

	return type < name ? type : name;
}

static bool take_words(struct compose_options_file *f, struct str rest, struct err *e)
{
	while (rest.len) {
		bool type = str_starts_same(rest, STR(";type="));
		rest = str_from(rest, strlen(";type="));
		struct str value = str_head(rest, find_parameter(rest));
		rest = str_from(rest, value.len);
		*(type ? &f->type : &f->name) = value;
	}
	if (!f->type.len || (media_type_is_valid(f->type) && !media_type_is(f->type, "multipart/")))
		return true;
	err_set(e, ERR_USAGE, "--attach %s: this is no type of a file", f->path);
	return err_hint(e, "a type is, for example, text/csv: --attach FILE;type=text/csv");
}

/* Whether path is standard input, which can be read only once. */
static bool is_input(struct str path)
{
	return str_eq(path, STR("/dev/stdin")) || str_eq(path, STR("/dev/fd/0")) ||
	       str_eq(path, STR("/proc/self/fd/0"));
}

static bool take_file(struct compose_options *l, struct str text, struct err *e)
{
	size_t len = find_parameter(text);

	if (!len)
		return err_set(e, ERR_USAGE, "--attach: the name of a file is missing");
	l->files = mem_grow(l->files, (l->count + 1) * sizeof(*l->files));
	struct compose_options_file *f = &l->files[l->count++];
	*f = (struct compose_options_file) {
		.path = is_input(str_head(text, len)) ? mem_str("-") : mem_dup(text.p, len)
	};
	return take_words(f, str_from(text, len), e);
}

/* --- all of it --- */

static bool take_option(struct making *m, const struct cli_said *said, struct err *e)
{
	switch (said->id) {
	case OPTION_SUBJECT:
		return add_subject(m, str_of(said->text), e);
	case OPTION_HEADER:
		return take_header(m, str_of(said->text), e);
	case OPTION_ATTACH:
		return take_file(m->l, str_of(said->text), e);
	case OPTION_BODY:
		if (m->l->text)
			return err_set(e, ERR_USAGE, "--body is given twice");
		m->l->text = said->text;
		return true;
	default:
		return true;
	}
}

static size_t inputs(const struct compose_options *l)
{
	size_t count = 0;

	for (size_t i = 0; i < l->count; i++)
		count += strcmp(l->files[i].path, "-") == 0;
	return count;
}

bool compose_options_attaches_input(const struct compose_options *l)
{
	return inputs(l) > 0;
}

bool compose_options_read(const struct cli *cli, struct compose_options *ret, struct err *e)
{
	struct making m = { .cli = cli, .l = ret };

	*ret = (struct compose_options) { .fields = BUF_INIT(HEADER_MAX) };
	if (!add_from(&m, e) || !add_recipients(&m, OPTION_TO, "To", e) ||
		!add_recipients(&m, OPTION_CC, "Cc", e) ||
		!add_recipients(&m, OPTION_BCC, "Bcc", e))
		return false;
	for (size_t i = 0; i < cli->compose_count; i++)
		if (!take_option(&m, &cli->compose[i], e))
			return false;
	if (ret->fields.over)
		return too_large(e);
	if (!is_seen(&m, "To") && !is_seen(&m, "Cc") && !is_seen(&m, "Bcc")) {
		err_set(e, ERR_USAGE, "there is no recipient");
		return err_hint(e, "name one with --to ADDRESS, or as an argument");
	}
	return inputs(ret) < 2 ||
	       err_set(e, ERR_USAGE, "--attach -: standard input can be attached once");
}

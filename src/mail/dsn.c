/* SPDX-License-Identifier: MIT */
#include "mail/dsn.h"

#include "base/printable.h"

/* In the order in which NOTIFY lists them. */
static const struct {
	const char *word;
	unsigned bit;
} conditions[] = {
	{ "SUCCESS", DSN_SUCCESS },
	{ "FAILURE", DSN_FAILURE },
	{ "DELAY", DSN_DELAY },
};

static bool refuse_wish(struct err *e, struct str text, const char *wanted)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(400);

	printable_add(&shown, str_head(text, 60));
	return err_set(e, ERR_USAGE, "\"%s\": %s", buf_text(&shown), wanted);
}

/* --- reading --- */

static unsigned condition(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++)
		if (str_same(word, str_of(conditions[i].word)))
			return conditions[i].bit;
	return 0;
}

/* Parses notify-list-element *( "," notify-list-element ); 0 if text is none. */
static unsigned read_conditions(struct str text)
{
	unsigned notify = 0;
	bool more = true;

	while (more) {
		more = str_find(text, ',') < text.len;
		unsigned bit = condition(str_trim(str_cut(&text, ',')));
		if (!bit || notify & bit)
			return 0;
		notify |= bit;
	}
	return notify;
}

bool dsn_notify(struct str text, unsigned *ret, struct err *e)
{
	struct str all = str_trim(text);
	unsigned notify = DSN_DEFAULT;

	if (str_same(all, STR("never")))
		notify = DSN_NEVER;
	else if (!str_same(all, STR("off")) && !(notify = read_conditions(all)))
		return refuse_wish(e, text,
			"must be off, never, or failure, delay and success, separated by commas "
			"and each at most once");
	*ret = notify;
	return true;
}

bool dsn_returns(struct str text, enum dsn_return *ret, struct err *e)
{
	static const struct {
		const char *word;
		enum dsn_return returns;
	} words[] = {
		{ "off", DSN_RETURN_DEFAULT },
		{ "headers", DSN_RETURN_HEADERS },
		{ "hdrs", DSN_RETURN_HEADERS },
		{ "full", DSN_RETURN_FULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!str_same(str_trim(text), str_of(words[i].word)))
			continue;
		*ret = words[i].returns;
		return true;
	}
	return refuse_wish(e, text, "must be off, headers (or hdrs), or full");
}

/* --- xtext --- */

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

static bool is_xchar(char c)
{
	return c > ' ' && c <= '~' && c != '+' && c != '=';
}

/* The value of an upper-case hex digit, or -1. */
static int hex_value(char c)
{
	return c == chr_lower(c) && !chr_is_digit(c) ? -1 : chr_hex(c);
}

/* The octet that "+" and two digits at the start of s encode; -1 if s does not begin so. */
static int hexchar(struct str s)
{
	if (s.len < 3 || s.p[0] != '+' || hex_value(s.p[1]) < 0 || hex_value(s.p[2]) < 0)
		return -1;
	return hex_value(s.p[1]) << 4 | hex_value(s.p[2]);
}

/*
 *   xtext   = *( xchar / hexchar )
 *   hexchar = "+" 2( DIGIT / "A" / "B" / "C" / "D" / "E" / "F" )
 *
 * *ret_hidden, written only if s is xtext: it encodes an octet that is not printable.
 */
static bool is_xtext(struct str s, bool *ret_hidden)
{
	bool hidden = false;

	while (s.len) {
		int code = hexchar(s);
		if (code < 0 && !is_xchar(s.p[0]))
			return false;
		hidden |= code >= 0 && (code > '~' || !is_printable((char)code));
		s = str_from(s, code < 0 ? 1 : 3);
	}
	*ret_hidden = hidden;
	return true;
}

static void add_xtext(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (is_xchar(s.p[i]))
			buf_char(out, s.p[i]);
		else
			buf_fmt(out, "+%02X", (unsigned)(unsigned char)s.p[i]);
	}
}

bool dsn_envid(struct str text, struct buf *ret_xtext, struct err *e)
{
	struct buf xtext CLEAN_UP(buf_done) = BUF_INIT(DSN_ENVID_MAX);
	bool hidden = false, is_encoded = is_xtext(text, &hidden);

	if (!text.len)
		return err_set(e, ERR_USAGE, "the envelope identifier is empty");
	for (size_t i = 0; i < text.len; i++)
		hidden |= !is_printable(text.p[i]);
	if (hidden)
		return refuse_wish(e, text,
			"an envelope identifier has only printable ASCII characters, also where "
			"they are written as + and two hex digits");
	if (is_encoded)
		buf_add(&xtext, text);
	else
		add_xtext(&xtext, text);
	if (xtext.over)
		return refuse_wish(
			e, text, "an envelope identifier has at most 100 octets as xtext");
	buf_add(ret_xtext, buf_str(&xtext));
	return true;
}

/* addr-type = atom. All registered ones have only letters, digits and hyphens. */
static bool is_addr_type(struct str s)
{
	bool good = s.len > 0;

	for (size_t i = 0; i < s.len; i++)
		good &= chr_is_alpha(s.p[i]) || chr_is_digit(s.p[i]) || s.p[i] == '-';
	return good;
}

bool dsn_orcpt(struct str text, struct err *e)
{
	struct str xtext = text;
	struct str type = str_cut(&xtext, ';');
	bool hidden = false;

	if (text.len <= DSN_ORCPT_MAX && is_addr_type(type) && xtext.len &&
		is_xtext(xtext, &hidden) && !hidden)
		return true;
	return refuse_wish(e, text, "must be an address type, \";\" and an address as xtext");
}

/* --- parameters --- */

static void add_if_room(struct buf *line, const char *keyword, struct str value)
{
	struct buf param CLEAN_UP(buf_done) = BUF_INIT(DSN_ORCPT_MAX + DSN_NEED);

	buf_fmt(&param, " %s=%.*s", keyword, STR_ARG(value));
	if (!param.over && param.len <= buf_room(line))
		buf_add(line, buf_str(&param));
}

void dsn_mail_params(const struct dsn *d, struct buf *line)
{
	if (d->returns != DSN_RETURN_DEFAULT)
		buf_fmt(line, " RET=%s", d->returns == DSN_RETURN_FULL ? "FULL" : "HDRS");
	if (d->envid)
		add_if_room(line, "ENVID", str_of(d->envid));
}

static void add_notify(unsigned notify, struct buf *line)
{
	const char *before = " NOTIFY=";

	if (notify & DSN_NEVER) {
		buf_add(line, STR(" NOTIFY=NEVER"));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
		if (!(notify & conditions[i].bit))
			continue;
		buf_fmt(line, "%s%s", before, conditions[i].word);
		before = ",";
	}
}

/*
 *   utf-8-addr-xtext    = 1*(QCHAR / EmbeddedUnicodeChar)
 *   QCHAR               = %x21-2a / %x2c-3c / %x3e-5b / %x5d-7e
 *   EmbeddedUnicodeChar = "\x{" HEXPOINT "}"
 */
static bool add_utf8_xtext(struct buf *out, struct str s)
{
	uint32_t code;
	size_t n;

	for (; s.len; s = str_from(s, n)) {
		n = str_utf8_char(s, &code);
		if (!n)
			return false;
		if (is_xchar(s.p[0]) && s.p[0] != '\\')
			buf_char(out, s.p[0]);
		else
			buf_fmt(out, "\\x{%02X}", (unsigned)code);
	}
	return true;
}

static void add_orcpt(struct str addr, struct buf *line)
{
	struct buf value CLEAN_UP(buf_done) = BUF_INIT(DSN_ORCPT_MAX);

	if (str_is_ascii(addr)) {
		buf_add(&value, STR("rfc822;"));
		add_xtext(&value, addr);
	} else {
		buf_add(&value, STR("utf-8;"));
		if (!add_utf8_xtext(&value, addr))
			return;
	}
	if (!value.over)
		add_if_room(line, "ORCPT", buf_str(&value));
}

void dsn_rcpt_params(
	const struct dsn *d, const struct dsn_rcpt *own, const char *addr, struct buf *line)
{
	unsigned notify = own->notify != DSN_DEFAULT ? own->notify : d->notify;

	if (notify != DSN_DEFAULT)
		add_notify(notify, line);
	if (own->orcpt)
		add_if_room(line, "ORCPT", str_of(own->orcpt));
	else if (notify != DSN_DEFAULT && !(notify & DSN_NEVER))
		add_orcpt(str_of(addr), line);
}

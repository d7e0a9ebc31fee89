/* SPDX-License-Identifier: MIT */
#include "smtp/server_commands.h"

#include "base/printable.h"

#include <string.h>

enum server_command_verb server_command_verb(struct str line, struct str *ret_args)
{
	static const struct {
		const char *name;
		enum server_command_verb verb;
	} verbs[] = {
		{ "EHLO", SERVER_COMMAND_EHLO },
		{ "HELO", SERVER_COMMAND_HELO },
		{ "MAIL", SERVER_COMMAND_MAIL },
		{ "RCPT", SERVER_COMMAND_RCPT },
		{ "DATA", SERVER_COMMAND_DATA },
		{ "BDAT", SERVER_COMMAND_BDAT },
		{ "RSET", SERVER_COMMAND_RSET },
		{ "NOOP", SERVER_COMMAND_NOOP },
		{ "VRFY", SERVER_COMMAND_VRFY },
		{ "HELP", SERVER_COMMAND_HELP },
		{ "QUIT", SERVER_COMMAND_QUIT },
		{ "EXPN", SERVER_COMMAND_NOT_HERE },
		{ "AUTH", SERVER_COMMAND_NOT_HERE },
		{ "STARTTLS", SERVER_COMMAND_NOT_HERE },
		{ "ETRN", SERVER_COMMAND_NOT_HERE },
		{ "TURN", SERVER_COMMAND_NOT_HERE },
		{ "LHLO", SERVER_COMMAND_NOT_HERE },
	};
	struct str name = str_word(&line);

	*ret_args = str_trim(line);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (str_same(name, str_of(verbs[i].name)))
			return verbs[i].verb;
	return SERVER_COMMAND_UNKNOWN;
}

void server_command_set_fault(
	struct server_command_fault *ret, int code, const char *enhanced, const char *text)
{
	ret->code = code;
	text_fmt(ret->enhanced, sizeof(ret->enhanced), "%s", enhanced);
	text_fmt(ret->text, sizeof(ret->text), "%s", text);
}

static bool refuse_command(
	struct server_command_fault *fault, int code, const char *enhanced, const char *text)
{
	server_command_set_fault(fault, code, enhanced, text);
	return false;
}

/* "FROM:", "TO:" */
static bool take_name(struct str *args, const char *name)
{
	size_t len = strlen(name);

	if (!str_starts_same(*args, str_of(name)))
		return false;
	*args = str_trim(str_from(*args, len));
	return true;
}

/* Octets of a path with the ">" that ends it (a quoted local part may hold others); 0 if none. */
static size_t path_len(struct str s)
{
	bool quoted = false;

	for (size_t i = 1; i < s.len; i++) {
		if (quoted && s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == '>' && !quoted)
			return i + 1;
	}
	return 0;
}

/* Takes the path off the front of *args, which leaves the parameters. */
static bool take_path(struct str *args, struct str *ret)
{
	if (!args->len || args->p[0] != '<') {
		*ret = str_word(args);
		return ret->len > 0;
	}
	size_t n = path_len(*args);
	*ret = str_head(*args, n);
	*args = str_from(*args, n);
	return n && (!args->len || chr_is_blank(args->p[0]));
}

/* Writes the path's wire form. utf8: its local part may be other than ASCII (RFC 6531 3.3). */
static bool read_address(struct str path, bool utf8, char *to, struct server_command_fault *fault)
{
	struct addr a;
	struct err e;

	if (!addr_one(path, &a, &e))
		return refuse_command(fault, 501, "5.1.3", e.what);
	if (a.utf8 && !utf8)
		return refuse_command(
			fault, 553, "5.6.7", "an address that is not ASCII needs SMTPUTF8");
	text_fmt(to, ADDR_MAX + 1, "%s", a.text);
	return true;
}

/* esmtp-keyword ["=" esmtp-value] */
struct mime_param {
	struct str name, value;
	bool has_value;
};

static bool next_param(struct str *args, struct mime_param *ret)
{
	struct str word = str_word(args);

	ret->has_value = str_find(word, '=') < word.len;
	ret->value = word;
	ret->name = str_cut(&ret->value, '=');
	return word.len > 0;
}

static bool bad_param(
	struct server_command_fault *fault, const struct mime_param *p, int code, const char *why)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(SERVER_COMMAND_TEXT - 1);

	buf_fmt(&text, "%s: ", why);
	printable_add(&text, str_head(p->name, 60));
	return refuse_command(fault, code, "5.5.4", buf_text(&text));
}

static bool read_body(struct str value, bool *ret_eightbit)
{
	*ret_eightbit = str_same(value, STR("8BITMIME"));
	return *ret_eightbit || str_same(value, STR("7BIT"));
}

static bool read_envid(struct str value, char to[DSN_ENVID_MAX + 1])
{
	struct buf xtext CLEAN_UP(buf_done) = BUF_INIT(DSN_ENVID_MAX);
	struct err ignored;

	if (!dsn_envid(value, &xtext, &ignored))
		return false;
	text_fmt(to, DSN_ENVID_MAX + 1, "%s", buf_text(&xtext));
	return true;
}

/* Here "off", which configurations allow, is not a value. */
static bool read_returns(struct str value, enum dsn_return *ret)
{
	struct err ignored;

	return dsn_returns(value, ret, &ignored) && *ret != DSN_RETURN_DEFAULT;
}

static bool read_notify(struct str value, unsigned *ret)
{
	struct err ignored;

	return dsn_notify(value, ret, &ignored) && *ret != DSN_DEFAULT;
}

static bool read_orcpt(struct str value, char to[DSN_ORCPT_MAX + 1])
{
	struct err ignored;

	if (!dsn_orcpt(value, &ignored))
		return false;
	text_fmt(to, DSN_ORCPT_MAX + 1, "%.*s", STR_ARG(value));
	return true;
}

enum param_id {
	PARAM_SIZE = 1,
	PARAM_BODY = 2,
	PARAM_SMTPUTF8 = 4,
	PARAM_RET = 8,
	PARAM_ENVID = 16,
	PARAM_NOTIFY = 32,
	PARAM_ORCPT = 64,
};

/* The parameter's bit; 0 if it is not known here, or was seen before. */
static unsigned new_param(struct str name, unsigned known, unsigned *seen)
{
	static const struct {
		const char *name;
		unsigned id;
	} names[] = {
		{ "SIZE", PARAM_SIZE },
		{ "BODY", PARAM_BODY },
		{ "SMTPUTF8", PARAM_SMTPUTF8 },
		{ "RET", PARAM_RET },
		{ "ENVID", PARAM_ENVID },
		{ "NOTIFY", PARAM_NOTIFY },
		{ "ORCPT", PARAM_ORCPT },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (known & names[i].id && str_same(name, str_of(names[i].name))) {
			unsigned id = *seen & names[i].id ? 0 : names[i].id;
			*seen |= names[i].id;
			return id;
		}
	return 0;
}

static bool is_mail_param(const struct mime_param *p, unsigned id, struct server_command_mail *m)
{
	uint64_t size;

	switch (id) {
	case PARAM_SIZE: /* checked, not kept: the message itself is counted */
		return str_number(p->value, &size);
	case PARAM_BODY:
		return read_body(p->value, &m->eightbit);
	case PARAM_SMTPUTF8:
		m->smtputf8 = true;
		return !p->has_value;
	case PARAM_RET:
		return read_returns(p->value, &m->returns);
	default:
		return read_envid(p->value, m->envid);
	}
}

bool server_command_mail(
	struct str args, struct server_command_mail *ret, struct server_command_fault *fault)
{
	enum { KNOWN = PARAM_SIZE | PARAM_BODY | PARAM_SMTPUTF8 | PARAM_RET | PARAM_ENVID };
	unsigned seen = 0;
	struct mime_param p;
	struct str path;

	*ret = (struct server_command_mail) { 0 };
	if (!take_name(&args, "FROM:") || !take_path(&args, &path))
		return refuse_command(fault, 501, "5.5.4", "the form is MAIL FROM:<address>");
	while (next_param(&args, &p)) {
		unsigned id = new_param(p.name, KNOWN, &seen);
		if (!id)
			return bad_param(fault, &p, 555, "no such parameter here, or twice");
		if (!is_mail_param(&p, id, ret))
			return bad_param(fault, &p, 501, "this parameter has another form");
	}
	if (str_eq(path, STR("<>")))
		return true;
	if (read_address(path, ret->smtputf8, ret->from, fault))
		return true;
	if (strcmp(fault->enhanced, "5.1.3") == 0)
		text_fmt(fault->enhanced, sizeof(fault->enhanced),
			"5.1.7"); /* a bad sender address */
	return false;
}

bool server_command_rcpt(struct str args, bool utf8, struct server_command_rcpt *ret,
	struct server_command_fault *fault)
{
	enum { KNOWN = PARAM_NOTIFY | PARAM_ORCPT };
	unsigned seen = 0;
	struct mime_param p;
	struct str path;

	*ret = (struct server_command_rcpt) { 0 };
	if (!take_name(&args, "TO:") || !take_path(&args, &path) || str_eq(path, STR("<>")))
		return refuse_command(fault, 501, "5.5.4", "the form is RCPT TO:<address>");
	while (next_param(&args, &p)) {
		unsigned id = new_param(p.name, KNOWN, &seen);
		if (!id)
			return bad_param(fault, &p, 555, "no such parameter here, or twice");
		if (id == PARAM_NOTIFY ? !read_notify(p.value, &ret->notify)
				       : !read_orcpt(p.value, ret->orcpt))
			return bad_param(fault, &p, 501, "this parameter has another form");
	}
	return read_address(path, utf8, ret->to, fault);
}

bool server_command_bdat(struct str args, uint64_t *ret_size, bool *ret_last)
{
	struct str size = str_word(&args);
	struct str last = str_word(&args);

	*ret_last = str_same(last, STR("LAST"));
	return str_number(size, ret_size) && (!last.len || *ret_last) && !str_trim(args).len;
}

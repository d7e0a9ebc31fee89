/* SPDX-License-Identifier: MIT */
#include "sasl/simple_mechanisms.h"

#include "base/printable.h"

static struct str secret_of(const struct sasl_options *t)
{
	return str_n(t->secret->bytes, t->secret->len);
}

void mech_plain(const struct sasl_options *options, const struct sasl_peer *peer, unsigned step,
	struct buf *out)
{
	(void)peer;
	(void)step;
	buf_char(out, '\0');
	buf_add(out, str_of(options->user));
	buf_char(out, '\0');
	buf_add(out, secret_of(options));
}

/* Ignores the prompts: every server asks for the user name first. */
void mech_login(const struct sasl_options *options, const struct sasl_peer *peer, unsigned step,
	struct buf *out)
{
	(void)peer;
	buf_add(out, step ? secret_of(options) : str_of(options->user));
}

/* Sends the identity to act as; empty means the one that the certificate names. */
void mech_external(const struct sasl_options *options, const struct sasl_peer *peer, unsigned step,
	struct buf *out)
{
	(void)peer;
	(void)step;
	buf_add(out, str_of(options->user));
}

/* saslname (RFC 5801 section 4) */
static void add_name(struct buf *out, struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == ',')
			buf_add(out, STR("=2C"));
		else if (name.p[i] == '=')
			buf_add(out, STR("=3D"));
		else
			buf_char(out, name.p[i]);
	}
}

static void add_bearer(struct buf *out, const struct sasl_options *options)
{
	buf_add(out, STR("auth=Bearer "));
	buf_add(out, secret_of(options));
	buf_add(out, STR("\1\1"));
}

void mech_oauthbearer(const struct sasl_options *options, const struct sasl_peer *peer,
	unsigned step, struct buf *out)
{
	(void)step;
	buf_add(out, STR("n,"));
	if (options->user[0]) {
		buf_add(out, STR("a="));
		add_name(out, str_of(options->user));
	}
	buf_fmt(out, ",\1host=%s\1port=%u\1", peer->host, peer->port);
	add_bearer(out, options);
}

void mech_xoauth2(const struct sasl_options *options, const struct sasl_peer *peer, unsigned step,
	struct buf *out)
{
	(void)peer;
	(void)step;
	buf_add(out, STR("user="));
	buf_add(out, str_of(options->user));
	buf_char(out, '\1');
	add_bearer(out, options);
}

/* Only one member of the JSON object is used: "status" ":" string. */
void mech_oauth_status(struct str json, struct buf *out)
{
	static const struct str name = { "\"status\"", 8 };

	for (size_t i = 0; i + name.len <= json.len; i++) {
		if (!str_eq(str_n(json.p + i, name.len), name))
			continue;
		struct str rest = str_trim_lines(str_from(json, i + name.len));
		if (!rest.len || rest.p[0] != ':')
			continue;
		rest = str_trim_lines(str_from(rest, 1));
		if (!rest.len || rest.p[0] != '"')
			continue;
		rest = str_from(rest, 1);
		printable_add(out, str_head(rest, str_find(rest, '"')));
		return;
	}
}

/* b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=" */
bool mech_is_token(struct str text)
{
	while (text.len && text.p[text.len - 1] == '=')
		text.len--;
	for (size_t i = 0; i < text.len; i++)
		if (!chr_is_alpha(text.p[i]) && !chr_is_digit(text.p[i]) &&
			str_find(STR("-._~+/"), text.p[i]) == 6)
			return false;
	return text.len > 0;
}

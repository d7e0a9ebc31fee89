/* SPDX-License-Identifier: MIT */
#include "sasl/mechanisms.h"

/* In the order of our ranking for a password over verified TLS; SCRAM also by strength. */
static const struct mech mechs[] = {
	{ "PLAIN", MECH_FIRST, mech_plain, 1, 0 },
	{ "LOGIN", 0, mech_login, 2, 0 }, /* its user name answers the first prompt */
	{ "SCRAM-SHA-256-PLUS", MECH_FIRST | MECH_PREPARED | MECH_SCRAM | MECH_PLUS, NULL, 0,
		HASH_SHA_256 },
	{ "SCRAM-SHA-1-PLUS", MECH_FIRST | MECH_PREPARED | MECH_SCRAM | MECH_PLUS, NULL, 0,
		HASH_SHA_1 },
	{ "SCRAM-SHA-256", MECH_FIRST | MECH_PREPARED | MECH_SCRAM, NULL, 0, HASH_SHA_256 },
	{ "SCRAM-SHA-1", MECH_FIRST | MECH_PREPARED | MECH_SCRAM, NULL, 0, HASH_SHA_1 },
	{ "OAUTHBEARER", MECH_FIRST | MECH_NAMED | MECH_TOKEN, mech_oauthbearer, 1, 0 },
	{ "XOAUTH2", MECH_FIRST | MECH_NAMED | MECH_TOKEN, mech_xoauth2, 1, 0 },
	{ "EXTERNAL", MECH_FIRST | MECH_NAMED | MECH_EXTERNAL, mech_external, 1, 0 },
	{ "GSSAPI", MECH_FIRST | MECH_NAMED | MECH_GSSAPI, NULL, 0, 0 },
	{ "CRAM-MD5", MECH_PREPARED | MECH_NAMED | MECH_ASKED, NULL, 0, 0 },
	{ "DIGEST-MD5", MECH_NAMED | MECH_ASKED, NULL, 0, 0 },
	{ "NTLM", MECH_FIRST | MECH_NAMED, NULL, 0, 0 },
};

static const struct str any_scram = { "scram", 5 };

/* Whether the mechanism may be used if the account says `only`. */
static bool is_allowed(const struct mech *m, const char *only)
{
	if (!only)
		return !(m->flags & MECH_NAMED);
	if (str_same(str_of(only), any_scram))
		return m->flags & MECH_SCRAM;
	return str_same(str_of(only), str_of(m->name));
}

const struct mech *mech_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++)
		if (str_same(str_of(mechs[i].name), name))
			return &mechs[i];
	return NULL;
}

bool mech_is_known(struct str mech)
{
	return mech_find(mech) || str_same(mech, any_scram);
}

enum mech_wants mech_wants(const char *only)
{
	const struct mech *m = mech_find(str_of(only));
	unsigned flags = m ? m->flags : 0;

	return flags & MECH_TOKEN      ? MECH_WANTS_TOKEN
	       : flags & MECH_EXTERNAL ? MECH_WANTS_CERTIFICATE
	       : flags & MECH_GSSAPI   ? MECH_WANTS_TICKET
				       : MECH_WANTS_PASSWORD;
}

bool mech_is_safe(const char *only)
{
	const struct mech *m = mech_find(str_of(only));

	return m ? m->flags & (MECH_SCRAM | MECH_GSSAPI) : str_same(str_of(only), any_scram);
}

void mech_list(struct buf *out)
{
	buf_add(out, any_scram);
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++) {
		buf_add(out, STR(", "));
		for (const char *p = mechs[i].name; *p; p++)
			buf_char(out, chr_lower(*p));
	}
}

const struct mech *mech_first_prepared(const char *only)
{
	const struct mech *first = NULL;

	for (size_t i = 0; i < ARRAY_LEN(mechs); i++) {
		if (!is_allowed(&mechs[i], only))
			continue;
		if (!(mechs[i].flags & MECH_PREPARED))
			return NULL;
		first = first ? first : &mechs[i];
	}
	return first;
}

static bool was_tried(const char *tried, const char *name)
{
	struct str rest = str_of(tried), word;

	while ((word = str_word(&rest)).len)
		if (str_same(word, str_of(name)))
			return true;
	return false;
}

static bool can_bind(const struct sasl_peer *peer)
{
	struct buf data CLEAN_UP(buf_wipe_done) = BUF_INIT(1000);

	return peer->binding &&
	       (peer->binding(peer->ctx, false, &data) || peer->binding(peer->ctx, true, &data));
}

static bool is_possible(
	const struct mech *m, const struct sasl_options *options, const struct sasl_peer *peer)
{
	return is_allowed(m, options->only) && peer->offers(peer->ctx, str_of(m->name)) &&
	       (!(m->flags & MECH_PLUS) || can_bind(peer));
}

static const struct mech *first_possible(
	const struct sasl_options *options, const struct sasl_peer *peer, const char *tried)
{
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++)
		if (!was_tried(tried, mechs[i].name) && is_possible(&mechs[i], options, peer))
			return &mechs[i];
	return NULL;
}

static bool takes_tokens(const struct sasl_peer *peer)
{
	return peer->offers(peer->ctx, STR("XOAUTH2")) ||
	       peer->offers(peer->ctx, STR("OAUTHBEARER"));
}

static void explain_choice(const char *only, const struct sasl_peer *peer, struct err *e)
{
	err_set(e, ERR_NOPERM, "the server offers no AUTH mechanism that may be used%s%s",
		only ? ", but only this is allowed: auth " : "", only ? only : "");
	err_hint(e, "the same command with -v shows what it offers after AUTH; man postrider.conf "
		    "says which may be used (line auth)");
	bool shows = peer->offers(peer->ctx, STR("PLAIN")) || peer->offers(peer->ctx, STR("LOGIN"));
	bool tokens = takes_tokens(peer);
	if (tokens)
		err_hint(e, "the server accepts access tokens: add the line auth xoauth2, or auth "
			    "oauthbearer, and the line passwordeval COMMAND that prints the token");
	if (only && str_same(str_of(only), any_scram) && (shows || !tokens))
		err_hint(e, "add the line auth on to allow others; they show the password to the "
			    "server, and need the lines tls on and tls_certcheck on");
}

const struct mech *mech_choose(const struct sasl_options *options, const struct sasl_peer *peer,
	const char *tried, struct err *e)
{
	const struct mech *mech = first_possible(options, peer, tried);

	if (!mech)
		explain_choice(options->only, peer, e);
	return mech;
}

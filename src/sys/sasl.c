/* SPDX-License-Identifier: MIT */
#include "sys/sasl.h"

#include <gsasl.h>
#include <string.h>

/* Our ranking for a password over verified TLS. */
static const struct mech {
	const char *name;
	bool sends_first;
} mechs[] = {
	{ "PLAIN", true },
	{ "LOGIN", false }, /* its user name answers the first prompt; no initial response */
};

struct sasl {
	const struct mech *mech;
	struct sasl_terms terms;
	Gsasl *library;
	Gsasl_session *session;
	bool complete;
};

const char *sasl_library_version(void)
{
	return gsasl_check_version(NULL);
}

static const struct mech *find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++)
		if (str_same(str_of(mechs[i].name), name))
			return &mechs[i];
	return NULL;
}

bool sasl_knows(struct str mech)
{
	return find(mech) != NULL;
}

static int give_property(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
	const struct sasl *s = gsasl_session_hook_get(session);

	(void)library;
	if (property == GSASL_AUTHID)
		return gsasl_property_set(session, property, s->terms.user);
	if (property == GSASL_PASSWORD && secret_is_set(s->terms.password))
		return gsasl_property_set_raw(
			session, property, s->terms.password->bytes, s->terms.password->len);
	return GSASL_NO_CALLBACK;
}

static bool was_tried(const char *tried, const char *name)
{
	struct str rest = str_of(tried), word;

	while ((word = str_word(&rest)).len)
		if (str_same(word, str_of(name)))
			return true;
	return false;
}

static bool set_up(struct sasl *s, struct err *e)
{
	int rc = gsasl_init(&s->library);

	if (rc != GSASL_OK)
		return err_set(e, ERR_SOFTWARE, "GNU SASL: %s", gsasl_strerror(rc));
	gsasl_callback_set(s->library, give_property);
	rc = gsasl_client_start(s->library, s->mech->name, &s->session);
	if (rc != GSASL_OK)
		return err_set(
			e, ERR_SOFTWARE, "GNU SASL, %s: %s", s->mech->name, gsasl_strerror(rc));
	gsasl_session_hook_set(s->session, s);
	return true;
}

static const struct mech *choose(const struct sasl_terms *terms,
	bool (*offered)(const void *ctx, struct str mech), const void *ctx, const char *tried)
{
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++) {
		struct str name = str_of(mechs[i].name);
		if (terms->only && !str_same(str_of(terms->only), name))
			continue;
		if (offered(ctx, name) && !was_tried(tried, mechs[i].name))
			return &mechs[i];
	}
	return NULL;
}

struct sasl *sasl_start(const struct sasl_terms *terms,
	bool (*offered)(const void *ctx, struct str mech), const void *ctx, const char *tried,
	struct err *e)
{
	const struct mech *mech = choose(terms, offered, ctx, tried);

	if (!mech) {
		err_set(e, ERR_NOPERM, "the server offers no AUTH mechanism that may be used%s%s",
			terms->only ? ", but only this is allowed: auth " : "",
			terms->only ? terms->only : "");
		return NULL;
	}
	struct sasl *s = mem_alloc(sizeof(*s));
	*s = (struct sasl) { .mech = mech, .terms = *terms };
	if (!set_up(s, e)) {
		sasl_free(s);
		return NULL;
	}
	return s;
}

void sasl_free(struct sasl *s)
{
	if (!s)
		return;
	if (s->session)
		gsasl_finish(s->session);
	if (s->library)
		gsasl_done(s->library);
	mem_free(s);
}

const char *sasl_mech(const struct sasl *s)
{
	return s->mech->name;
}

bool sasl_sends_first(const struct sasl *s)
{
	return s->mech->sends_first;
}

bool sasl_is_complete(const struct sasl *s)
{
	return s->complete;
}

bool sasl_step(struct sasl *s, struct str challenge, struct buf *ret_answer, struct err *e)
{
	struct buf in CLEAN_UP(buf_done) = BUF_INIT(SASL_ANSWER_MAX);
	char *out = NULL;
	size_t len = 0;

	if (!buf_unbase64(&in, challenge))
		return err_set(e, ERR_NOPERM, "the server's AUTH challenge is not base64");
	if (s->complete)
		return err_set(e, ERR_NOPERM, "the server goes on asking after %s is complete",
			s->mech->name);
	int rc = gsasl_step(s->session, buf_text(&in), in.len, &out, &len);
	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
		return err_set(e, ERR_NOPERM, "%s: %s", s->mech->name, gsasl_strerror(rc));
	s->complete = rc == GSASL_OK;
	buf_reserve(ret_answer, ret_answer->limit);
	buf_base64(ret_answer, str_n(out, len));
	if (len)
		mem_wipe(out, len);
	gsasl_free(out);
	if (ret_answer->over)
		return err_set(
			e, ERR_CONFIG, "user and password are too long for AUTH %s", s->mech->name);
	return true;
}

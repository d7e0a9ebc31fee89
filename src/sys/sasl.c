/* SPDX-License-Identifier: MIT */
#include "sys/sasl.h"

#include "sys/scram.h"

#include <gsasl.h>
#include <string.h>

enum mech_flags {
	MECH_FIRST = 1,    /* it has an initial response */
	MECH_PREPARED = 2, /* user and password go through SASLprep */
	MECH_SCRAM = 4,
	MECH_NAMED = 8,  /* used only when it is named */
	MECH_ASKED = 16, /* it answers a challenge, which must not be empty */
};

/* Our ranking for a password over verified TLS; of SCRAM also the ranking by strength. */
static const struct mech {
	const char *name;
	unsigned flags;
	enum scram_hash hash;
} mechs[] = {
	{ "PLAIN", MECH_FIRST, 0 },
	{ "LOGIN", 0, 0 }, /* its user name answers the first prompt; no initial response */
	{ "SCRAM-SHA-256", MECH_FIRST | MECH_PREPARED | MECH_SCRAM, SCRAM_SHA_256 },
	{ "SCRAM-SHA-1", MECH_FIRST | MECH_PREPARED | MECH_SCRAM, SCRAM_SHA_1 },
	{ "CRAM-MD5", MECH_PREPARED | MECH_NAMED | MECH_ASKED, 0 },
};

static const struct str any_scram = { "scram", 5 };

struct sasl {
	const struct mech *mech;
	struct sasl_terms terms;
	struct secret prepared; /* the password for SCRAM */
	struct buf sent_first;  /* SCRAM: the message we began with */
	Gsasl *library;
	Gsasl_session *session;
	unsigned steps; /* done so far */
	bool complete;
};

const char *sasl_library_version(void)
{
	return gsasl_check_version(NULL);
}

/* May it be used where the account says `only`? */
static bool is_wanted(const struct mech *m, const char *only)
{
	if (!only)
		return !(m->flags & MECH_NAMED);
	if (str_same(str_of(only), any_scram))
		return m->flags & MECH_SCRAM;
	return str_same(str_of(only), str_of(m->name));
}

bool sasl_knows(struct str mech)
{
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++)
		if (str_same(str_of(mechs[i].name), mech))
			return true;
	return str_same(mech, any_scram);
}

void sasl_list(struct buf *out)
{
	buf_add(out, any_scram);
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++) {
		buf_add(out, STR(", "));
		for (const char *p = mechs[i].name; *p; p++)
			buf_char(out, chr_lower(*p));
	}
}

static struct str text_of(const struct secret *s)
{
	return str_n(s && s->bytes ? s->bytes : "", s ? s->len : 0);
}

/* --- user and password before they are used --- */

static bool check_octets(const char *what, struct str s, struct err *e)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\0' || s.p[i] == '\1' || s.p[i] == '\r' || s.p[i] == '\n')
			return err_set(e, ERR_CONFIG,
				"the %s has a NUL, a control character or a line end in it", what);
	if (str_is_utf8(s))
		return true;
	err_set(e, ERR_CONFIG, "the %s is not UTF-8", what);
	return err_hint(e, "write it in UTF-8: that is how AUTH carries it (RFC 4616)");
}

static bool prepare(const char *what, const char *text, Gsasl_saslprep_flags flags,
	struct secret *ret, struct err *e)
{
	char *out = NULL;

	if (gsasl_saslprep(text, flags, &out, NULL) != GSASL_OK) {
		err_set(e, ERR_CONFIG, "the %s has a character that this AUTH mechanism forbids",
			what);
		return err_hint(e,
			"SASLprep (RFC 4013) refuses it; choose another %s, or auth plain", what);
	}
	bool good = secret_set(ret, out, strlen(out));
	mem_wipe(out, strlen(out));
	gsasl_free(out);
	if (good && ret->len)
		return true;
	err_set(e, ERR_CONFIG, "the %s is %s once prepared for AUTH", what,
		good ? "empty" : "too long");
	return err_hint(e, "SASLprep (RFC 4013) drops what cannot be seen");
}

/*
 * The password of SCRAM, a query (RFC 5802 section 2.2): code points that Unicode 3.2 did not know
 * are allowed. Which value of the flag says so differs between releases of the library.
 */
static bool prepare_query(const char *text, struct secret *ret, struct err *e)
{
	return prepare("password", text, GSASL_ALLOW_UNASSIGNED, ret, e) ||
	       prepare("password", text, 0, ret, e);
}

/* What the library will do by itself is tried before, so that its failure has a name. */
static bool prepare_all(
	const struct mech *m, const struct sasl_terms *terms, struct secret *ret, struct err *e)
{
	struct secret user CLEAN_UP(secret_done) = { 0 };
	const char *password = text_of(terms->password).p;

	if (!(m->flags & MECH_PREPARED))
		return true;
	if (!prepare("user name", terms->user, GSASL_ALLOW_UNASSIGNED, &user, e))
		return false;
	if (m->flags & MECH_SCRAM)
		return prepare_query(password, ret, e);
	return prepare("password", password, GSASL_ALLOW_UNASSIGNED, ret, e);
}

/* The first mechanism that may be used, if all of these prepare. */
static const struct mech *first_prepared(const char *only)
{
	const struct mech *first = NULL;

	for (size_t i = 0; i < ARRAY_LEN(mechs); i++) {
		if (!is_wanted(&mechs[i], only))
			continue;
		if (!(mechs[i].flags & MECH_PREPARED))
			return NULL;
		first = first ? first : &mechs[i];
	}
	return first;
}

bool sasl_check(const struct sasl_terms *terms, struct err *e)
{
	struct secret prepared CLEAN_UP(secret_done) = { 0 };
	struct str user = str_of(terms->user), password = text_of(terms->password);

	if (!check_octets("user name", user, e) || !check_octets("password", password, e))
		return false;
	if (user.len > SASL_CREDENTIALS_MAX || password.len > SASL_CREDENTIALS_MAX - user.len)
		return err_set(e, ERR_CONFIG,
			"user and password are too long: together AUTH carries %d octets",
			(int)SASL_CREDENTIALS_MAX);
	const struct mech *m = first_prepared(terms->only);
	return !m || prepare_all(m, terms, &prepared, e);
}

/* --- the exchange --- */

/* SCRAM gets no password: what it computes from one is bounded by nothing. */
static int give_property(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
	const struct sasl *s = gsasl_session_hook_get(session);
	struct str password = text_of(s->terms.password);

	(void)library;
	if (property == GSASL_AUTHID)
		return gsasl_property_set(session, property, s->terms.user);
	if (property == GSASL_PASSWORD && !(s->mech->flags & MECH_SCRAM))
		return gsasl_property_set_raw(session, property, password.p, password.len);
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
	if (!prepare_all(s->mech, &s->terms, &s->prepared, e))
		return false;
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
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++)
		if (is_wanted(&mechs[i], terms->only) && offered(ctx, str_of(mechs[i].name)) &&
			!was_tried(tried, mechs[i].name))
			return &mechs[i];
	return NULL;
}

static void explain_choice(const char *only, struct err *e)
{
	err_set(e, ERR_NOPERM, "the server offers no AUTH mechanism that may be used%s%s",
		only ? ", but only this is allowed: auth " : "", only ? only : "");
	err_hint(e, "postrider -v shows what it offers after AUTH; see auth in postrider.conf(5)");
	if (only && str_same(str_of(only), any_scram))
		err_hint(e, "other mechanisms show the password: they need tls on and "
			    "tls_certcheck on, and auth on");
}

struct sasl *sasl_start(const struct sasl_terms *terms,
	bool (*offered)(const void *ctx, struct str mech), const void *ctx, const char *tried,
	struct err *e)
{
	const struct mech *mech = choose(terms, offered, ctx, tried);

	if (!mech) {
		explain_choice(terms->only, e);
		return NULL;
	}
	struct sasl *s = mem_alloc(sizeof(*s));
	*s = (struct sasl) {
		.mech = mech,
		.terms = *terms,
		.sent_first = BUF_INIT(SASL_ANSWER_MAX),
	};
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
	secret_done(&s->prepared);
	buf_done(&s->sent_first);
	mem_free(s);
}

const char *sasl_mech(const struct sasl *s)
{
	return s->mech->name;
}

bool sasl_sends_first(const struct sasl *s)
{
	return s->mech->flags & MECH_FIRST;
}

bool sasl_is_complete(const struct sasl *s)
{
	return s->complete;
}

/* Reads the server's first message and gives the library what it would compute without limits. */
static bool salt_password(struct sasl *s, struct str text, struct err *e)
{
	struct scram_first first CLEAN_UP(scram_first_done) = SCRAM_FIRST_INIT;
	struct buf hex CLEAN_UP(buf_wipe_done) = BUF_INIT(2 * SCRAM_KEY_MAX);
	struct str nonce = scram_nonce(buf_str(&s->sent_first));

	if (!scram_read_first(text, nonce, &first, e) ||
		!scram_salt(s->mech->hash, text_of(&s->prepared), &first, &hex, e))
		return false;
	int rc = gsasl_property_set(s->session, GSASL_SCRAM_SALTED_PASSWORD, buf_text(&hex));
	return rc == GSASL_OK || err_set(e, ERR_SOFTWARE, "GNU SASL: %s", gsasl_strerror(rc));
}

/* What must be known of a challenge before the library sees it. */
static bool check_challenge(struct sasl *s, struct str text, struct err *e)
{
	if (s->complete)
		return err_set(e, ERR_NOPERM, "the server goes on asking after %s is complete",
			s->mech->name);
	if (s->mech->flags & MECH_SCRAM && s->steps == 1)
		return salt_password(s, text, e);
	if (s->mech->flags & MECH_SCRAM && s->steps == 2)
		return scram_read_final(text, e);
	if (s->mech->flags & MECH_ASKED && !text.len)
		return err_set(e, ERR_NOPERM, "%s: the server's challenge is empty", s->mech->name);
	return true;
}

static bool explain(const struct sasl *s, int rc, struct err *e)
{
	if (s->steps == 2 && s->mech->flags & MECH_SCRAM) {
		err_set(e, ERR_NOPERM, "%s: the server's signature is wrong", s->mech->name);
		return err_hint(e, "it does not know the password, so it may not be your server; "
				   "nothing was sent");
	}
	return err_set(e, ERR_NOPERM, "%s: %s", s->mech->name, gsasl_strerror(rc));
}

static bool encode_answer(struct sasl *s, struct str answer, struct buf *ret_answer, struct err *e)
{
	if (s->mech->flags & MECH_SCRAM && s->steps == 0)
		buf_add(&s->sent_first, answer);
	buf_reserve(ret_answer, ret_answer->limit);
	buf_base64(ret_answer, answer);
	return !ret_answer->over ||
	       err_set(e, ERR_CONFIG, "user and password are too long for AUTH %s", s->mech->name);
}

bool sasl_step(struct sasl *s, struct str challenge, struct buf *ret_answer, struct err *e)
{
	struct buf in CLEAN_UP(buf_done) = BUF_INIT(SASL_ANSWER_MAX);
	char *out = NULL;
	size_t len = 0;

	if (!buf_unbase64(&in, challenge))
		return err_set(e, ERR_NOPERM, "the server's AUTH challenge is not base64");
	if (!check_challenge(s, buf_str(&in), e))
		return false;
	int rc = gsasl_step(s->session, buf_text(&in), in.len, &out, &len);
	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
		return explain(s, rc, e);
	bool good = encode_answer(s, str_n(out, len), ret_answer, e);
	if (len)
		mem_wipe(out, len);
	gsasl_free(out);
	s->steps++;
	s->complete = rc == GSASL_OK;
	return good;
}

/* SPDX-License-Identifier: MIT */
#include "sasl/sasl.h"

#include "os/task.h"
#include "sasl/saslprep.h"
#include "sasl/scram.h"

#include <gsasl.h>
#include <string.h>

enum {
	COMPLAINT_MAX = 200,
	TELLING = 6, /* this many octets of a secret must not be shown */
};

struct sasl {
	const struct mech *mech;
	struct sasl_options options;
	struct secret prepared; /* the password for SCRAM */
	struct buf sent_first;  /* SCRAM: the message we began with */
	Gsasl *library;
	Gsasl_session *session;
	unsigned steps; /* done so far */
	enum sasl_end end;
	struct buf complaint;
	const struct sasl_peer *peer;
	const char *host; /* GSSAPI's and DIGEST-MD5's; borrowed */
	char *ready;      /* GSSAPI: the first message, in the library's memory */
	size_t ready_len;
	int ready_code;
};

const char *sasl_library_version(void)
{
	return gsasl_check_version(NULL);
}

static struct str secret_text(const struct sasl_options *t)
{
	return str_n(t->secret && t->secret->bytes ? t->secret->bytes : "",
		t->secret ? t->secret->len : 0);
}

/* --- checks of user and secret --- */

static bool prepare_all(
	const struct mech *m, const struct sasl_options *options, struct secret *ret, struct err *e)
{
	struct secret user CLEAN_UP(secret_done) = { 0 };
	const char *password = secret_text(options).p;

	if (!(m->flags & MECH_PREPARED))
		return true;
	if (!saslprep_text("user name", options->user, &user, e))
		return false;
	return m->flags & MECH_SCRAM ? saslprep_query(password, ret, e)
				     : saslprep_text("password", password, ret, e);
}

static bool check_token(struct str token, struct err *e)
{
	if (mech_is_token(token))
		return true;
	err_set(e, ERR_CONFIG, "the password is not an access token: it %s",
		token.len ? "has a character that no token has" : "is empty");
	return err_hint(e, "an access token is letters, digits and -._~+/= (RFC 6750), with "
			   "nothing before or after it; " ERR_SHOW " shows where it is from");
}

bool sasl_check(const struct sasl_options *options, struct err *e)
{
	struct secret prepared CLEAN_UP(secret_done) = { 0 };
	struct str user = str_of(options->user), secret = secret_text(options);
	bool token = mech_wants(options->only) == MECH_WANTS_TOKEN;
	const char *what = token ? "token" : "password";

	if (!saslprep_check("user name", user, e) || !saslprep_check(what, secret, e))
		return false;
	if (user.len > SASL_CREDENTIALS_MAX || secret.len > SASL_CREDENTIALS_MAX - user.len)
		return err_set(e, ERR_CONFIG,
			"user and %s are too long: together AUTH carries %d octets", what,
			(int)SASL_CREDENTIALS_MAX);
	if (token && !check_token(secret, e))
		return false;
	const struct mech *m = mech_first_prepared(options->only);
	return !m || prepare_all(m, options, &prepared, e);
}

/* --- the library --- */

/* Gives channel binding data only to bound mechanisms: others would fail with it. */
static int give_binding(const struct sasl *s, Gsasl_session *session, Gsasl_property property)
{
	struct buf data CLEAN_UP(buf_wipe_done) = BUF_INIT(1000);
	bool unique = property == GSASL_CB_TLS_UNIQUE;

	if (!(s->mech->flags & MECH_PLUS) || !s->peer->binding ||
		!s->peer->binding(s->peer->ctx, unique, &data))
		return GSASL_NO_CALLBACK;
	return gsasl_property_set(session, property, buf_text(&data));
}

/* Gives no password to SCRAM: the time that the library spends on one has no limit. */
static int give_password(const struct sasl *s, Gsasl_session *session)
{
	struct str password = secret_text(&s->options);

	if (s->mech->flags & MECH_SCRAM)
		return GSASL_NO_CALLBACK;
	return gsasl_property_set_raw(session, GSASL_PASSWORD, password.p, password.len);
}

static int give_text(Gsasl_session *session, Gsasl_property property, const char *text)
{
	if (!text || !text[0])
		return GSASL_NO_CALLBACK;
	return gsasl_property_set(session, property, text);
}

/* No quality of protection is chosen, so there is no security layer. */
static int give_property(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
	const struct sasl *s = gsasl_session_hook_get(session);

	(void)library;
	switch (property) {
	case GSASL_AUTHID:
		return gsasl_property_set(session, property, s->options.user);
	case GSASL_PASSWORD:
		return give_password(s, session);
	case GSASL_AUTHZID: /* GSSAPI: the ticket's owner acts as the user */
		return give_text(
			session, property, s->mech->flags & MECH_GSSAPI ? s->options.user : NULL);
	case GSASL_SERVICE:
		return gsasl_property_set(session, property, "smtp");
	case GSASL_HOSTNAME:
		return gsasl_property_set(session, property, s->host);
	case GSASL_REALM:
		return give_text(session, property, s->options.realm);
	case GSASL_CB_TLS_EXPORTER:
	case GSASL_CB_TLS_UNIQUE:
		return give_binding(s, session, property);
	default:
		return GSASL_NO_CALLBACK;
	}
}

static bool library_failed(int rc, struct err *e)
{
	return err_set(e, rc == GSASL_MALLOC_ERROR ? ERR_TEMPORARY : ERR_SOFTWARE, "GNU SASL: %s",
		gsasl_strerror(rc));
}

static bool set_up(struct sasl *s, struct err *e)
{
	if (s->mech->say)
		return true;
	if (!prepare_all(s->mech, &s->options, &s->prepared, e))
		return false;
	int rc = gsasl_init(&s->library);
	if (rc != GSASL_OK)
		return library_failed(rc, e);
	gsasl_callback_set(s->library, give_property);
	rc = gsasl_client_start(s->library, s->mech->name, &s->session);
	if (rc == GSASL_UNKNOWN_MECHANISM)
		return err_set(
			e, ERR_CONFIG, "GNU SASL is installed here without %s", s->mech->name);
	if (rc != GSASL_OK)
		return library_failed(rc, e) || err_in(e, "%s", s->mech->name);
	gsasl_session_hook_set(s->session, s);
	return true;
}

static struct sasl *make(const struct mech *mech, const struct sasl_options *options,
	const char *host, struct err *e)
{
	struct sasl *s = mem_alloc(sizeof(*s));

	*s = (struct sasl) {
		.mech = mech,
		.options = *options,
		.host = host,
		.sent_first = BUF_INIT(SASL_ANSWER_MAX),
		.complaint = BUF_INIT(COMPLAINT_MAX),
	};
	if (set_up(s, e))
		return s;
	sasl_free(s);
	return NULL;
}

/* --- GSSAPI's ticket --- */

/* What the task uses. It owns copies, because the task may outlive the caller. */
struct ticket {
	struct sasl *sasl; /* NULL: it was taken out */
	char *user, *host, *realm;
};

/* Makes the first message, for which the library may ask a name server and a ticket server. */
static void begin_gssapi(void *ctx)
{
	struct sasl *s = ((struct ticket *)ctx)->sasl;

	s->ready_code = gsasl_step(s->session, NULL, 0, &s->ready, &s->ready_len);
}

static void release_ticket(void *ctx)
{
	struct ticket *t = ctx;

	sasl_free(t->sasl);
	mem_free(t->user);
	mem_free(t->host);
	mem_free(t->realm);
	mem_free(t);
}

/* Takes s over. */
static struct ticket *make_ticket(struct sasl *s)
{
	struct ticket *t = mem_alloc(sizeof(*t));

	*t = (struct ticket) {
		.sasl = s,
		.user = mem_str(s->options.user ? s->options.user : ""),
		.host = mem_str(s->host),
		.realm = mem_str(s->options.realm ? s->options.realm : ""),
	};
	s->options = (struct sasl_options) { .user = t->user, .realm = t->realm };
	s->host = t->host;
	return t;
}

static bool await_ticket(struct task *task, deadline until, struct err *e)
{
	if (!tasks_wait(&task, 1, until, e))
		return false;
	return task_is_done(task) || err_set(e, ERR_TIMEOUT, "there was no answer in time");
}

/* Returns s with its first message, or NULL with *e. A task that is late is left behind. */
static struct sasl *get_ticket(struct sasl *s, deadline until, struct err *e)
{
	struct ticket *ticket = make_ticket(s);
	const struct task_options options = {
		.call = begin_gssapi, .release = release_ticket, .ctx = ticket
	};
	struct task *task = task_start(&options, e);
	struct sasl *begun = NULL;

	if (!task)
		release_ticket(ticket);
	else if (await_ticket(task, until, e)) {
		begun = ticket->sasl;
		ticket->sasl = NULL;
	}
	task_end(task);
	return begun;
}

struct sasl *sasl_prepare(
	const struct sasl_options *options, const char *host, deadline until, struct err *e)
{
	struct sasl *s = make(mech_find(STR("GSSAPI")), options, host, e);

	if (!s)
		return NULL;
	s = get_ticket(s, until, e);
	if (!s) {
		err_in(e, "GSSAPI");
		err_hint(e, "is the ticket server reachable? /etc/krb5.conf names it, and kinit "
			    "asks it for a ticket");
		return NULL;
	}
	s->options = *options;
	s->host = host;
	if (s->ready_code == GSASL_OK || s->ready_code == GSASL_NEEDS_MORE)
		return s;
	/* The library does not tell these apart, and the second one passes. */
	err_set(e, ERR_TEMPORARY,
		"GSSAPI: there is no ticket for smtp/%s, or the ticket server does not answer",
		host);
	err_hint(e,
		"klist shows the tickets, kinit gets a new one; the server needs the "
		"principal smtp/%s",
		host);
	sasl_free(s);
	return NULL;
}

/* --- the exchange --- */

struct sasl *sasl_start(const struct sasl_options *options, const struct sasl_peer *peer,
	const char *tried, struct err *e)
{
	const struct mech *mech = mech_choose(options, peer, tried, e);
	struct sasl *s = mech ? make(mech, options, peer->host, e) : NULL;

	if (s)
		s->peer = peer;
	return s;
}

void sasl_free(struct sasl *s)
{
	if (!s)
		return;
	if (s->session)
		gsasl_finish(s->session);
	gsasl_free(s->ready);
	if (s->library)
		gsasl_done(s->library);
	secret_done(&s->prepared);
	buf_done(&s->sent_first);
	buf_done(&s->complaint);
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

enum sasl_end sasl_end(const struct sasl *s)
{
	return s->end;
}

const char *sasl_complaint(const struct sasl *s)
{
	return buf_text(&s->complaint);
}

/* Reads the server's first message and computes the salted password, within limits. */
static bool salt_password(struct sasl *s, struct str text, struct err *e)
{
	struct scram_first first CLEAN_UP(scram_first_done) = SCRAM_FIRST_INIT;
	struct buf hex CLEAN_UP(buf_wipe_done) = BUF_INIT(2 * HASH_MAX);
	struct str nonce = scram_nonce(buf_str(&s->sent_first));
	struct str password = str_n(s->prepared.bytes, s->prepared.len);

	if (!scram_read_first(text, nonce, &first, e) ||
		!scram_salt(s->mech->hash, password, &first, &hex, e))
		return false;
	int rc = gsasl_property_set(s->session, GSASL_SCRAM_SALTED_PASSWORD, buf_text(&hex));
	return rc == GSASL_OK || library_failed(rc, e);
}

/* Checks a challenge before the library sees it. */
static bool check_challenge(struct sasl *s, struct str text, struct err *e)
{
	if (s->mech->flags & MECH_SCRAM && s->steps == 1)
		return salt_password(s, text, e);
	if (s->mech->flags & MECH_SCRAM && s->steps == 2)
		return scram_read_final(text, e);
	if (s->mech->flags & MECH_ASKED && !s->steps && !text.len)
		return err_set(e, ERR_NOPERM, "%s: the server's challenge is empty", s->mech->name);
	return true;
}

static bool explain_library(const struct sasl *s, int rc, struct err *e)
{
	if (rc == GSASL_MALLOC_ERROR)
		return library_failed(rc, e);
	if (s->steps == 2 && s->mech->flags & MECH_SCRAM) {
		err_set(e, ERR_NOPERM, "%s: the server's signature is wrong", s->mech->name);
		return err_hint(e, "it does not know the password, so it may not be your server; "
				   "nothing was sent: check the line host NAME");
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
	       err_set(e, ERR_CONFIG, "user and secret are too long for AUTH %s", s->mech->name);
}

static bool step_library(struct sasl *s, struct str text, struct buf *ret_answer, struct err *e)
{
	char *out = s->ready;
	size_t len = s->ready_len;
	int rc = s->ready_code;

	if (!check_challenge(s, text, e))
		return false;
	if (!out)
		rc = gsasl_step(s->session, text.p, text.len, &out, &len);
	s->ready = NULL;
	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
		return explain_library(s, rc, e);
	bool good = encode_answer(s, str_n(out, len), ret_answer, e);
	if (len)
		mem_wipe(out, len);
	gsasl_free(out);
	s->end = rc == GSASL_OK ? SASL_ENDS : SASL_GOES_ON;
	return good;
}

/* Takes the reason why the token is refused; the refusal itself comes after our answer. */
static bool take_complaint(struct sasl *s, struct str text, struct buf *ret_answer, struct err *e)
{
	bool dummy = s->mech->say == mech_oauthbearer;

	mech_oauth_status(text, &s->complaint);
	if (str_tells(buf_str(&s->complaint), secret_text(&s->options), TELLING))
		buf_clear(&s->complaint); /* servers quote what they refuse */
	s->end = SASL_GOES_ON;
	return encode_answer(s, dummy ? STR("\1") : STR(""), ret_answer, e);
}

static bool step_own(struct sasl *s, struct str text, struct buf *ret_answer, struct err *e)
{
	struct buf out CLEAN_UP(buf_wipe_done) = BUF_INIT(SASL_ANSWER_MAX);
	bool token = s->mech->flags & MECH_TOKEN;

	if (s->steps == s->mech->steps)
		return take_complaint(s, text, ret_answer, e);
	buf_reserve(&out, out.limit);
	s->mech->say(&s->options, s->peer, s->steps, &out);
	if (s->steps + 1 == s->mech->steps)
		s->end = token ? SASL_MAY_END : SASL_ENDS;
	return encode_answer(s, buf_str(&out), ret_answer, e);
}

bool sasl_step(struct sasl *s, struct str challenge, struct buf *ret_answer, struct err *e)
{
	struct buf in CLEAN_UP(buf_done) = BUF_INIT(SASL_ANSWER_MAX);

	if (s->end == SASL_ENDS || (s->mech->say && s->steps > s->mech->steps))
		return err_set(e, ERR_NOPERM, "the server goes on asking after %s is complete",
			s->mech->name);
	if (!buf_unbase64(&in, challenge))
		return err_set(e, ERR_NOPERM, "the server's AUTH challenge is not base64");
	bool good = s->mech->say ? step_own(s, buf_str(&in), ret_answer, e)
				 : step_library(s, buf_str(&in), ret_answer, e);
	s->steps++;
	return good;
}

/* SPDX-License-Identifier: MIT */
#include "tls/tls.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "os/poll.h"
#include "tls/hash.h"
#include "tls/verify.h"
#include "tls/x509.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <string.h>

enum {
	RECORD = 16384,    /* octets of a full record */
	JOINED = 65536,    /* octets of records that go to the kernel in one write */
	INPUT = 32768,     /* octets read from the kernel in one call */
	ROUNDS = 16,       /* reads before deadlines are checked again */
	MARKS = 16,        /* most records in wire */
	SILENT_MS = 10000, /* after which a server that says nothing is told of */
};

/* The end of a record in wire, and how many octets of the caller's data it carries. */
struct mark {
	size_t end, octets;
};

struct tls {
	struct stream head;
	struct stream *lower;
	struct trust *trust;
	gnutls_session_t session;
	struct buf wire; /* records on their way to the kernel */
	size_t wire_at;
	struct mark marks[MARKS]; /* of the records in wire */
	size_t mark_count;
	char *input;
	size_t input_at, input_len;
	int first_octet; /* the first octet that the server sent; -1: none yet */
	bool input_ended;
	time_t verified; /* when the server was verified, in this run or before; 0: never */
	struct err lower_err, verify_err;
	struct err
		certificate_err; /* what is wrong with the certificates, if GnuTLS refuses them */
};

static struct tls *tls_of(struct stream *s)
{
	return (struct tls *)s;
}

const char *tls_library_version(void)
{
	return gnutls_check_version(NULL);
}

/* Called in each full handshake, unless the server need not be verified. */
static int verify_hook(gnutls_session_t session)
{
	struct tls *t = gnutls_session_get_ptr(session);

	return verify_server(t->trust, session, &t->verify_err) ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

/*
 * Called before GnuTLS handles a message: all but the first kind are those for which it needs the
 * server's key.
 */
static int message_hook(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
	const gnutls_datum_t *message)
{
	struct tls *t = gnutls_session_get_ptr(session);
	bool uses_key = type == GNUTLS_HANDSHAKE_CERTIFICATE_VERIFY ||
			type == GNUTLS_HANDSHAKE_SERVER_KEY_EXCHANGE ||
			type == GNUTLS_HANDSHAKE_SERVER_HELLO_DONE;

	(void)when;
	if (incoming && type == GNUTLS_HANDSHAKE_CERTIFICATE_PKT)
		(void)verify_explain_message(str_n((const char *)message->data, message->size),
			gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3, &t->certificate_err);
	if (!incoming || !uses_key || verify_key_sizes(session, &t->verify_err))
		return 0;
	return GNUTLS_E_CERTIFICATE_ERROR;
}

/* --- octets between GnuTLS and the layer below --- */

/* GnuTLS writes into memory, without a limit; at JOINED octets we write to the kernel. */
static ssize_t push(gnutls_transport_ptr_t ptr, const giovec_t *parts, int count)
{
	struct tls *t = ptr;
	ssize_t n = 0;

	for (int i = 0; i < count; i++) {
		buf_bytes(&t->wire, parts[i].iov_base, parts[i].iov_len);
		n += (ssize_t)parts[i].iov_len;
	}
	if (t->wire.over) {
		gnutls_transport_set_errno(t->session, EIO);
		return -1;
	}
	return n;
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *to, size_t size)
{
	struct tls *t = ptr;

	if (t->input_at == t->input_len) {
		t->input_at = t->input_len = 0;
		enum stream_got got =
			stream_read(t->lower, t->input, INPUT, &t->input_len, &t->lower_err);
		if (got == STREAM_EOF) {
			t->input_ended = true;
			return 0;
		}
		if (got != STREAM_OK) {
			gnutls_transport_set_errno(t->session, got == STREAM_AGAIN ? EAGAIN : EIO);
			return -1;
		}
		if (t->first_octet < 0)
			t->first_octet = (unsigned char)t->input[0];
	}
	size_t n = t->input_len - t->input_at;
	n = n < size ? n : size;
	memcpy(to, t->input + t->input_at, n);
	t->input_at += n;
	return (ssize_t)n;
}

static enum stream_got tls_flush(struct stream *s, struct err *e)
{
	struct tls *t = tls_of(s);

	while (t->wire_at < t->wire.len) {
		size_t n;
		enum stream_got got =
			stream_write(t->lower, str_from(buf_str(&t->wire), t->wire_at), &n, e);
		if (got != STREAM_OK)
			return got;
		t->wire_at += n;
	}
	buf_clear(&t->wire);
	t->wire_at = t->mark_count = 0;
	return stream_flush(t->lower, e);
}

static bool has_input(const struct tls *t)
{
	return t->input_at < t->input_len;
}

/* The alert is about our certificate, which in TLS 1.3 comes after the handshake. */
static bool is_about_us(gnutls_alert_description_t alert)
{
	return alert == GNUTLS_A_CERTIFICATE_REQUIRED || alert == GNUTLS_A_UNKNOWN_CA ||
	       alert == GNUTLS_A_ACCESS_DENIED ||
	       (alert >= GNUTLS_A_BAD_CERTIFICATE && alert <= GNUTLS_A_CERTIFICATE_UNKNOWN);
}

static void explain_read(const struct tls *t, int failed, struct err *e)
{
	gnutls_alert_description_t alert = gnutls_alert_get(t->session);

	if (t->lower_err.kind != ERR_NONE) {
		*e = t->lower_err;
	} else if (failed != GNUTLS_E_FATAL_ALERT_RECEIVED) {
		err_set(e, ERR_NETWORK, "TLS: %s", gnutls_strerror(failed));
	} else if (is_about_us(alert)) {
		err_set(e, ERR_CERTIFICATE,
			"the server refuses our certificate, or requires one: %s",
			gnutls_alert_get_name(alert));
		(void)err_hint(e, "add the lines tls_cert_file FILE and tls_key_file FILE, with "
				  "the certificate that the server's owner has issued");
	} else {
		err_set(e, ERR_NETWORK, "TLS: the server ended it: %s",
			gnutls_alert_get_name(alert));
	}
}

static enum stream_got tls_read(
	struct stream *s, char *to, size_t size, size_t *ret_n, struct err *e)
{
	struct tls *t = tls_of(s);
	ssize_t n = GNUTLS_E_AGAIN;

	/* After a session ticket GnuTLS says "again" although it has the next record already. */
	for (unsigned round = 0; round < ROUNDS; round++) {
		n = gnutls_record_recv(t->session, to, size);
		if ((n != GNUTLS_E_AGAIN && n != GNUTLS_E_INTERRUPTED) || !has_input(t))
			break;
	}
	if (n > 0) {
		*ret_n = (size_t)n;
		return STREAM_OK;
	}
	if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED ||
		n == GNUTLS_E_WARNING_ALERT_RECEIVED)
		return STREAM_AGAIN;
	if (n == 0 || n == GNUTLS_E_PREMATURE_TERMINATION || t->input_ended)
		return STREAM_EOF;
	explain_read(t, (int)n, e);
	return STREAM_FAIL;
}

static bool is_full(const struct tls *t)
{
	return t->wire.len >= JOINED || t->mark_count == MARKS;
}

static enum stream_got tls_write(struct stream *s, struct str bytes, size_t *ret_n, struct err *e)
{
	struct tls *t = tls_of(s);

	*ret_n = 0;
	if (is_full(t)) {
		enum stream_got got = tls_flush(s, e);
		if (got != STREAM_OK)
			return got;
	}
	while (bytes.len && !is_full(t)) {
		ssize_t n = gnutls_record_send(
			t->session, bytes.p, bytes.len < RECORD ? bytes.len : RECORD);
		if (n < 0) {
			err_set(e, ERR_NETWORK, "TLS: %s", gnutls_strerror((int)n));
			return STREAM_FAIL;
		}
		t->marks[t->mark_count++] = (struct mark) { t->wire.len, (size_t)n };
		bytes = str_from(bytes, (size_t)n);
		*ret_n += (size_t)n;
	}
	return STREAM_OK;
}

static size_t tls_held(const struct stream *s)
{
	const struct tls *t = (const struct tls *)s;
	size_t held = 0;

	for (size_t i = 0; i < t->mark_count; i++)
		if (t->marks[i].end > t->wire_at)
			held += t->marks[i].octets;
	return held;
}

static bool tls_has_pending(const struct stream *s)
{
	const struct tls *t = (const struct tls *)s;

	return has_input(t) || gnutls_record_check_pending(t->session) > 0;
}

static void release(struct tls *t)
{
	gnutls_deinit(t->session);
	buf_done(&t->wire);
	mem_free(t->input); /* what was on the wire */
	mem_free(t);
}

static void tls_close(struct stream *s, bool politely)
{
	struct tls *t = tls_of(s);
	struct err ignored;

	if (t->verified)
		session_cache_keep(trust_sessions(t->trust), t->session, t->verified,
			verify_until(t->trust, t->session));
	if (politely) {
		(void)gnutls_bye(t->session, GNUTLS_SHUT_WR);
		(void)tls_flush(s, &ignored);
	}
	stream_close(t->lower, politely);
	release(t);
}

static const struct stream_ops tls_ops = {
	.read = tls_read,
	.write = tls_write,
	.flush = tls_flush,
	.held = tls_held,
	.has_pending = tls_has_pending,
	.close = tls_close,
};

/* --- the handshake --- */

/* Alerts and failures which mean that version, cipher suite, key or certificate are refused. */
static bool is_policy(int failed, gnutls_alert_description_t alert)
{
	static const int codes[] = {
		GNUTLS_E_UNSUPPORTED_VERSION_PACKET,
		GNUTLS_E_DH_PRIME_UNACCEPTABLE,
		GNUTLS_E_NO_CIPHER_SUITES,
		GNUTLS_E_INSUFFICIENT_SECURITY,
		GNUTLS_E_UNKNOWN_CIPHER_SUITE,
	};
	static const gnutls_alert_description_t alerts[] = {
		GNUTLS_A_HANDSHAKE_FAILURE,
		GNUTLS_A_PROTOCOL_VERSION,
		GNUTLS_A_INSUFFICIENT_SECURITY,
		GNUTLS_A_UNRECOGNIZED_NAME,
		GNUTLS_A_CERTIFICATE_REQUIRED,
	};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (failed == codes[i])
			return true;
	for (size_t i = 0; failed == GNUTLS_E_FATAL_ALERT_RECEIVED && i < ARRAY_LEN(alerts); i++)
		if (alert == alerts[i])
			return true;
	return false;
}

static bool explain_tls(const struct tls *t, int failed, struct err *e)
{
	gnutls_alert_description_t alert = gnutls_alert_get(t->session);
	bool told = failed == GNUTLS_E_FATAL_ALERT_RECEIVED;
	const char *name = told ? gnutls_alert_get_name(alert) : NULL;
	bool policy = is_policy(failed, alert);

	/* Any other alert is trouble at the server, which may be temporary. */
	err_set(e,
		policy ? ERR_CERTIFICATE
		: told ? ERR_NETWORK
		       : hash_failure(failed, ERR_PROTOCOL),
		"TLS handshake: %s%s%s", gnutls_strerror(failed), name ? ": " : "",
		name ? name : "");
	if (!policy)
		return false;
	return err_hint(e, "TLS 1.2 or later with a current cipher is needed on both sides; "
			   "gnutls-cli --port PORT HOST shows what the server has");
}

/* Whether it says nothing of the last message that came whole, but of us or of what follows it. */
static bool is_about_more(int failed)
{
	return hash_failure(failed, ERR_PROTOCOL) == ERR_TEMPORARY ||
	       failed == GNUTLS_E_DECRYPTION_FAILED || failed == GNUTLS_E_UNEXPECTED_PACKET ||
	       failed == GNUTLS_E_UNEXPECTED_HANDSHAKE_PACKET ||
	       failed == GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
}

/* Says why a certificate is of no use for TLS; false if that is not what failed. */
static bool explain_certificate(const struct tls *t, int failed, struct err *e)
{
	const char *why =
		failed == GNUTLS_E_KEY_USAGE_VIOLATION ? "its key is not for signatures"
		: failed == GNUTLS_E_HANDSHAKE_TOO_LARGE
			? "it, or what is shown with it, is larger than any that is needed"
			: NULL;
	bool shown = gnutls_handshake_get_last_in(t->session) == GNUTLS_HANDSHAKE_CERTIFICATE_PKT;

	if (is_about_more(failed) || failed == GNUTLS_E_FATAL_ALERT_RECEIVED ||
		(!shown && failed != GNUTLS_E_KEY_USAGE_VIOLATION))
		return false;
	if (why)
		err_set(e, ERR_CERTIFICATE, "the server's certificate is not acceptable: %s", why);
	else if (t->certificate_err.kind != ERR_NONE)
		*e = t->certificate_err;
	else
		return false;
	(void)err_hint(e, "whoever runs the server must have the certificate made again, for TLS "
			  "servers (RFC 5280)");
	return true;
}

static bool explain_failure(const struct tls *t, int failed, struct err *e)
{
	bool is_tls = t->first_octet >= 20 && t->first_octet <= 24;

	if (t->verify_err.kind != ERR_NONE) {
		*e = t->verify_err;
		return false;
	}
	if (t->lower_err.kind != ERR_NONE) {
		*e = t->lower_err;
		return err_in(e, "TLS handshake");
	}
	if (t->input_ended || failed == GNUTLS_E_PREMATURE_TERMINATION)
		return err_set(
			e, ERR_NETWORK, "the server closed the connection in the TLS handshake");
	if (explain_certificate(t, failed, e))
		return false;
	if (t->first_octet < 0 || is_tls)
		return explain_tls(t, failed, e);
	err_set(e, ERR_PROTOCOL, "the server does not speak TLS here");
	return err_hint(
		e, "add the line tls_starttls on: on ports 587 and 25 TLS begins with a command");
}

static bool handshake_late(const struct tls *t, struct err *e)
{
	err_set(e, ERR_TIMEOUT, "the TLS handshake was not finished in time%s",
		t->first_octet < 0 ? ": the server said nothing" : "");
	if (t->first_octet >= 0)
		return false;
	return err_hint(e,
		"does TLS begin at once on this port? 465 is usual, with the line "
		"tls_starttls off; on 587 and 25 it begins with a command: tls_starttls on");
}

/*
 * Writes what GnuTLS has left to be written of a handshake that is over for it. Calling it again
 * would begin something else: with TLS 1.2 a new handshake, with TLS 1.3 an update of keys.
 */
static bool finish_flight(struct tls *t, deadline until, struct err *e)
{
	enum stream_got flushed;
	unsigned ready;

	while ((flushed = tls_flush(&t->head, e)) == STREAM_AGAIN) {
		if (!poll_fd(t->lower->fd, POLL_WRITE, until, &ready, e))
			return false;
		if (!ready)
			return handshake_late(t, e);
	}
	return flushed == STREAM_OK;
}

/* Waits for the server; if it says nothing at all for a while, that is told. */
static bool await_server(
	struct tls *t, bool blocked, deadline until, unsigned *ready, struct err *e)
{
	bool is_silent = t->first_octet < 0 && !blocked;
	deadline soon = is_silent ? deadline_first(until, deadline_in(SILENT_MS)) : until;

	if (!stream_wait(t->lower, blocked, soon, ready, e))
		return false;
	if (*ready || deadline_passed(until))
		return true;
	log_warning("the server has said nothing to our TLS handshake for %d s; is TLS expected on "
		    "this port?",
		SILENT_MS / 1000);
	return stream_wait(t->lower, blocked, until, ready, e);
}

static bool handshake(struct tls *t, deadline until, struct err *e)
{
	unsigned ready;

	for (;;) {
		int rc = gnutls_handshake(t->session);
		if (rc == 0)
			return finish_flight(t, until, e);
		enum stream_got flushed = tls_flush(&t->head, e);
		if (flushed == STREAM_FAIL)
			return false;
		if (gnutls_error_is_fatal(rc))
			return explain_failure(t, rc, e);
		if (deadline_passed(until))
			return handshake_late(t, e);
		if (has_input(t))
			continue;
		if (!await_server(t, flushed == STREAM_AGAIN, until, &ready, e))
			return false;
		if (!ready)
			return handshake_late(t, e);
	}
}

static bool set_up(struct tls *t, struct err *e)
{
	const char *host = trust_goal(t->trust)->host;
	unsigned char octets[16];
	unsigned size;

	unsigned shares = trust_has_one_share(t->trust) ? GNUTLS_KEY_SHARE_TOP : 0;
	int rc = gnutls_init(
		&t->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | shares);
	if (rc >= 0)
		rc = gnutls_priority_set(t->session, trust_priorities(t->trust));
	if (rc >= 0)
		rc = gnutls_credentials_set(
			t->session, GNUTLS_CRD_CERTIFICATE, trust_credentials(t->trust));
	/* SNI for names, never for addresses (RFC 6066 section 3) */
	if (rc >= 0 && host[0] && !x509_is_address(host, octets, &size))
		rc = gnutls_server_name_set(t->session, GNUTLS_NAME_DNS, host, strlen(host));
	if (rc < 0)
		return err_set(
			e, hash_failure(rc, ERR_SOFTWARE), "GnuTLS: %s", gnutls_strerror(rc));
	gnutls_session_set_ptr(t->session, t);
	if (trust_is_verifying(trust_options(t->trust)))
		gnutls_session_set_verify_function(t->session, verify_hook);
	gnutls_handshake_set_hook_function(
		t->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE, message_hook);
	gnutls_transport_set_ptr(t->session, t);
	gnutls_transport_set_vec_push_function(t->session, push);
	gnutls_transport_set_pull_function(t->session, pull);
	return true;
}

/* tls-unique exists only up to TLS 1.2; for TLS 1.3 there is tls-exporter. */
static bool is_bindable(gnutls_session_t session, bool unique)
{
	if (gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3)
		return !unique;
	return unique && gnutls_session_ext_master_secret_status(session);
}

bool tls_binding(const struct stream *s, bool unique, struct buf *ret_base64)
{
	gnutls_session_t session = ((const struct tls *)s)->session;
	gnutls_datum_t data = { 0 };
	gnutls_channel_binding_t kind = unique ? GNUTLS_CB_TLS_UNIQUE : GNUTLS_CB_TLS_EXPORTER;

	if (!is_bindable(session, unique) ||
		gnutls_session_channel_binding(session, kind, &data) < 0)
		return false;
	buf_clear(ret_base64);
	buf_base64(ret_base64, str_n((const char *)data.data, data.size));
	gnutls_free(data.data);
	return !ret_base64->over;
}

static void describe(gnutls_session_t session, char ret_text[TLS_TEXT_MAX])
{
	char *text = gnutls_session_get_desc(session);
	struct buf b CLEAN_UP(buf_done) = BUF_INIT(TLS_TEXT_MAX - 1);

	buf_add(&b, str_head(str_of(text), TLS_TEXT_MAX / 2));
	gnutls_free(text);
	if (gnutls_session_is_resumed(session))
		buf_add(&b, STR(", resumed"));
	verify_describe(session, &b);
	memcpy(ret_text, buf_text(&b), b.len + 1);
}

/* The server of a resumed session was verified when that session began. */
static bool accept_server(struct tls *t, time_t verified, struct err *e)
{
	if (!trust_is_verifying(trust_options(t->trust)))
		return true;
	bool resumed = gnutls_session_is_resumed(t->session);
	if (resumed && (!verified || !verify_again(t->trust, t->session, e)))
		return verified ? false : err_set(e, ERR_SOFTWARE, "a session nobody offered");
	t->verified = resumed ? verified : time(NULL);
	return true;
}

static bool establish(struct tls *t, deadline until, struct err *e)
{
	time_t verified;

	if (!set_up(t, e))
		return false;
	session_cache_offer(trust_sessions(t->trust), t->session, &verified);
	return handshake(t, until, e) && accept_server(t, verified, e);
}

struct stream *tls_start(struct stream *lower, struct trust *trust, deadline until,
	char ret_text[TLS_TEXT_MAX], struct err *e)
{
	struct tls *t = mem_alloc(sizeof(*t));

	*t = (struct tls) {
		.head = { .ops = &tls_ops, .fd = lower->fd },
		.lower = lower,
		.trust = trust,
		.wire = BUF_INIT(4 * JOINED),
		.input = mem_alloc(INPUT),
		.first_octet = -1,
	};
	if (!establish(t, until, e)) {
		release(t);
		return NULL;
	}
	describe(t->session, ret_text);
	return &t->head;
}

/* SPDX-License-Identifier: MIT */
#include "tls/verify.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/printable.h"
#include "tls/distinguished_name.h"
#include "tls/pins.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

/* The certificates that the server sent, or those of a path; the first is its own. */
struct chain {
	struct x509 certs[PATH_SHOWN_MAX];
	size_t count;
};

static bool refuse_chain(struct err *e, const char *why)
{
	err_set(e, ERR_CERTIFICATE, "the server's certificate is not acceptable: %s", why);
	return false;
}

/* Reads a certificate that was shown, unless its key would take too long to compute with. */
static bool read_shown(const gnutls_datum_t *shown, struct x509 *ret, struct err *e)
{
	if (!x509_read(str_n((const char *)shown->data, shown->size), ret))
		return refuse_chain(e, "it cannot be read");
	return x509_modulus_octets(ret) <= VERIFY_KEY_BITS / 8 ||
	       refuse_chain(e, "a key in its chain is larger than any that is needed");
}

bool verify_key_sizes(gnutls_session_t session, struct err *e)
{
	unsigned count = 0;
	const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &count);
	struct x509 cert;

	for (unsigned i = 0; i < count; i++)
		if (!read_shown(&shown[i], &cert, e))
			return false;
	return true;
}

/* Takes a text of so many octets, which its length in `head` octets precedes. */
static bool take_sized(struct str *rest, size_t head, struct str *ret)
{
	size_t len = 0;

	if (rest->len < head)
		return false;
	for (size_t i = 0; i < head; i++)
		len = len << 8 | (unsigned char)rest->p[i];
	*rest = str_from(*rest, head);
	if (len > rest->len)
		return false;
	*ret = str_head(*rest, len);
	*rest = str_from(*rest, len);
	return true;
}

bool verify_explain_message(struct str message, bool tls13, struct err *e)
{
	struct str context, list, der, more;
	bool cut = (tls13 && !take_sized(&message, 1, &context)) || !take_sized(&message, 3, &list);

	if (cut || !list.len)
		return refuse_chain(e, "there is none");
	while (!cut && list.len) {
		cut = !take_sized(&list, 3, &der) || (tls13 && !take_sized(&list, 2, &more));
		if (!cut && x509_flaw(der))
			return refuse_chain(e, x509_flaw(der));
	}
	return refuse_chain(e, "it cannot be read");
}

static bool read_chain(gnutls_session_t session, struct chain *ret, struct err *e)
{
	unsigned count = 0;
	const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &count);

	*ret = (struct chain) { .count = count };
	if (!shown || !count)
		return refuse_chain(e, "there is none");
	if (count > PATH_SHOWN_MAX)
		return refuse_chain(e, "its chain is longer than any that is needed");
	for (size_t i = 0; i < count; i++)
		if (!read_shown(&shown[i], &ret->certs[i], e))
			return false;
	return true;
}

/* --- pins --- */

static bool is_pinned_key(const struct trust_options *t)
{
	return !t->fingerprints || !t->fingerprints[0];
}

static void note_pinned(const struct x509 *leaf)
{
	time_t now = time(NULL);
	char date[CLOCK_DATE_MAX];

	if (now >= leaf->from && now <= leaf->until)
		return;
	clock_date_5322(now < leaf->from ? leaf->from : leaf->until, date);
	log_note("the server's certificate is pinned, and so believed; %s %s",
		now < leaf->from ? "it is not valid before" : "it expired on", date);
}

static bool check_pin(const struct trust_options *t, const struct x509 *leaf, struct err *e)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(200);

	if (pins_match(t->fingerprints, t->pins, leaf)) {
		note_pinned(leaf);
		return true;
	}
	pins_line(leaf, is_pinned_key(t), &line);
	refuse_chain(e, is_pinned_key(t) ? "its key is not one that tls_pin names"
					 : "it is not one that tls_fingerprint names");
	return err_hint(e,
		"only if whoever runs the server confirms that this is its own, add the line %s",
		buf_text(&line));
}

/* --- why not --- */

/* A clock before this day cannot be right: it is older than this program. */
static const time_t first_day = 1793491200; /* 2026-11-01 */

/* Not the certificate is wrong but the clock, and a later attempt may succeed. */
static bool refuse_clock(struct err *e, const char *what, const char *when)
{
	char here[CLOCK_DATE_MAX];

	clock_date_5322(time(NULL), here);
	err_set(e, ERR_TEMPORARY, "the server's certificate is not acceptable: %s%s", what, when);
	return err_hint(e,
		"the clock here says %s: set it (timedatectl set-ntp true), and run the same "
		"command again",
		here);
}

/* It has expired, or `early`: it is not yet valid. */
static bool refuse_date(struct err *e, const char *what, time_t when, bool early)
{
	char there[CLOCK_DATE_MAX], here[CLOCK_DATE_MAX];

	clock_date_5322(when, there);
	if (early || time(NULL) < first_day)
		return refuse_clock(e, what, there);
	clock_date_5322(time(NULL), here);
	err_set(e, ERR_CERTIFICATE, "the server's certificate is not acceptable: %s%s", what,
		there);
	return err_hint(e,
		"the clock here says %s (run: date); if that is right, whoever runs the server "
		"must "
		"renew the certificate",
		here);
}

/* Names the first certificate that is out of its dates, or else the authority. */
static bool refuse_dates(const struct chain *chain, bool early, struct err *e)
{
	time_t now = time(NULL);

	for (size_t i = 0; i < chain->count; i++) {
		const struct x509 *c = &chain->certs[i];
		if (now > c->until)
			return refuse_date(e, i ? "one in its chain expired on " : "it expired on ",
				c->until, false);
		if (now < c->from)
			return refuse_date(e,
				i ? "one in its chain is not valid before "
				  : "it is not valid before ",
				c->from, true);
	}
	if (early || now < first_day)
		return refuse_clock(e, "the authority that signed it is not valid yet", "");
	refuse_chain(e, "the authority that signed it has expired");
	return err_hint(e, "bring the package ca-certificates up to date, or the file of the line "
			   "tls_trust_file");
}

/* before: the hint up to the line that pins the certificate. */
static bool hint_pin(const struct x509 *leaf, const char *before, struct err *e)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(200);

	pins_line(leaf, false, &line);
	return err_hint(e, "%s%s", before, buf_text(&line));
}

/* Says what is wrong with a name that is meant for the host; false if there is none. */
static bool explain_slip(const struct x509 *leaf, const char *host, struct err *e)
{
	static const char *const words[] = {
		[X509_ADDRESS_AS_NAME] = "%s is in it as a name, not as an address",
		[X509_BAD_ADDRESS] = "an address in it cannot be read",
		[X509_NOT_ASCII] = "the name %s in it is not in ASCII, which begins with \"xn--\"",
		[X509_STAR] = "the name %s in it does not count: \"*\" may only be the whole first "
			      "part of a name of at least three parts",
		[X509_BLANK] = "the name %s in it has a blank or a control character",
		[X509_DOT] = "the name %s in it ends in a dot",
	};
	struct buf name CLEAN_UP(buf_done) = BUF_INIT(300), why CLEAN_UP(buf_done) = BUF_INIT(600);
	struct str raw;
	enum x509_slip slip = x509_find_slip(leaf, host, &raw);

	if (!slip)
		return false;
	printable_add(&name, raw);
	struct str text = str_of(words[slip]);
	buf_add(&why, str_cut(&text, '%'));
	if (text.len) {
		buf_add(&why, buf_str(&name));
		buf_add(&why, str_from(text, 1));
	}
	refuse_chain(e, buf_text(&why));
	(void)hint_pin(leaf,
		"whoever runs the server must have the certificate made again; or, only if they "
		"confirm that this is their own, add the line ",
		e);
	return true;
}

/* It can be trusted as it is, but no name in it says that it is the host's. */
static bool refuse_nameless(const struct x509 *leaf, struct err *e)
{
	refuse_chain(e, "it names no host in a subjectAltName");
	return hint_pin(leaf,
		"whoever runs the server must have it made again, with its name; or, only if they "
		"confirm that this is their own, add the line ",
		e);
}

static bool refuse_name(const struct x509 *leaf, const struct trust_goal *goal, struct err *e)
{
	if (explain_slip(leaf, goal->host, e))
		return false;
	struct buf names CLEAN_UP(buf_done) = BUF_INIT(300);
	size_t shown = 0, count = x509_list_names(leaf, &shown, &names);

	if (!count)
		return refuse_nameless(leaf, e);
	err_set(e, ERR_CERTIFICATE,
		"the server's certificate is not acceptable: it is for %s%s, not %s",
		buf_text(&names), count > shown ? " and others" : "", goal->host);
	if (goal->name_hint)
		return err_hint(e, "%s", goal->name_hint);
	if (count > 1 || strchr(buf_text(&names), '*'))
		return err_hint(e, "add the line host NAME (or tls_host_override NAME), with the "
				   "name that the provider gives for submission");
	return err_hint(e,
		"correct the line host NAME; or, only if whoever runs the server confirms that %s "
		"is its name, add the line tls_host_override %s",
		buf_text(&names), buf_text(&names));
}

static bool refuse_stranger(const struct x509 *leaf, struct err *e)
{
	refuse_chain(e, "it is not signed by a trusted authority");
	return hint_pin(leaf,
		"add the line tls_trust_file FILE, with the authority that signed it; or, only if "
		"whoever runs the server confirms it, the line ",
		e);
}

static bool explain_status(const struct chain *chain, unsigned status, struct err *e)
{
	static const struct {
		unsigned bits;
		const char *why;
	} rows[] = {
		{ GNUTLS_CERT_PURPOSE_MISMATCH, "it is not for servers" },
		{ GNUTLS_CERT_REVOKED, "it, or one in its chain, was revoked" },
		{ GNUTLS_CERT_MISSING_OCSP_STATUS, "it requires proof that it is not revoked "
						   "(OCSP), and the server sent none" },
		{ GNUTLS_CERT_INVALID_OCSP_STATUS | GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED |
				GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE,
			"the server's proof that it is not revoked does not hold" },
		{ GNUTLS_CERT_INSECURE_ALGORITHM, "a signature or key in its chain is too weak" },
		{ GNUTLS_CERT_SIGNER_NOT_CA,
			"it is signed with a certificate that is not an authority's" },
		{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
			"an authority in its chain may not sign it" },
	};

	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
		return refuse_stranger(&chain->certs[0], e);
	if (status & GNUTLS_CERT_EXPIRED)
		return refuse_dates(chain, status & GNUTLS_CERT_NOT_ACTIVATED, e);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (status & rows[i].bits)
			return refuse_chain(e, rows[i].why);
	/* It may be the clock's fault, as nothing else is wrong. */
	if (status & GNUTLS_CERT_NOT_ACTIVATED)
		return refuse_dates(chain, true, e);
	return refuse_chain(e, "its chain of signatures does not hold");
}

/* --- the chain --- */

static void add_name(struct str *names, size_t *count, struct str name)
{
	for (size_t i = 0; i < *count; i++)
		if (str_eq(names[i], name))
			return;
	names[(*count)++] = name;
}

/*
 * Asks GnuTLS in the session, which knows what priorities and policy demand, with one authority.
 * It puts what was shown in an order of its own.
 */
static bool ask_session(const struct trust *trust, const struct path_cert *anchor,
	gnutls_session_t session, unsigned *ret_status)
{
	char purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
	gnutls_typed_vdata_st data[] = {
		{ .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)purpose },
	};
	gnutls_datum_t der = { (unsigned char *)(uintptr_t)anchor->read.whole.p,
		(unsigned)anchor->read.whole.len };
	gnutls_x509_trust_list_t list;

	if (gnutls_x509_trust_list_init(&list, 0) < 0)
		return false;
	bool good = gnutls_x509_trust_list_add_trust_mem(
			    list, &der, NULL, GNUTLS_X509_FMT_DER, 0, 0) == 1;
	gnutls_certificate_set_trust_list(trust_credentials(trust), list, 0); /* takes it over */
	return good &&
	       gnutls_certificate_verify_peers(session, data, ARRAY_LEN(data), ret_status) == 0;
}

/* The status of a path, by all that is demanded of it. */
static unsigned path_verdict(
	const struct trust *trust, const struct path *path, gnutls_session_t session)
{
	bool complete;
	unsigned flags = trust_path_flags(trust, &complete);
	unsigned status = path_status(path, flags);

	if (!status && !complete &&
		!ask_session(trust, path->certs[path->count - 1], session, &status))
		status = GNUTLS_CERT_INVALID;
	return status;
}

static bool check_name(const struct x509 *leaf, const struct trust_goal *goal, struct err *e)
{
	const char *host = goal->host;

	if (!x509_is_for(leaf, host) &&
		!(goal->service && x509_is_for_service(leaf, goal->service)))
		return refuse_name(leaf, goal, e);
	return true;
}

static bool may_sign(const struct path *path, const char *host)
{
	for (size_t i = 1; i < path->count; i++)
		for (size_t below = 0; below < i; below++) {
			const struct x509 *cert = &path->certs[below]->read;
			bool self_issued = below && str_eq(cert->issuer, cert->subject);
			if (!self_issued && !x509_allows(&path->certs[i]->read, cert, host))
				return false;
		}
	return true;
}

/* Checks what GnuTLS does not. */
static bool check_ourselves(const struct trust *trust, const struct path *path, struct err *e)
{
	const struct trust_goal *goal = trust_goal(trust);

	if (!check_name(&path->certs[0]->read, goal, e))
		return false;
	for (size_t i = 0; i < path->count; i++)
		if (x509_has_weak_curve(&path->certs[i]->read))
			return refuse_chain(e, "a key in its chain is too weak");
	if (!may_sign(path, goal->host))
		return refuse_chain(e, "an authority in its chain may not sign for these names");
	const char *revoked = revocation_by_lists(trust_revocation_lists(trust), path);
	return !revoked || refuse_chain(e, revoked);
}

static bool check_path(
	const struct trust *trust, const struct path *path, gnutls_session_t session, struct err *e)
{
	unsigned status = path_verdict(trust, path, session);
	struct chain used = { 0 };
	char here[CLOCK_DATE_MAX];

	for (size_t i = 0; i + 1 < path->count; i++)
		used.certs[used.count++] = path->certs[i]->read;
	if (!used.count)
		used.certs[used.count++] = path->certs[0]->read;
	if (status)
		return explain_status(&used, status, e);
	if (!check_ourselves(trust, path, e))
		return false;
	const char *why = revocation_by_staples(session, path);
	if (!why)
		return true;
	refuse_chain(e, why);
	if (why == revocation_from_the_future) {
		clock_date_5322(time(NULL), here);
		err_hint(e,
			"the clock here says %s; if that is wrong, set it: timedatectl set-ntp "
			"true",
			here);
	}
	return false;
}

/* One good path is enough; the error is about the first. */
static bool check_paths(const struct trust *trust, const struct chain *shown,
	gnutls_session_t session, struct err *e)
{
	struct paths *paths = path_find(shown->certs, shown->count, trust_list(trust));
	struct err first, other;
	bool good = false, ignored;

	for (size_t i = 0; i < path_count(paths) && !good; i++)
		good = check_path(trust, path_get(paths, i), session, i ? &other : &first);
	if (!path_count(paths))
		(void)explain_status(shown,
			path_status_of_all(
				paths, trust_list(trust), trust_path_flags(trust, &ignored)),
			&first);
	path_free(paths);
	if (!good)
		*e = first;
	if (!good && trust_is_short(trust))
		err_set(e, ERR_TEMPORARY,
			"the trusted authorities cannot be read: too little "
			"memory, or too many open files");
	return good;
}

static bool check_chain(const struct trust *trust, const struct chain *shown,
	gnutls_session_t session, struct err *e)
{
	struct str names[2 * PATH_SHOWN_MAX];
	struct err ignored;
	size_t count = 0;

	/* A chain may come in any order, end anywhere, and have the authority itself in it. */
	for (size_t i = 0; i < shown->count; i++) {
		add_name(names, &count, shown->certs[i].issuer);
		add_name(names, &count, shown->certs[i].subject);
	}
	bool more = trust_find_authorities(trust, names, count, CA_LOOKUP_QUICK);
	if (!more)
		return check_paths(trust, shown, session, e);
	if (check_paths(trust, shown, session, &ignored))
		return true;
	/* An authority of the same name may hide the right one. */
	(void)trust_find_authorities(trust, names, count, CA_LOOKUP_WHOLE);
	return check_paths(trust, shown, session, e);
}

bool verify_server(const struct trust *trust, gnutls_session_t session, struct err *e)
{
	const struct trust_options *t = trust_options(trust);
	struct chain chain;

	if (!read_chain(session, &chain, e))
		return false;
	if (trust_is_pinned(t))
		return check_pin(t, &chain.certs[0], e);
	return check_chain(trust, &chain, session, e);
}

/* --- sessions --- */

bool verify_again(const struct trust *trust, gnutls_session_t session, struct err *e)
{
	const struct trust_options *t = trust_options(trust);
	time_t now = time(NULL);
	struct chain chain;

	if (!read_chain(session, &chain, e))
		return false;
	if (trust_is_pinned(t))
		return check_pin(t, &chain.certs[0], e);
	for (size_t i = 0; i < chain.count; i++)
		if (now > chain.certs[i].until || now < chain.certs[i].from)
			return refuse_dates(&chain, false, e);
	return check_name(&chain.certs[0], trust_goal(trust), e);
}

/* Whether all that was shown, also in vain, is within its dates: verify_again() judges by that. */
static bool is_current(const struct chain *shown)
{
	time_t now = time(NULL);

	for (size_t i = 0; i < shown->count; i++)
		if (now > shown->certs[i].until || now < shown->certs[i].from)
			return false;
	return true;
}

time_t verify_until(const struct trust *trust, gnutls_session_t session)
{
	struct err ignored;
	struct chain chain;

	if (!read_chain(session, &chain, &ignored))
		return 0;
	if (trust_is_pinned(trust_options(trust)))
		return time(NULL) + SESSION_CACHE_SECONDS;
	if (!is_current(&chain))
		return 0;
	time_t until = chain.certs[0].until;
	for (size_t i = 0; i < chain.count; i++) {
		if (chain.certs[i].must_staple)
			return 0;
		if (chain.certs[i].until < until)
			until = chain.certs[i].until;
	}
	return until;
}

void verify_describe(gnutls_session_t session, struct buf *out)
{
	struct err ignored;
	struct chain chain;
	char date[CLOCK_DATE_MAX];

	if (!read_chain(session, &chain, &ignored))
		return;
	buf_add(out, STR("; certificate by "));
	distinguished_name_title(chain.certs[0].issuer, out);
	clock_date(chain.certs[0].until, "%Y-%m-%d", date, sizeof(date));
	buf_fmt(out, " until %s", date);
}

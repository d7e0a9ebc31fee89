/* SPDX-License-Identifier: MIT */
#include "tls/trust.h"

#include "base/mem.h"
#include "os/file.h"
#include "tls/client_certificate.h"
#include "tls/hash.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/stat.h>

/* Runs that need no TLS do not initialise GnuTLS. */
GNUTLS_SKIP_GLOBAL_INIT

enum { KEY_OCTETS = 65536, POLICY_OCTETS = 65536 };

/* Removed from what is allowed. A removal never allows what the system's policy forbids. */
#define NO_OLD_VERSIONS "-VERS-TLS1.0:-VERS-TLS1.1:-VERS-DTLS-ALL"

struct trust {
	struct trust_options options;
	struct trust_goal goal;
	char *host; /* without a dot at its end */
	gnutls_certificate_credentials_t cred;
	gnutls_x509_trust_list_t list;
	struct revocation_lists *revoked; /* NULL: none is given */
	gnutls_priority_t priorities;
	bool one_share;
	bool own_policy; /* neither the system nor the options have a say in strengths */
	struct authorities *authorities; /* NULL: not needed */
	struct session_cache sessions;
};

bool trust_is_pinned(const struct trust_options *options)
{
	return str_given(options->fingerprints) || str_given(options->pins);
}

bool trust_is_verifying(const struct trust_options *options)
{
	return options->check || trust_is_pinned(options);
}

/* --- loading --- */

static bool load_authorities(struct trust *trust, struct err *e)
{
	if (!trust->options.check || trust_is_pinned(&trust->options))
		return true;
	trust->authorities = ca_lookup_open(trust->options.trust_file, trust->list, e);
	if (!trust->authorities || !str_given(trust->options.crl_file))
		return trust->authorities;
	trust->revoked = revocation_load(trust->options.crl_file, e);
	return trust->revoked;
}

static bool load_identity(struct trust *trust, struct err *e)
{
	const struct trust_options *t = &trust->options;

	return !str_given(t->cert_file) ||
	       client_certificate_load(trust->cred, t->cert_file, t->key_file, e);
}

/*
 * Lists the allowed groups in their order, but X25519 first: it costs least, and nearly every
 * server supports it. False if X25519 is not allowed.
 */
static bool order_groups(gnutls_priority_t priorities, struct buf *text)
{
	const unsigned *groups;
	int count = gnutls_priority_group_list(priorities, &groups);
	bool found = false;

	/* A policy that begins with another group has a reason to. */
	if (count <= 0 || groups[0] != GNUTLS_GROUP_SECP256R1)
		return false;
	buf_add(text, STR(":-GROUP-ALL:+GROUP-X25519"));
	for (int i = 0; i < count; i++)
		if (groups[i] == GNUTLS_GROUP_X25519)
			found = true;
		else
			buf_fmt(text, ":+GROUP-%s",
				gnutls_group_get_name((gnutls_group_t)groups[i]));
	return found && !text->over;
}

/* Whether the system requires longer keys than we do. */
static bool policy_is_strict(void)
{
	static const char *const words[] = { "PROFILE_HIGH", "PROFILE_ULTRA", "PROFILE_FUTURE",
		"SECURE192", "SECURE256", "SUITEB" };
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(POLICY_OCTETS);
	const char *path = gnutls_get_system_config_file();
	struct file_facts facts;
	struct err ignored;

	if (!path || !file_read(path, &text, &facts, &ignored))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_find_same(buf_str(&text), str_of(words[i])) < text.len)
			return true;
	return false;
}

static bool has_policy_file(void)
{
	const char *path = gnutls_get_system_config_file();
	struct stat st;

	return path && stat(path, &st) == 0;
}

/* Loads the system's policy, and allows nothing that it forbids. */
static bool load_policy(struct trust *trust, const char *less, struct err *e)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(1000);
	gnutls_priority_t ordered;

	buf_fmt(&text, "%s%s", less, policy_is_strict() ? "" : ":%PROFILE_MEDIUM");
	int rc = gnutls_priority_init2(
		&trust->priorities, buf_text(&text), NULL, GNUTLS_PRIORITY_INIT_DEF_APPEND);
	if (rc < 0) {
		trust->priorities = NULL;
		return err_set(e, hash_failure(rc, ERR_CONFIG),
			"the TLS priorities of this system: %s", gnutls_strerror(rc));
	}
	trust->own_policy = !has_policy_file();
	if (!order_groups(trust->priorities, &text) ||
		gnutls_priority_init2(
			&ordered, buf_text(&text), NULL, GNUTLS_PRIORITY_INIT_DEF_APPEND) < 0)
		return true;
	gnutls_priority_deinit(trust->priorities);
	trust->priorities = ordered;
	trust->one_share = true;
	return true;
}

static bool load_priorities(struct trust *trust, struct err *e)
{
	const char *given = trust->options.priorities, *at = NULL;
	const char *no_tls12 = trust->options.tls13 ? ":-VERS-TLS1.2" : "";
	char *less CLEAN_UP(mem_free_at) = mem_fmt("%s%s", NO_OLD_VERSIONS, no_tls12);

	if (!str_given(given))
		return load_policy(trust, less, e);
	bool profiled = str_find_same(str_of(given), STR("%PROFILE")) < strlen(given);
	char *text CLEAN_UP(mem_free_at) =
		mem_fmt("%s:%s%s", given, less, profiled ? "" : ":%PROFILE_MEDIUM");
	int rc = gnutls_priority_init(&trust->priorities, text, &at);
	if (rc >= 0)
		return true;
	trust->priorities = NULL;
	size_t where = at && at >= text ? (size_t)(at - text) : 0;
	err_set(e, hash_failure(rc, ERR_CONFIG), "tls_priorities: %s, from \"%s\" on",
		gnutls_strerror(rc), where < strlen(given) ? given + where : given);
	return err_hint(e, "gnutls-cli --list --priority STRING shows what a string means");
}

/* Adds a file's facts, so that a changed file makes another key. */
static void add_file(struct buf *key, const char *what, const char *path)
{
	struct stat st = { 0 };

	if (path && !client_certificate_is_url(path))
		(void)stat(path, &st);
	buf_fmt(key, "%s %s %llu %lld %lld.%09ld %lld.%09ld\n", what, path ? path : "",
		(unsigned long long)st.st_ino, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec, (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

/* Sessions do not record revocation: with a CRL, every handshake is a full one. */
static void load_sessions(struct trust *trust)
{
	const struct trust_options *t = &trust->options;
	struct buf key CLEAN_UP(buf_done) = BUF_INIT(KEY_OCTETS);
	bool system = trust->authorities && !t->trust_file;

	trust->sessions.folder = NULL;
	if (!t->sessions || !trust->goal.peer || !trust_is_verifying(t) || str_given(t->crl_file))
		return;
	buf_fmt(&key, "gnutls %s\nfor %s\nhost %s\n", gnutls_check_version(NULL), trust->goal.peer,
		trust->goal.host);
	add_file(
		&key, "authorities", system ? ca_lookup_bundle(trust->authorities) : t->trust_file);
	add_file(&key, "policy", gnutls_get_system_config_file());
	add_file(&key, "certificate", t->cert_file);
	add_file(&key, "key", t->key_file);
	buf_fmt(&key, "fingerprints %s\npins %s\npriorities %s\ntls13 %d\n",
		t->fingerprints ? t->fingerprints : "", t->pins ? t->pins : "",
		t->priorities ? t->priorities : "", t->tls13);
	if (!key.over && session_cache_digest(buf_str(&key), trust->sessions.key))
		trust->sessions.folder = t->sessions;
}

static bool start_gnutls(struct trust *trust)
{
	if (gnutls_global_init() < 0)
		return false;
	if (gnutls_certificate_allocate_credentials(&trust->cred) < 0)
		trust->cred = NULL;
	else if (gnutls_x509_trust_list_init(&trust->list, 0) < 0)
		trust->list = NULL;
	if (!trust->list)
		return false;
	/* V1 certificates have no basicConstraints that would say who is an authority. */
	gnutls_certificate_set_verify_flags(trust->cred, GNUTLS_VERIFY_DO_NOT_ALLOW_X509_V1_CA_CRT);
	return true;
}

struct trust *trust_load(const struct trust_options *options, struct err *e)
{
	struct trust *trust = mem_alloc(sizeof(*trust));

	*trust = (struct trust) { .options = *options };
	bool good = start_gnutls(trust) || err_set(e, ERR_TEMPORARY, "GnuTLS does not start");
	if (good && load_priorities(trust, e) && load_authorities(trust, e) &&
		load_identity(trust, e))
		return trust;
	trust_free(trust);
	return NULL;
}

void trust_set_goal(struct trust *trust, const struct trust_goal *goal)
{
	/* A certificate's names have no dot of the DNS root (RFC 6066 section 3). */
	struct str host = str_chop(str_of(goal->host), '.');

	mem_free(trust->host);
	trust->host = mem_dup(host.p, host.len);
	trust->goal = *goal;
	trust->goal.host = trust->host;
	load_sessions(trust);
}

const struct trust_goal *trust_goal(const struct trust *trust)
{
	return &trust->goal;
}

void trust_free(struct trust *trust)
{
	if (!trust)
		return;
	if (trust->priorities)
		gnutls_priority_deinit(trust->priorities);
	if (trust->cred)
		gnutls_certificate_free_credentials(trust->cred);
	if (trust->list)
		gnutls_x509_trust_list_deinit(trust->list, 1);
	revocation_free(trust->revoked);
	ca_lookup_free(trust->authorities);
	gnutls_global_deinit();
	mem_free(trust->host);
	mem_free(trust);
}

const struct trust_options *trust_options(const struct trust *trust)
{
	return &trust->options;
}

struct gnutls_certificate_credentials_st *trust_credentials(const struct trust *trust)
{
	return trust->cred;
}

struct gnutls_priority_st *trust_priorities(const struct trust *trust)
{
	return trust->priorities;
}

bool trust_has_one_share(const struct trust *trust)
{
	return trust->one_share;
}

struct gnutls_x509_trust_list_st *trust_list(const struct trust *trust)
{
	return trust->list;
}

const struct revocation_lists *trust_revocation_lists(const struct trust *trust)
{
	return trust->revoked;
}

unsigned trust_path_flags(const struct trust *trust, bool *ret_complete)
{
	unsigned strength = trust->own_policy ? GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM)
					      : GNUTLS_VERIFY_ALLOW_BROKEN;

	*ret_complete = trust->own_policy;
	return GNUTLS_VERIFY_DO_NOT_ALLOW_X509_V1_CA_CRT | strength;
}

bool trust_find_authorities(const struct trust *trust, const struct str *names, size_t count,
	enum ca_lookup_effort effort)
{
	return trust->authorities &&
	       ca_lookup_find(trust->authorities, names, count, effort, trust->list);
}

bool trust_is_short(const struct trust *trust)
{
	return trust->authorities && ca_lookup_is_short(trust->authorities);
}

const struct session_cache *trust_sessions(const struct trust *trust)
{
	return &trust->sessions;
}

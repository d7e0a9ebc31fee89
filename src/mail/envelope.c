/* SPDX-License-Identifier: MIT */
#include "mail/envelope.h"

#include "base/buf.h"
#include "base/mem.h"
#include "mail/addr.h"

#include <string.h>

enum { HINTS_MOST = 64 }; /* different ones; they come from a table */

/* A struct err without its empty room: a list may have 100,000 of them. */
struct refusal {
	enum err_kind kind;
	int os, reply;
	char enhanced[sizeof(((struct err *)0)->enhanced)];
	const char *hint; /* the envelope's */
	size_t said_at;
	char text[]; /* what, NUL, said, NUL */
};

void envelope_done(struct envelope *env)
{
	for (size_t i = 0; i < env->hint_count; i++)
		mem_free(env->hints[i]);
	mem_free(env->hints);
	for (size_t i = 0; i < env->count; i++) {
		mem_free(env->rcpts[i].addr);
		mem_free(env->rcpts[i].refusal);
		mem_free(env->rcpts[i].dsn.orcpt);
	}
	mem_free(env->rcpts);
	lookup_done(&env->addresses);
	mem_free(env->from);
	*env = (struct envelope) { 0 };
}

void envelope_from(struct envelope *env, const char *wire)
{
	char *copy = mem_str(wire);

	mem_free(env->from);
	env->from = copy;
}

/* The domain in lower case, so that addresses equal by addr_same() have equal hashes. */
static uint32_t hash_address(const char *addr)
{
	return lookup_hash(str_of(addr), (size_t)(addr_domain(addr).p - addr));
}

static bool has_address(const void *rows, size_t position, const void *addr)
{
	return addr_same(((const struct rcpt *)rows)[position].addr, addr);
}

bool envelope_add(struct envelope *env, const char *wire, struct err *e)
{
	uint32_t hash = hash_address(wire);

	if (lookup_find(&env->addresses, hash, has_address, env->rcpts, wire) != LOOKUP_NONE)
		return true;
	if (env->count == ENVELOPE_MAX)
		return err_set(e, ERR_DATA, "more than %d recipients", (int)ENVELOPE_MAX);
	if (env->count == env->cap) {
		env->cap = env->cap ? env->cap * 2 : 8;
		env->rcpts = mem_grow(env->rcpts, env->cap * sizeof(*env->rcpts));
	}
	lookup_add(&env->addresses, hash, env->count);
	env->rcpts[env->count++] = (struct rcpt) { .addr = mem_str(wire) };
	return true;
}

void envelope_reset(struct envelope *env)
{
	for (size_t i = 0; i < env->count; i++) {
		mem_free(env->rcpts[i].refusal);
		env->rcpts[i].refusal = NULL;
		env->rcpts[i].status = RCPT_PENDING;
	}
}

/* The envelope's own copy of the hint; "" if there are too many. */
static const char *keep_hint(struct envelope *env, const char *hint)
{
	for (size_t i = 0; i < env->hint_count; i++)
		if (strcmp(env->hints[i], hint) == 0)
			return env->hints[i];
	if (env->hint_count == HINTS_MOST)
		return "";
	if (!env->hints)
		env->hints = mem_alloc(HINTS_MOST * sizeof(*env->hints));
	env->hints[env->hint_count] = mem_str(hint);
	return env->hints[env->hint_count++];
}

void envelope_refuse(struct envelope *env, size_t position, const struct err *why)
{
	struct rcpt *rcpt = &env->rcpts[position];
	size_t what = strlen(why->what) + 1, said = strlen(why->said) + 1;
	struct refusal *r = mem_alloc(sizeof(*r) + what + said);

	*r = (struct refusal) {
		.kind = why->kind,
		.os = why->os,
		.reply = why->reply,
		.hint = keep_hint(env, why->hint),
		.said_at = what,
	};
	memcpy(r->enhanced, why->enhanced, sizeof(r->enhanced));
	memcpy(r->text, why->what, what);
	memcpy(r->text + what, why->said, said);
	mem_free(rcpt->refusal);
	rcpt->refusal = r;
	rcpt->status = RCPT_REFUSED;
}

bool rcpt_refusal(const struct rcpt *rcpt, struct err *ret)
{
	const struct refusal *r = rcpt->refusal;

	if (!r)
		return false;
	*ret = (struct err) { .kind = r->kind, .os = r->os, .reply = r->reply };
	memcpy(ret->enhanced, r->enhanced, sizeof(ret->enhanced));
	text_fmt(ret->what, sizeof(ret->what), "%s", r->text);
	text_fmt(ret->said, sizeof(ret->said), "%s", r->text + r->said_at);
	text_fmt(ret->hint, sizeof(ret->hint), "%s", r->hint);
	return true;
}

void rcpt_ask(struct rcpt *r, const struct dsn_rcpt *asked)
{
	mem_free(r->dsn.orcpt);
	r->dsn = (struct dsn_rcpt) {
		.notify = asked->notify,
		.orcpt = asked->orcpt ? mem_str(asked->orcpt) : NULL,
	};
}

size_t envelope_tally(const struct envelope *env, enum rcpt_status status)
{
	size_t n = 0;

	for (size_t i = 0; i < env->count; i++)
		n += env->rcpts[i].status == status;
	return n;
}

const struct err *envelope_refusal(const struct envelope *env, struct err *ret)
{
	struct err one;
	bool any = false, mixed = false;

	for (size_t i = 0; i < env->count; i++) {
		if (!rcpt_refusal(&env->rcpts[i], &one))
			continue;
		if (!any || err_is_temporary(&one))
			*ret = one;
		if (err_is_temporary(&one))
			return ret;
		any = true;
		mixed = mixed || err_status(&one) != err_status(ret);
	}
	if (mixed)
		err_set(ret, ERR_UNAVAILABLE, "recipients refused for several reasons");
	return any ? ret : NULL;
}

/* SPDX-License-Identifier: MIT */
#include "mail/envelope.h"

#include "base/mem.h"
#include "mail/addr.h"

#include <string.h>

void envelope_done(struct envelope *env)
{
	for (size_t i = 0; i < env->count; i++) {
		mem_free(env->rcpts[i].addr);
		mem_free(env->rcpts[i].refusal);
		mem_free(env->rcpts[i].dsn.orcpt);
	}
	mem_free(env->rcpts);
	mem_free(env->slots);
	mem_free(env->from);
	*env = (struct envelope) { 0 };
}

void envelope_from(struct envelope *env, const char *wire)
{
	char *copy = mem_str(wire);

	mem_free(env->from);
	env->from = copy;
}

/* FNV-1a, the domain in lower case, so that addresses equal by addr_same() have equal hashes. */
static size_t hash_address(const char *addr)
{
	const char *domain = addr_domain(addr).p;
	uint32_t h = 2166136261u;

	for (; *addr; addr++)
		h = (h ^ (unsigned char)(addr < domain ? *addr : chr_lower(*addr))) * 16777619u;
	return h;
}

/* The slot that holds addr, or the free one where it would be. */
static uint32_t *slot_of(struct envelope *env, const char *addr)
{
	size_t at = hash_address(addr) & (env->slot_count - 1);

	while (env->slots[at] && !addr_same(env->rcpts[env->slots[at] - 1].addr, addr))
		at = (at + 1) & (env->slot_count - 1);
	return &env->slots[at];
}

static void grow(struct envelope *env)
{
	env->cap = env->cap ? env->cap * 2 : 8;
	env->rcpts = mem_grow(env->rcpts, env->cap * sizeof(*env->rcpts));
	mem_free(env->slots);
	env->slot_count = env->cap * 2;
	env->slots = mem_alloc(env->slot_count * sizeof(*env->slots));
	for (size_t i = 0; i < env->count; i++)
		*slot_of(env, env->rcpts[i].addr) = (uint32_t)i + 1;
}

bool envelope_add(struct envelope *env, const char *wire, struct err *e)
{
	if (env->count == env->cap)
		grow(env);
	uint32_t *slot = slot_of(env, wire);
	if (*slot)
		return true;
	if (env->count == ENVELOPE_MAX)
		return err_set(e, ERR_DATA, "more than %d recipients", (int)ENVELOPE_MAX);
	env->rcpts[env->count] = (struct rcpt) { .addr = mem_str(wire) };
	*slot = (uint32_t)++env->count;
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

void rcpt_refuse(struct rcpt *r, const struct err *why)
{
	if (!r->refusal)
		r->refusal = mem_alloc(sizeof(*r->refusal));
	*r->refusal = *why;
	r->status = RCPT_REFUSED;
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

const struct err *envelope_refusal(const struct envelope *env, struct err *mixed)
{
	const struct err *first = NULL;

	for (size_t i = 0; i < env->count; i++) {
		const struct err *why = env->rcpts[i].refusal;
		if (!why)
			continue;
		if (err_is_temporary(why))
			return why;
		if (!first)
			first = why;
		else if (first != mixed && err_status(first) != err_status(why)) {
			err_set(mixed, ERR_UNAVAILABLE, "recipients refused for several reasons");
			first = mixed;
		}
	}
	return first;
}

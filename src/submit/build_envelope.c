/* SPDX-License-Identifier: MIT */
#include "submit/build_envelope.h"

#include "base/log.h"
#include "base/mem.h"
#include "conf/pattern.h"
#include "mail/addr_complete.h"
#include "mail/address_fields.h"
#include "os/host.h"

#include <string.h>

void built_envelope_done(struct built_envelope *p)
{
	envelope_done(&p->env);
	envelope_done(&p->to);
	envelope_done(&p->asked);
	aliases_file_done(&p->aliases);
	mem_free(p->utf8);
}

/* Keeps the first address that needs SMTPUTF8. */
static void note_utf8(struct built_envelope *p, const char *what, const char *address)
{
	if (!p->utf8 && !str_is_ascii(str_of(address)))
		p->utf8 = mem_fmt("%s %s", what, address);
}

/* --- recipients --- */

static bool refuse_bare(const char *name, struct err *e)
{
	err_set(e, ERR_NOUSER, "recipient %s has no domain", name);
	return err_hint(e, "write %s@DOMAIN, or add to the account a line: from ADDRESS", name);
}

/* Completes a bare name, which is bare afterwards only if nothing is known to complete it. */
static bool complete_name(const struct build_envelope_options *t, struct addr *a, struct err *e)
{
	struct addr_home home = { t->domain, t->from, t->host };

	addr_come_home(a, &home);
	return addr_complete(a, &home, e);
}

/* Completes a bare recipient: by the domain, or else to the address of the account's owner. */
static bool complete_recipient(
	const struct build_envelope_options *t, struct addr *a, struct err *e)
{
	return complete_name(t, a, e) && (!addr_is_bare(a) || refuse_bare(a->text, e));
}

/* A recipient that is being looked up. */
struct asked {
	const struct build_envelope_options *t;
	struct built_envelope *p;
	const char *name;
};

/* Names that are meant even without a domain: whoever looks after this machine, and oneself. */
static bool is_familiar(const char *name)
{
	struct err ignored;
	char *login CLEAN_UP(mem_free_at) = pattern_expand("%U", NULL, &ignored);

	return str_same(str_of(name), STR("root")) || str_same(str_of(name), STR("postmaster")) ||
	       (login && strcmp(login, name) == 0);
}

/* A bare name that nothing but the owner's address stands for may be a word of a text. */
static bool is_slip(const struct asked *asked, const struct addr *a)
{
	return asked->p->typed && addr_is_bare(a) && !asked->t->domain &&
	       strcmp(a->text, asked->name) == 0 && !is_familiar(a->text) &&
	       !aliases_file_has(&asked->p->aliases, a);
}

static bool refuse_slip(const char *name, struct err *e)
{
	err_set(e, ERR_NOUSER, "recipient %s has no domain, and there is no alias of that name",
		name);
	return err_hint(e,
		"are quotes missing around a text with blanks, or a name with a comma? to write to "
		"%s, say "
		"%s@DOMAIN, or add a line: maildomain DOMAIN",
		name, name);
}

static bool add_resolved(void *ctx, const struct addr *found, struct err *e)
{
	struct asked *asked = ctx;
	struct envelope *env = &asked->p->env;
	struct addr a = *found;
	size_t before = env->count;

	if (is_slip(asked, &a))
		return refuse_slip(a.text, e);
	if (!complete_recipient(asked->t, &a, e) || !envelope_add(env, a.text, e))
		return false;
	note_utf8(asked->p, "recipient", a.text);
	if (asked->t->told && (env->count > before || strcmp(asked->name, a.text) != 0))
		asked->t->told(asked->t->ctx, asked->name, a.text);
	return true;
}

/* Adds the recipients that a stands for; a name that was looked up before adds none. */
static bool add_one(const struct build_envelope_options *t, const struct addr *a,
	struct built_envelope *p, struct err *e)
{
	struct asked asked = { t, p, a->text };
	size_t before = p->asked.count;

	if (!aliases_file_concerns(&p->aliases, a))
		return add_resolved(&asked, a, e);
	if (!envelope_add(&p->asked, a->text, e))
		return false;
	if (p->asked.count == before ||
		aliases_file_expand(&p->aliases, a, add_resolved, &asked, e))
		return true;
	return e->kind == ERR_CONFIG ? err_in(e, "%s", a->text) : false;
}

/* Adds a to `to` without expanding it, as aliases are private; it stays bare if need be. */
static bool add_to(const struct build_envelope_options *t, struct addr a, struct built_envelope *p,
	struct err *e)
{
	struct err ignored;

	(void)complete_recipient(t, &a, &ignored);
	return envelope_add(&p->to, a.text, e);
}

static bool add_list(const struct build_envelope_options *t, struct str text, bool in_to,
	struct built_envelope *p, struct err *e)
{
	struct addr_list list = { .rest = text };
	struct addr a;
	enum addr_got got;

	while ((got = addr_next(&list, &a, e)) == ADDR_ONE)
		if (!add_one(t, &a, p, e) || (in_to && !add_to(t, a, p, e)))
			return false;
	return got == ADDR_END;
}

static bool add_arguments(
	const struct build_envelope_options *t, struct built_envelope *p, struct err *e)
{
	p->typed = t->typed;
	for (size_t i = 0; i < t->count; i++) {
		size_t k = p->env.count;
		if (!add_list(t, str_of(t->recipients[i]), !t->read_recipients, p, e))
			return err_in(e, "recipient");
		for (; t->asked && k < p->env.count; k++)
			rcpt_ask(&p->env.rcpts[k], &t->asked[i]);
	}
	p->typed = false;
	return true;
}

static bool is_resent(const struct header *h, const struct field *f)
{
	return str_starts_same(field_name(h, f), STR("Resent-"));
}

/* A bit for each field that a Resent- block has once (RFC 5322 section 3.6.6); 0 for others. */
static unsigned once(const struct header *h, const struct field *f)
{
	static const char *const names[] = { "Resent-From", "Resent-Date", "Resent-Sender",
		"Resent-Message-ID" };

	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (field_is(h, f, names[i]))
			return 1U << i;
	return 0;
}

/* The end of the block that begins at i: another field, or the beginning of the next block. */
static size_t block_end(const struct header *h, size_t i)
{
	unsigned seen = 0;

	for (; i < h->count && is_resent(h, &h->fields[i]); i++) {
		unsigned bit = once(h, &h->fields[i]);
		if (seen & bit)
			break;
		seen |= bit;
	}
	return i;
}

/* Where recipients are read: all fields, or those of the Resent- block that names somebody. */
struct block {
	bool resent; /* there are Resent- fields */
	size_t first, from, end;
};

/* Whether a field from i to end names somebody, or does not parse, which is told later. */
static bool names_somebody(const struct header *h, size_t i, size_t end)
{
	struct err ignored;
	struct addr a;

	for (; i < end; i++) {
		struct addr_list list = { .rest = field_value(h, &h->fields[i]) };
		if (address_field_of(field_name(h, &h->fields[i])).recipients &&
			addr_next(&list, &a, &ignored) != ADDR_END)
			return true;
	}
	return false;
}

static struct block find_block(const struct header *h)
{
	struct block found = { .end = h->count };

	for (size_t i = 0, end; i<h->count; i = end> i ? end : i + 1) {
		end = block_end(h, i);
		if (end == i)
			continue;
		if (!found.resent)
			found = (struct block) {
				.resent = true, .first = i, .from = i, .end = end
			};
		if (names_somebody(h, i, end)) {
			found.from = i;
			found.end = end;
			break;
		}
	}
	return found;
}

/* In such a list a bare name is rather a part of a name: "Lee, Ann <ann@example.org>". */
static bool has_display_name(struct str value)
{
	struct addr_list list = { .rest = value };
	struct err ignored;
	struct addr a;

	while (addr_next(&list, &a, &ignored) == ADDR_ONE)
		if (a.phrase.len)
			return true;
	return false;
}

static bool add_fields(const struct build_envelope_options *t, const struct header *h,
	struct built_envelope *p, struct err *e)
{
	struct block block = find_block(h);

	p->resent = block.resent;
	for (size_t i = block.from; i < block.end; i++) {
		const struct field *f = &h->fields[i];
		struct address_field is = address_field_of(field_name(h, f));
		if (!is.recipients || is.resent != block.resent)
			continue;
		bool in_to = !block.resent && !is.hidden;
		p->typed = t->typed && t->composed && has_display_name(field_value(h, f));
		if (!add_list(t, field_value(h, f), in_to, p, e))
			return err_in(e, "field %.*s", STR_ARG(field_name(h, f)));
	}
	return true;
}

/* --- aliases in the header --- */

struct single {
	struct addr addr;
	size_t count;
};

static bool take_single(void *ctx, const struct addr *a, struct err *e)
{
	struct single *s = ctx;

	if (s->count && addr_same(s->addr.text, a->text))
		return true;
	s->addr = *a;
	return ++s->count == 1 || err_set(e, ERR_NONE, "more than one");
}

const char *built_envelope_alias(void *envelope, const char *name)
{
	struct built_envelope *p = envelope;
	struct single single = { .count = 0 };
	struct addr a;
	struct err e = { 0 };

	bool good = addr_one(str_of(name), &a, &e) &&
		    aliases_file_expand(&p->aliases, &a, take_single, &single, &e);
	if (!good && single.count < 2)
		log_warning("%s stays as it is in the header: %s", name, e.what);
	if (!good || strcmp(single.addr.text, name) == 0)
		return NULL;
	p->alias = single.addr;
	if (!complete_recipient(p->options, &p->alias, &e))
		return NULL;
	return p->alias.text;
}

/* --- the sender --- */

/* The first address of the first field of that name among those from i to end. */
static bool first_of(
	const struct header *h, size_t i, size_t end, const char *name, struct addr *ret)
{
	for (; i < end; i++)
		if (field_is(h, &h->fields[i], name))
			return address_field_author(field_value(h, &h->fields[i]), ret);
	return false;
}

bool header_from_address(const struct header *h, struct addr *ret)
{
	struct block block = find_block(h);

	return (block.resent && first_of(h, block.first, block.end, "Resent-From", ret)) ||
	       first_of(h, 0, h->count, "From", ret);
}

static bool is_null(const char *sender)
{
	return !sender[0] || strcmp(sender, "<>") == 0 || strcmp(sender, "MAILER-DAEMON") == 0;
}

static bool no_sender(const char *name, struct err *e)
{
	err_set(e, ERR_CONFIG, "no sender is known%s%s", name[0] ? " for " : "", name);
	return err_hint(
		e, "use -f ADDRESS, or add to the account a line: from ADDRESS (no pattern)");
}

/* Completes a bare sender by maildomain, the account's address, or this host's mail name. */
static bool complete_sender(const struct build_envelope_options *t, struct addr *a, struct err *e)
{
	char host[HOST_NAME_OCTETS];

	if (!complete_name(t, a, e))
		return false;
	if (!addr_is_bare(a))
		return true;
	if (host_mailname(host) || host_public_name(host))
		return addr_set_domain(a, str_of(host), e);
	return no_sender(a->text, e);
}

static bool find_sender(
	const struct build_envelope_options *t, struct built_envelope *p, struct err *e)
{
	const char *sender = t->sender ? t->sender : t->from;
	struct addr a;

	if (!sender)
		return no_sender("", e);
	if (t->sender && is_null(t->sender)) {
		envelope_from(&p->env, "");
		return true;
	}
	if (!addr_one(str_of(sender), &a, e))
		return err_in(e, "sender");
	if (!complete_sender(t, &a, e))
		return false;
	note_utf8(p, "sender", a.text);
	envelope_from(&p->env, a.text);
	return true;
}

bool build_envelope(const struct build_envelope_options *options, const struct header *h,
	struct built_envelope *ret, struct err *e)
{
	ret->options = options;
	ret->aliases.path = options->aliases;
	ret->aliases.preset = options->aliases_preset;
	if (!find_sender(options, ret, e) || !add_arguments(options, ret, e))
		return false;
	if (options->read_recipients && !add_fields(options, h, ret, e))
		return false;
	if (ret->env.count)
		return true;
	err_set(e, ERR_USAGE, "there is no recipient");
	if (!options->read_recipients)
		return err_hint(e, "name recipients as arguments, or use -t to take them from To, "
				   "Cc and Bcc");
	return err_hint(e,
		ret->resent ? "the Resent- fields name no recipient: put an address in Resent-To, "
			      "remove the fields, or name recipients on the command line"
			    : "To, Cc and Bcc name no recipient: put an address in one of them, or "
			      "on the command line");
}

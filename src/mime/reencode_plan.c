/* SPDX-License-Identifier: MIT */
#include "mime/reencode_plan.h"

#include "base/buf.h"
#include "mail/body.h"
#include "mime/part_walk.h"

static bool is_label(enum mime_encoding encoding)
{
	return encoding == ENCODING_8BIT || encoding == ENCODING_BINARY;
}

static bool has_8bit(const struct reencode_part *p)
{
	return p->header_8bit || p->body_8bit || p->outside_8bit;
}

/* --- obstacles --- */

struct obstacle {
	const char *reason, *hint;
};

/* Why the content of this part must not be changed; reason NULL: it may be. */
static struct obstacle forbidden(const struct reencode_facts *f, const struct reencode_part *p)
{
	static const char sign[] = "encode it as quoted-printable or base64 before it is signed, "
				   "or choose with -a an account whose server has 8BITMIME";

	if (f->limit)
		return (struct obstacle) { f->limit,
			"split it into smaller messages, or choose with -a an account whose server "
			"has 8BITMIME" };
	if (f->dkim)
		return (struct obstacle) { "its DKIM-Signature would break", sign };
	if (p->sealed)
		return (struct obstacle) { "it is inside a signed or encrypted part", sign };
	return (struct obstacle) { p->flaw, "correct the structure of the message (--dry-run shows "
					    "it), or choose another account with -a" };
}

static const char *stuck_content(const struct reencode_part *p)
{
	if (!p->composite && p->encoding == ENCODING_OTHER)
		return "its Content-Transfer-Encoding is not known";
	if (!p->composite && !encoding_is_identity(p->encoding))
		return "it is labelled as base64 or quoted-printable, which have no such octets";
	return NULL;
}

/* Quoted-printable with octets that the writer left as they were; no composite may be labelled so.
 */
static bool can_mend(const struct reencode_part *p)
{
	return !p->composite && p->encoding == ENCODING_QP &&
	       !str_starts(str_of(p->type), STR("multipart/")) &&
	       !str_starts(str_of(p->type), STR("message/"));
}

/* Why the 8-bit octets of this part cannot be encoded. */
static struct obstacle keeps_8bit(const struct reencode_facts *f, const struct reencode_part *p)
{
	static const char label[] =
		"label it: Content-Type: text/plain; charset=UTF-8 (or what it is), and the "
		"Content-Transfer-Encoding that it really has";
	struct obstacle found = forbidden(f, p);

	if (found.reason)
		return found;
	if (p->header_8bit && p->parent == REENCODE_TOP)
		return (struct obstacle) { "they are in its header",
			"encode header fields by RFC 2047" };
	if (p->header_stuck)
		return (struct obstacle) { "they are where a header field has no encoding for them",
			"write addresses and identifiers of its header in ASCII" };
	if (p->outside_8bit && !p->has_parts)
		return (struct obstacle) { "its boundary does not occur in it",
			"correct the boundary in Content-Type, or take multipart/... out of it" };
	return (struct obstacle) { p->body_8bit && !can_mend(p) ? stuck_content(p) : NULL, label };
}

/* "part 1.2", numbered as in IMAP (RFC 3501 section 6.4.5) */
static void add_number(
	const struct reencode_facts *f, const struct reencode_part *p, struct buf *out)
{
	unsigned numbers[PART_WALK_DEPTH + 1];
	size_t n = 0;

	for (; p->parent != REENCODE_TOP; p = &f->parts[p->parent])
		if (!p->message || !p->composite)
			numbers[n++] = p->number;
	for (size_t i = n; i--;)
		buf_fmt(out, "%u%s", numbers[i], i ? "." : "");
}

static bool refuse_part(const struct reencode_facts *f, const struct reencode_part *p,
	const struct obstacle *why, struct err *e)
{
	struct buf name CLEAN_UP(buf_done) = BUF_INIT(2000);

	if (p->parent == REENCODE_TOP) {
		buf_add(&name, STR("the message"));
	} else {
		buf_add(&name, STR("part "));
		add_number(f, p, &name);
		if (p->type[0])
			buf_fmt(&name, " (%s)", p->type);
	}
	err_set(e, ERR_DATA, "%s has 8-bit octets that cannot be encoded: %s", buf_text(&name),
		why->reason);
	return err_hint(e, "%s", why->hint);
}

/* --- decisions --- */

static bool decide_sevenbit(struct reencode_facts *f, struct err *e)
{
	for (size_t i = 0; i < f->count; i++) {
		struct reencode_part *p = &f->parts[i];
		if (!has_8bit(p) && !(f->limit && f->has_8bit))
			continue;
		struct obstacle why = keeps_8bit(f, p);
		if (why.reason)
			return refuse_part(f, p, &why, e);
		p->mend_body = p->body_8bit && can_mend(p);
		p->reencode_message = p->body_8bit && !p->mend_body;
		p->mask_outside = p->outside_8bit;
		p->encode_header = p->header_8bit;
	}
	return true;
}

static void decide_long_line(const struct reencode_facts *f, struct reencode_part *p)
{
	if (p->longest > BODY_LINE && p->text && !forbidden(f, p).reason && !stuck_content(p))
		p->reencode_message = true;
}

/* --- what follows from the decisions --- */

/* Whether its own content, or what stands between its parts, changes. */
static bool changes_octets(const struct reencode_part *p)
{
	return p->reencode_message || p->mend_body || p->mask_outside;
}

/* Whether 8-bit octets are left in it, its header apart. */
static bool keeps_octets(const struct reencode_part *p)
{
	return (p->body_8bit && !p->reencode_message && !p->mend_body) ||
	       (p->outside_8bit && !p->mask_outside);
}

static bool keeps_long_lines(const struct reencode_part *p)
{
	return (p->longest > BODY_LINE && !p->reencode_message) ||
	       (p->composite && p->longest_else > BODY_LINE);
}

/* Derives labels of composites from their content, from the leaves upwards. */
static void decide_labels(struct reencode_facts *f)
{
	for (size_t i = f->count; i--;) {
		struct reencode_part *p = &f->parts[i];
		struct reencode_part *parent =
			p->parent == REENCODE_TOP ? NULL : &f->parts[p->parent];
		p->changed_below |= changes_octets(p);
		p->needs_8bit |= keeps_octets(p) || keeps_long_lines(p);
		p->relabel =
			p->composite && p->changed_below && !p->needs_8bit && is_label(p->encoding);
		p->add_version = p->message && p->changed_below && !p->versioned;
		if (!parent)
			continue;
		parent->changed_below |= p->changed_below;
		parent->needs_8bit |= p->needs_8bit || (p->header_8bit && !p->encode_header);
	}
}

static void count(const struct reencode_facts *f, struct reencode_outcome *ret)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct reencode_part *p = &f->parts[i];
		bool is_long = p->longest > BODY_LINE && !p->reencode_message;
		ret->recoded += p->reencode_message;
		ret->passed += is_long || p->longest_else > BODY_LINE;
		ret->changes |= p->encode_header || changes_octets(p);
		ret->has_8bit |= (p->header_8bit && !p->encode_header) || keeps_octets(p);
	}
	/* Parts beyond the limit count as one. */
	ret->passed += f->limit != NULL;
	ret->has_8bit |= f->limit && f->has_8bit;
}

bool reencode_plan_decide(
	struct reencode_facts *f, unsigned wanted, struct reencode_outcome *ret, struct err *e)
{
	*ret = (struct reencode_outcome) { 0 };
	if (wanted & REENCODE_SEVENBIT && !decide_sevenbit(f, e))
		return false;
	for (size_t i = 0; wanted & REENCODE_LONG_LINES && i < f->count; i++)
		decide_long_line(f, &f->parts[i]);
	decide_labels(f);
	count(f, ret);
	return true;
}

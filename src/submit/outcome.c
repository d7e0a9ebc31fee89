/* SPDX-License-Identifier: MIT */
#include "submit/outcome.h"

#include "base/mem.h"
#include "os/interrupt.h"

/* The message was accepted, but not for every recipient. */
static void take_refusal(const struct err *refusal, size_t accepted, struct err *e)
{
	char others[40] = "recipient";

	*e = *refusal;
	if (accepted > 1)
		text_fmt(others, sizeof(others), "%zu recipients", accepted);
	(void)err_hint(e,
		"the message was accepted for the other %s; send it again%s, naming "
		"them on the command line without -t",
		others,
		err_is_temporary(refusal) ? " later to those alone who do not have it"
					  : " to corrected addresses alone");
}

static enum disposition refused(const struct err *why)
{
	return err_is_temporary(why) ? DISPOSITION_LATER : DISPOSITION_NEVER;
}

static enum disposition dispose(const struct rcpt *r, const struct outcome *o)
{
	struct err why;

	switch (r->status) {
	case RCPT_ACCEPTED:
		return DISPOSITION_DONE;
	case RCPT_REFUSED:
		must(rcpt_refusal(r, &why));
		return refused(&why);
	case RCPT_OK:
		if (o->what == OUTCOME_UNKNOWN)
			return DISPOSITION_UNKNOWN;
		break;
	case RCPT_PENDING:
		break;
	}
	return refused(&o->err);
}

static void dispose_all(struct envelope *env, struct outcome *o)
{
	o->status = err_status(&o->err);
	for (size_t i = 0; env && i < env->count; i++)
		env->rcpts[i].disposition = dispose(&env->rcpts[i], o);
	if (o->what == OUTCOME_UNKNOWN)
		o->disposition = DISPOSITION_UNKNOWN;
	else
		o->disposition = o->status == EX_OK ? DISPOSITION_DONE : refused(&o->err);
}

void outcome_take(const struct client_result *result, struct envelope *env, struct outcome *ret)
{
	size_t accepted = envelope_tally(env, RCPT_ACCEPTED);
	struct err mixed;
	const struct err *refusal = envelope_refusal(env, &mixed);

	ret->what = result->outcome;
	ret->err = result->err;
	if (result->outcome == OUTCOME_ACCEPTED && refusal)
		take_refusal(refusal, accepted, &ret->err);
	dispose_all(env, ret);
	must(ret->status != EX_OK || ret->what == OUTCOME_ACCEPTED);
	/* Recipients who have the message keep it, whatever became of the others. */
	ret->mixed =
		accepted && (result->outcome != OUTCOME_ACCEPTED || err_is_temporary(&ret->err));
	if (accepted && result->outcome != OUTCOME_UNKNOWN)
		ret->what = OUTCOME_ACCEPTED;
}

void outcome_not_sent(struct envelope *env, struct outcome *ret)
{
	ret->what = OUTCOME_NOT_SENT;
	dispose_all(env, ret);
}

bool outcome_is_interrupted(struct outcome *o)
{
	/* A list sent in parts has no verdict either, if some parts were not sent. */
	bool open = o->what == OUTCOME_UNKNOWN ||
		    ((o->what == OUTCOME_NOT_SENT || o->mixed) && !o->err.reply);
	const char *became = "nothing was sent";

	interrupt_hold(true);
	if (!interrupt_signal() || !(open || o->err.kind == ERR_INTERRUPTED))
		return false;
	if (o->what == OUTCOME_UNKNOWN)
		became = "the message may have been delivered";
	else if (o->mixed)
		became = "only some recipients have the message";
	err_set(&o->err, ERR_INTERRUPTED, "ended by %s; %s", interrupt_name(), became);
	o->status = err_status(&o->err);
	must(o->disposition != DISPOSITION_DONE);
	return true;
}

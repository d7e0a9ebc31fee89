/* SPDX-License-Identifier: MIT */
/*
 * option - the table of the options, and all long names there are: theirs and those of the
 * settings.
 *
 * The rows are in option.def. A long name may be cut as long as no other begins so; '-' and '_' are
 * the same in it.
 */
#ifndef CONF_OPTION_H
#define CONF_OPTION_H

#include "base/err.h"

enum option_flags {
	OF_SENDMAIL = 1,
	OF_IGNORED = 2,
	OF_NOT_SENDMAIL = 4,
	OF_ONLY_SENDMAIL = 8,
	OF_COMPOSE = 16,
	OF_HELP_MESSAGE = 32,
	OF_HELP_RECIPIENTS = 64,
	OF_HELP_ACCOUNT = 128,
	OF_HELP_LOOK = 256,
	OF_HELP_OUTPUT = 512
};

enum option_id {
#define OPTION(id, ...) OPTION_##id,
#include "conf/option.def"
#undef OPTION
	OPTION_COUNT
};

struct option_row {
	char letter; /* 0: none */
	const char *name, *arg;
	unsigned flags;
	const char *help;
};

const struct option_row *option_row(enum option_id id);
enum option_id option_id(const struct option_row *row);

/* The one long name that begins with `cut`, or is it; NULL if none does, or *ret_several do. */
const char *option_find_name(struct str cut, bool *ret_several);
/* Adds to e, which refuses `cut`, a hint with the names that may be meant, if there are any. */
void option_hint_names(struct str cut, bool several, struct err *e);
/* The same for a long name, as option_find_name() has it, that was written with one dash. */
bool option_hint_dashes(const char *name, struct err *e);

#endif
